"""A caller's file: everything that is held about one number; and the receipt of its erasure."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.admin.calls import Call
from schemas.admin.fields import CallStatus, Time
from schemas.admin.postback_log import Postback


class WaitingTag(Struct, frozen=True, kw_only=True):
    """A tag that waits for the next call, and where it came from."""

    name: str
    value: str
    posted_at: Time
    expires_at: Time
    publisher_id: int
    postback_key_id: int
    postback_id: str


class CallOfNow(Struct, frozen=True, kw_only=True):
    """A call that postbacks may still reach: in progress, or the one that ended last."""

    call_uuid: str
    status: CallStatus
    hit_at: Time
    ended_at: Time | None
    tags: dict[str, str]


class Erasure(Struct, frozen=True, kw_only=True):
    """The receipt of an erasure. Nothing of this caller that was received up to `erased_at`, by the store's clock, is held any more."""

    id: int
    caller_number: Annotated[str, Meta(description="All but its last four digits are hidden.")]
    erased_at: Time
    asked_by: str
    waiting_tags: Annotated[int, Meta(description="Tags that waited for a call and are gone.")]
    calls_in_progress: Annotated[int, Meta(description="Calls that go on, without the tags posted until then.")]
    calls: Annotated[int, Meta(description="Calls in the call log that no longer say whose they were.")]
    postbacks: Annotated[int, Meta(description="Postbacks in the postback log that no longer say of whom and what.")]
    set_aside: Annotated[int, Meta(description="Entries that couldn't be written to the logs, and named this number.")]


class CallerFile(Struct, frozen=True, kw_only=True):
    """Everything held about a number. Of calls and postbacks the newest 100; the logs, filtered by `caller_number`, have the others."""

    caller_number: str
    waiting_tags: list[WaitingTag]
    calls_of_now: list[CallOfNow]
    call_count: int
    calls: list[Call]
    postback_count: int
    postbacks: list[Postback]
    erasures: Annotated[list[Erasure], Meta(description="Newest first.")]
