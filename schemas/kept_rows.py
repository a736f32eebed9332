"""Rows of PostgreSQL that ingest and the merger keep in memory, and leave in Redis for a worker that starts while PostgreSQL is down."""

from typing import Annotated

import msgspec


class KeptSecret(msgspec.Struct, array_like=True):
    """A secret of a key. `seconds_left`, by PostgreSQL's clock, counts from the moment the row was read, `read_at` (Unix seconds)."""

    hash: bytes
    seconds_left: float | None
    read_at: float

    def expiry(self, monotonic_now: float, now: float) -> float | None:
        """When it ends on this process's monotonic clock; None: not by itself."""
        return None if self.seconds_left is None else monotonic_now + self.seconds_left - max(0.0, now - self.read_at)


class PostbackKeyRow(msgspec.Struct, array_like=True):
    """A publisher's key and what it does; durations in milliseconds, limits in postbacks a second. None: no limit."""

    id: int
    version: int
    company_id: int
    publisher_id: int
    region: str
    storage_ms: int
    cutoff_ms: int
    apply_once: bool
    also_store: bool
    paused: bool
    revoked: bool
    secrets: list[KeptSecret]
    allow_read_back: bool = False
    opaque_status: bool = False
    allowed_origins: tuple[str, ...] | None = None
    allowed_networks: tuple[str, ...] | None = None
    rate_limit: int | None = None
    company_rate_limit: int | None = None


class EngineKeyRow(msgspec.Struct, array_like=True):
    """A call routing engine's key."""

    id: int
    version: int
    company_id: int
    region: str
    scopes: list[str]
    paused: bool
    revoked: bool
    secrets: list[KeptSecret]


class TrackingNumberRow(msgspec.Struct, array_like=True):
    """Which campaign and publisher a dialed number means."""

    id: int
    version: int
    company_id: int
    number: str
    campaign_id: int
    publisher_id: int | None
    removed: bool


class CampaignRow(msgspec.Struct, array_like=True):
    """A campaign and what its publisher gets for an answered call."""

    id: int
    version: int
    company_id: int
    payout_cents: Annotated[int, msgspec.Meta(ge=0)] | None
    removed: bool


class BuyerRow(msgspec.Struct, array_like=True):
    """A buyer and what an answered call earns."""

    id: int
    version: int
    company_id: int
    price_cents: Annotated[int, msgspec.Meta(ge=0)] | None
    removed: bool


KeptRow = PostbackKeyRow | EngineKeyRow | TrackingNumberRow | CampaignRow | BuyerRow
