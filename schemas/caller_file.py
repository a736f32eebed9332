"""What admin and the merger say to each other of one caller; see ingest/merger/internal_handlers.py."""

from typing import Annotated

from msgspec import Meta, Struct

CallerNumber = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{7,14}(?![\s\S])")]
CallUuid = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:@\-]+(?![\s\S])")]


class CallerAsked(Struct, frozen=True, kw_only=True):
    """Whose file is wanted."""

    company_id: Annotated[int, Meta(ge=1)]
    caller_number: CallerNumber


class CallerToErase(CallerAsked, frozen=True, kw_only=True):
    """Who is to be erased. `call_uuids`: the caller's calls that PostgreSQL knows; the store itself knows only the last of them."""

    call_uuids: list[CallUuid]


class HeldTag(Struct, frozen=True, kw_only=True):
    """A tag that waits, and where it came from. Times are Unix milliseconds."""

    name: str
    value: str
    posted_at_ms: int
    expires_at_ms: int
    publisher_id: int
    postback_key_id: int
    postback_id: str


class HeldCall(Struct, frozen=True, kw_only=True):
    """A call of the caller's: in progress, or the one that ended last. Times are Unix milliseconds."""

    call_uuid: str
    status: str
    hit_at_ms: int
    ended_at_ms: int | None
    tag_values: dict[str, str]


class HeldOfCaller(Struct, frozen=True, kw_only=True):
    """What the store holds of a caller."""

    waiting_tags: list[HeldTag]
    calls: list[HeldCall]


class ErasedInStore(Struct, frozen=True, kw_only=True):
    """An erasure in the store: its instant by the store's clock (Unix milliseconds), and how much was erased."""

    erased_at_ms: int
    waiting_tags: int
    calls_in_progress: int
    ended_calls: int
