"""The dashboard: what came in and what it came to, lately."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import Query, Time
from schemas.admin.reports import Figures, ReportRow

Counts = Annotated[
    dict[str, int], Meta(description="By outcome; `accepted` stands for those that an opaque key's replies don't tell apart.")
]


class PostbackBucket(Struct, frozen=True, kw_only=True):
    """The postbacks of a minute, an hour or a day."""

    at: Time
    outcomes: Counts


class PostbackFigures(Struct, frozen=True, kw_only=True):
    """How many postbacks there were."""

    outcomes: Counts
    bucket_seconds: int
    buckets: list[PostbackBucket]


class CallBucket(Struct, frozen=True, kw_only=True):
    """The calls of a minute, an hour or a day, by their hits."""

    at: Time
    calls: int
    calls_with_tags: int


class CallsOverTime(Struct, frozen=True, kw_only=True):
    """How many calls there were, and of them how many had tags; where there was none, no bucket is."""

    bucket_seconds: int
    buckets: list[CallBucket]


class Dashboard(Struct, frozen=True, kw_only=True):
    """The figures of a time; what is hidden from you is null and named."""

    from_: Time = field(name="from")
    to: Time
    calls: Figures
    calls_over_time: CallsOverTime
    in_progress: Annotated[int, Meta(description="Calls in progress just now.")]
    postbacks: PostbackFigures | None
    top_publishers: list[ReportRow] | None
    log_behind_seconds: Annotated[
        float | None, Meta(description="How old is what isn't in the logs yet; null: nobody has said so far.")
    ]
    hidden: list[str]


class DashboardQuery(Query, frozen=True, kw_only=True):
    """Which time: `from` is in, `to` isn't; the last 24 hours unless told otherwise."""

    from_: Time | UnsetType = field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET
