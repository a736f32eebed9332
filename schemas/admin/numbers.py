"""Tracking numbers, what callers dial."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Body, Hidden, Id, NumberSpelling, SearchQuery, Time


class TrackingNumber(Struct, frozen=True, kw_only=True):
    """The number callers dial, in E.164; it belongs to a campaign and may belong to a publisher."""

    id: int
    number: str
    campaign_id: int
    publisher_id: int | None
    pool: bool
    created_at: Time
    hidden: Hidden = []


class NewTrackingNumber(Body, frozen=True, kw_only=True):
    """`number` is kept in E.164 and unique in the company. Pool numbers don't count for a publisher's number cap.

    A collaborator who acts as one publisher alone that may make numbers needn't name it.
    """

    number: NumberSpelling
    campaign_id: Id
    publisher_id: Id | None = None
    pool: bool = False


class TrackingNumberChange(Body, frozen=True, kw_only=True):
    """Only what is named changes. The number itself can't: remove it and make another."""

    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType | None = UNSET
    pool: bool | UnsetType = UNSET


class TrackingNumbersQuery(SearchQuery, frozen=True, kw_only=True):
    """Which tracking numbers are wanted."""

    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
