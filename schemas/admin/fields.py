"""The kinds of field that the admin API's shapes are made of, with their limits."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MAX_BIGINT = 2**63 - 1
MAX_STORAGE_DURATION_SECONDS = 90 * 86_400
MAX_END_CALL_CUTOFF_SECONDS = 7 * 86_400
MAX_GRACE_SECONDS = 30 * 86_400
MAX_RATE_LIMIT = 1_000_000
MAX_ALLOWED = 100

# `$` alone would let a trailing newline through, so control characters are ruled out by looking ahead at the whole text.
LABEL_SHAPE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])\S([\s\S]*\S)?$"
TEXT_SHAPE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])"
REGION_SHAPE = r"^[A-Z]{2}$"
CALL_UUID_SHAPE = r"^[A-Za-z0-9._:@\-]+$"
UUID4_SHAPE = r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$"
CODE_SHAPE = r"^[a-z_]+$"
TIME_ZONE_SHAPE = r"^[A-Za-z]+([/_+-][A-Za-z0-9]+)*(?![\s\S])"
EMAIL_SHAPE = (
    r"^(?![^@]{65})[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?![\s\S])"
)
ORIGIN_SHAPE = (
    r"^(https://([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?!:443(?![0-9]))"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(?!:80(?![0-9])))(:[1-9][0-9]{0,4})?(?![\s\S])"
)

SHAPES = {
    LABEL_SHAPE: "no control characters, and no space at either end",
    TEXT_SHAPE: "no control characters",
    REGION_SHAPE: "two capital letters, such as US",
    CALL_UUID_SHAPE: "letters, digits and . _ : @ - only",
    EMAIL_SHAPE: "an e-mail address such as jane@example.com",
    UUID4_SHAPE: "a version 4 UUID with its hyphens",
    CODE_SHAPE: "small letters and underscores only",
    TIME_ZONE_SHAPE: "the IANA name of a time zone, such as America/New_York",
    ORIGIN_SHAPE: "an origin as browsers send it, such as https://www.example.com: https (http for localhost alone), in small letters, "
    "without a path, and without a port that is the usual one",
}
"""What each pattern asks for, in words: a refusal says these, not the pattern."""

Id = Annotated[int, Meta(ge=1, le=MAX_BIGINT)]
Name = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=LABEL_SHAPE, description="No control characters, no space at either end.")
]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=EMAIL_SHAPE,
        description="Kept in small letters; ASCII, with a domain that has a dot.",
    ),
]
Afid = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=LABEL_SHAPE, description="Its id in the system that it comes from.")
]
Region = Annotated[str, Meta(min_length=2, max_length=2, pattern=REGION_SHAPE, description="ISO 3166-1, e.g. US.")]
Cents = Annotated[int, Meta(ge=0, le=MAX_BIGINT, description="Money in integer cents.")]
NumberCap = Annotated[int, Meta(ge=0, le=1_000_000, description="How many tracking numbers, those of pools aside, it may hold.")]
StorageDuration = Annotated[
    int, Meta(ge=0, le=MAX_STORAGE_DURATION_SECONDS, description="How many seconds tags wait for a call; 0: they don't wait.")
]
EndCallCutoff = Annotated[
    int, Meta(ge=0, le=MAX_END_CALL_CUTOFF_SECONDS, description="How many seconds after its end a postback still goes to a call.")
]
GraceSeconds = Annotated[int, Meta(ge=0, le=MAX_GRACE_SECONDS, description="How many seconds the old secret still works.")]
NumberSpelling = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=TEXT_SHAPE, description="E.164, or as it is written in the company's region.")
]
CallUuid = Annotated[str, Meta(min_length=1, max_length=128, pattern=CALL_UUID_SHAPE)]
RateLimit = Annotated[int, Meta(ge=1, le=MAX_RATE_LIMIT, description="How many postbacks a second; null: no limit.")]
Origin = Annotated[str, Meta(min_length=1, max_length=300, pattern=ORIGIN_SHAPE)]
Network = Annotated[str, Meta(min_length=1, max_length=64, description="In CIDR notation, IPv4 or IPv6; or one address.")]
AllowedOrigins = Annotated[
    list[Origin],
    Meta(
        min_length=1,
        max_length=MAX_ALLOWED,
        description="Pages of which origins may post with it, and nothing else may; null: all.",
    ),
]
AllowedNetworks = Annotated[
    list[Network],
    Meta(min_length=1, max_length=MAX_ALLOWED, description="From which networks it may be used; null: from all."),
]
Hidden = Annotated[list[str], Meta(description="Fields that you may not see: they are null here.")]
ShownOnce = Annotated[
    str | None, Meta(description="In the first reply only: null in that to a repeat under its Idempotency-Key.")
]
Time = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC.")]
Search = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=TEXT_SHAPE,
        description="Text that the name holds, in small or capital letters; of a number: digits.",
    ),
]
ListFormat = Annotated[Literal["json", "csv"], Meta(description="`csv`: the whole list from the cursor on, as a file.")]
Outcome = Literal["stored_for_call", "applied", "stored", "not_stored", "refused"]
CallStatus = Literal["in_progress", "completed", "expired"]
EngineScope = Literal["lookup", "events"]

T = TypeVar("T")


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request's body may hold; anything else in it is refused by name."""


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request's query may hold; anything else in it is refused by name."""


class PageQuery(Query, frozen=True, kw_only=True):
    """Which part of a list is wanted."""

    limit: Annotated[int, Meta(ge=1, le=200, description="How many items at most.")] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next_cursor` of the page before.")] | UnsetType = UNSET
    format: ListFormat = "json"


class SearchQuery(PageQuery, frozen=True, kw_only=True):
    """Which part of a list is wanted, and of what is named so."""

    search: Search | UnsetType = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457). `code` is stable and meant for programs; `field` names the field to blame, where there is one."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | UnsetType = UNSET


def given(value: T | UnsetType) -> T | None:
    """The value, or None where the request didn't say; only for fields that can't be null themselves."""
    return None if isinstance(value, msgspec.UnsetType) else value


def said(value: T | UnsetType) -> tuple[bool, T | None]:
    """Whether the request named the field, and what it said: for fields where null is a value of its own."""
    return (False, None) if isinstance(value, msgspec.UnsetType) else (True, value)
