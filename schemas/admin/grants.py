"""Grants: which campaigns a publisher may make numbers in, and the calls of which numbers it sees, each from when until when."""

from typing import Annotated

from msgspec import Meta, Struct, field

from schemas.admin.fields import Body, Id, SearchQuery, Time

MAX_IDS = 10_000

Ids = Annotated[list[Id], Meta(max_length=MAX_IDS, description="Each counts once, in any order.")]


class CampaignGrant(Struct, frozen=True, kw_only=True):
    """A campaign and when it was granted. `id` and `granted_at` are null where it is available, not granted."""

    id: int | None
    campaign_id: int
    name: str
    granted_at: Time | None
    revoked_at: Annotated[Time | None, Meta(description="The first moment at which it no longer counted; null: it counts.")]


class NumberGrant(Struct, frozen=True, kw_only=True):
    """A tracking number and when it was granted. `id` and `granted_at` are null where it is available, not granted."""

    id: int | None
    number_id: int
    number: str
    campaign_id: Annotated[int, Meta(description="Which campaign the number belongs to now.")]
    granted_at: Time | None
    revoked_at: Annotated[Time | None, Meta(description="The first moment at which it no longer counted; null: it counts.")]


class GrantsQuery(SearchQuery, frozen=True, kw_only=True):
    """Which side of the screen is wanted; at most one of the two may be asked for."""

    history: Annotated[bool, Meta(description="Grants that were revoked, too.")] = False
    available: Annotated[bool, Meta(description="What isn't granted and could be.")] = False


class CampaignSet(Body, frozen=True, kw_only=True):
    """All the campaigns that are to be granted; every other is revoked."""

    campaign_ids: Ids


class NumberSet(Body, frozen=True, kw_only=True):
    """All the tracking numbers that are to be granted; every other is revoked."""

    number_ids: Ids


class GrantsChange(Body, frozen=True, kw_only=True):
    """What is to be granted and what revoked. What is as it should be already stays as it is."""

    grant: Ids = field(default_factory=list)
    revoke: Ids = field(default_factory=list)


class GrantsChanged(Struct, frozen=True, kw_only=True):
    """The ids that this request granted, and those that it revoked."""

    granted: list[int]
    revoked: list[int]
