"""Rates: how many postbacks a second a key may send, and all keys of a company together; a bulk item counts as one.

Each limit is a bucket in the store (lua/9_rates.lua), which decides by its own clock. A low limit is asked for with each request; of a
high one a worker leases about 20 milliseconds' worth at a time, so that most requests need no trip.
"""

import asyncio
import time
from collections.abc import Sequence
from math import ceil, floor

from ingest.errors import RateLimited
from ingest.redis_keys import company_rate_key, rate_key
from ingest.store import Store
from schemas.kept_rows import PostbackKeyRow

LEASE_SECONDS = 0.02
LEASED_FROM = 100
"""From how many items a second on a limit is leased: below, a lease would be hardly more than the one item that is asked for."""


class Bucket:
    """One limit as this worker sees it: the bucket in the store, and what it has leased of it.

    A lease doesn't end: what it holds was taken from the store's bucket, so whoever uses it late makes nothing of it twice.
    """

    def __init__(self, store: Store, name: str, key: bytes, rate: int) -> None:
        self.name = name
        self.rate = rate
        self._store = store
        self._key = key
        self._lease = floor(rate * LEASE_SECONDS) if rate >= LEASED_FROM else 0
        self._left = 0
        self._asked_for = 0
        self._asking = asyncio.Lock()
        self._room = rate
        self._looked_at = time.monotonic()
        self._refused = 0
        self._room_again_at = self._ask_again_at = 0.0

    async def take(self, items: int) -> float:
        """Take items, and answer 0; or take none, and answer after how many seconds there is room for them."""
        if not self._lease:
            return (await self._ask(items, items))[1]
        if self._left < items:
            self._asked_for += items
            try:
                async with self._asking:  # one asks for all who wait; each for itself would lease many times over
                    if wait := await self._renew(items):
                        return wait
            finally:
                self._asked_for -= items
        self._left -= items
        return 0.0

    async def give_back(self, items: int) -> None:
        """Give back what was taken for a request that another limit refuses."""
        if self._lease:
            self._left += items
        else:
            await self._store.run("give_back_rate", self._key, self.rate, items)
            self._room += items

    async def _renew(self, items: int) -> float:
        """Lease anew, at least what is missing for these items; a flood that was refused doesn't ask again at once."""
        missing, now = items - self._left, time.monotonic()
        if missing <= 0:
            return 0.0
        if now < self._ask_again_at and missing >= self._refused:
            return self._room_again_at - now
        taken, wait = await self._ask(missing, max(missing, self._lease, self._asked_for - self._left))
        self._left += taken
        if wait:
            self._refused = missing
            self._room_again_at = self._looked_at + wait
            self._ask_again_at = self._looked_at + min(wait, LEASE_SECONDS)
        return wait

    async def _ask(self, needed: int, wanted: int) -> tuple[int, float]:
        taken, self._room, wait_microseconds = await self._store.run("take_rate", self._key, self.rate, needed, wanted)
        self._looked_at = time.monotonic()
        return taken, wait_microseconds / 1_000_000

    @property
    def policy(self) -> str:
        """What is allowed: so many items a second."""
        return f'"{self.name}";q={self.rate};w=1'

    @property
    def standing(self) -> str:
        """How many items are left, and in how many seconds all are again."""
        room = min(self.rate, self._room + (time.monotonic() - self._looked_at) * self.rate)
        left = max(0, min(self.rate, floor(room) + self._left))
        return f'"{self.name}";r={left};t={max(1, ceil((self.rate - room) / self.rate))}'


class Rates:
    """The limits of all keys and companies that have one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._buckets: dict[bytes, Bucket] = {}

    async def take(self, key: PostbackKeyRow, items: int = 1) -> dict[str, str]:
        """Take items off what the key and its company may send, and answer the headers that say what is left.

        Raises RateLimited, and has then taken nothing of either; Unavailable.
        """
        buckets = self._buckets_of(key)
        for place, bucket in enumerate(buckets):
            if wait := await bucket.take(items):
                for other in buckets[:place]:
                    await other.give_back(items)
                refusal = RateLimited(retry_after_seconds=ceil(wait))
                refusal.headers = _headers(buckets, buckets[: place + 1])
                raise refusal
        # What is left of the company's would tell one publisher what the others post: only who is refused for it sees it.
        return _headers(buckets, [bucket for bucket in buckets if bucket.name == "key"])

    def _buckets_of(self, key: PostbackKeyRow) -> list[Bucket]:
        """The key's own first: who is over it takes nothing from the company's."""
        buckets = []
        if key.rate_limit is not None:
            buckets.append(self._bucket("key", rate_key(key.id), key.rate_limit))
        if key.company_rate_limit is not None:
            buckets.append(self._bucket("company", company_rate_key(key.company_id), key.company_rate_limit))
        return buckets

    def _bucket(self, name: str, key: bytes, rate: int) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None or bucket.rate != rate:  # the limit was changed: what was leased of the old one is forgotten
            bucket = self._buckets[key] = Bucket(self._store, name, key, rate)
        return bucket


def _headers(allowed: Sequence[Bucket], shown: Sequence[Bucket]) -> dict[str, str]:
    """What is allowed and what is left (draft-ietf-httpapi-ratelimit-headers, structured fields)."""
    headers = {}
    if allowed:
        headers["RateLimit-Policy"] = ", ".join(bucket.policy for bucket in allowed)
    if shown:
        headers["RateLimit"] = ", ".join(bucket.standing for bucket in shown)
    return headers
