"""Buyers, the destinations of calls."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Body, Cents, Hidden, Name, Time


class Buyer(Struct, frozen=True, kw_only=True):
    """A destination of calls. `price_cents` is what an answered call earns when its end names no revenue."""

    id: int
    name: str
    price_cents: int | None
    paused: bool
    created_at: Time
    hidden: Hidden = []


class NewBuyer(Body, frozen=True, kw_only=True):
    """A buyer to be made."""

    name: Name
    price_cents: Cents | None = None
    paused: bool = False


class BuyerChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET
    price_cents: Cents | UnsetType | None = UNSET
    paused: bool | UnsetType = UNSET
