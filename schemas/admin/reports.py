"""Reports: what calls came to, by day, campaign, publisher, buyer or the values of a tag."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import TEXT_SHAPE, TIME_ZONE_SHAPE, Id, ListFormat, Query, Time

GroupBy = Literal["day", "campaign", "publisher", "buyer", "tag"]
TimeZone = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=TIME_ZONE_SHAPE, description="Where days begin, e.g. America/New_York.")
]


class Figures(Struct, frozen=True, kw_only=True):
    """What some calls came to. A sum is null where it is hidden from you, or no call had a figure."""

    calls: int
    answered: int
    duration_seconds: int | None
    revenue_cents: int | None
    payout_cents: int | None
    calls_with_tags: int
    attach_rate: Annotated[float | None, Meta(description="Which part of the calls had tags; null: there were no calls.")]


class ReportRow(Figures, frozen=True, kw_only=True):
    """One group: a day, the id of a campaign, publisher or buyer with its name, or a tag's value. Key null: the calls without one."""

    key: str | int | None
    name: str | None


class Report(Struct, frozen=True, kw_only=True):
    """The groups, days in their order, others by how many calls they have; and all of them together."""

    group_by: GroupBy
    from_: Time = field(name="from")
    to: Time
    time_zone: str
    items: list[ReportRow]
    more_groups: Annotated[int, Meta(description="How many smaller groups were left out; `totals` counts them, too.")]
    totals: Figures
    hidden: Annotated[list[str], Meta(description="Sums that you may not see, of all or some of the calls.")]


class ReportsQuery(Query, frozen=True, kw_only=True):
    """Which calls are counted, by the time of their hit: those of `from` are in, those of `to` aren't; 30 days unless told otherwise."""

    group_by: GroupBy = "day"
    from_: Time | UnsetType = field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET
    time_zone: TimeZone = "UTC"
    tag_name: Annotated[str, Meta(min_length=1, max_length=128, pattern=TEXT_SHAPE)] | UnsetType = UNSET
    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
    answered_by: Id | UnsetType = UNSET
    format: ListFormat = "json"
