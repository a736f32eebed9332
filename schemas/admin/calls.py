"""Calls as the manager sees them: the call log, and one call with all that happened to it."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import TEXT_SHAPE, CallStatus, Id, NumberSpelling, PageQuery, Time
from schemas.admin.postback_log import Postback


class Call(Struct, frozen=True, kw_only=True):
    """One phone call. `hit_at` and `ended_at` are by the store's clock, `started_at` and `engine_ended_at` the engine's word."""

    call_uuid: str
    status: CallStatus
    hit_at: Time
    started_at: Time
    answered_at: Time | None
    ended_at: Time | None
    engine_ended_at: Time | None
    caller_number: Annotated[str | None, Meta(description="Null: withheld or malformed.")]
    dialed_number: str | None
    campaign_id: int | None
    publisher_id: int | None
    routed_to: Annotated[int | None, Meta(description="The buyer tried last.")]
    answered_by: Annotated[int | None, Meta(description="The buyer who answered.")]
    disposition: str | None
    duration_seconds: int | None
    recording_url: str | None
    revenue_cents: int | None
    payout_cents: int | None
    tags: dict[str, str]
    hidden: Annotated[
        list[str], Meta(description="Fields that you may not see: they are null, or there would be more in them.")
    ] = []


class Attribution(Struct, frozen=True, kw_only=True):
    """Where a tag value came from."""

    publisher_id: int
    postback_key_id: int
    postback_id: str
    posted_at: str


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened to a call: an event with what it said, or a postback that reached it."""

    at: Time
    kind: Literal["postback", "hit", "route", "answer", "end", "expire"]
    detail: Annotated[dict[str, Any] | None, Meta(description="What the event said; null for a postback.")]
    postback: Annotated[Postback | None, Meta(description="The postback; null for an event.")]


class CallDetail(Call, frozen=True, kw_only=True):
    """A call, where each of its tags came from, and its timeline, oldest first: the first 500 events and as many postbacks."""

    attribution: dict[str, Attribution]
    timeline: list[TimelineEntry]


class CallsQuery(PageQuery, frozen=True, kw_only=True):
    """Which calls are wanted, by the time of their hit: those of `from` are in, those of `to` aren't."""

    from_: Time | UnsetType = field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET
    status: CallStatus | UnsetType = UNSET
    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
    answered_by: Id | UnsetType = UNSET
    caller_number: NumberSpelling | UnsetType = UNSET
    tag_name: Annotated[str, Meta(min_length=1, max_length=128, pattern=TEXT_SHAPE)] | UnsetType = UNSET
    tag_value: Annotated[str, Meta(max_length=4096, pattern=TEXT_SHAPE, description="Of that tag or any.")] | UnsetType = UNSET
