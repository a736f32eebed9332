"""Campaigns, what calls are routed by."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Body, Cents, Hidden, Name, Time


class Campaign(Struct, frozen=True, kw_only=True):
    """What a call is routed by. `payout_cents` is what a publisher gets for an answered call when its end names none."""

    id: int
    name: str
    payout_cents: int | None
    created_at: Time
    hidden: Hidden = []


class NewCampaign(Body, frozen=True, kw_only=True):
    """A campaign to be made."""

    name: Name
    payout_cents: Cents | None = None


class CampaignChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET
    payout_cents: Cents | UnsetType | None = UNSET
