"""Requests with an Idempotency-Key: a repeat within 24 hours has the effect of one and gets the first answer.

The record of a request lives in a slot of its own and is made first: its fingerprint, a lease for whoever works on it, and the id that
its postbacks are numbered from. What was written is told by markers beside the tags, so an attempt that follows a crash finishes what is
missing and doubles nothing.
"""

import asyncio
import contextlib

from ingest.errors import IdempotencyInFlight
from ingest.postback_id import BatchIds
from ingest.redis_keys import idempotency_key
from ingest.store import Store
from schemas.kept_rows import PostbackKeyRow
from shared.errors import IdempotencyMismatch, Unavailable

LEASE_MS = 10_000
"""How long a repeat waits for an attempt that was never heard of again; one that takes longer may meet its repeat, and the markers."""

LEAVE_PAUSE_SECONDS = 0.1


class Attempt:
    """One attempt at a request: to be made, or answered already, with `answer`."""

    def __init__(self, owner: "Idempotency", record: bytes, ids: BatchIds, answer: bytes | None = None) -> None:
        self._owner = owner
        self._record = record
        self.ids = ids
        self.answer = answer

    async def finish(self, answer: bytes) -> None:
        """Keep the answer for repeats. Raises Unavailable: then a repeat finds everything written and answers the same."""
        await self._owner.run("finish_once", self._record, self.ids.batch, answer)

    async def forget(self) -> None:
        """Nothing was applied: the same request may be tried anew."""
        await self._owner.run("leave_once", self._record, self.ids.batch, 1)

    async def leave(self) -> None:
        """Let the next attempt begin at once, or as soon as the store can be told."""
        try:
            await self._owner.run("leave_once", self._record, self.ids.batch, 0)
        except Unavailable:
            self._owner.keep_leaving(self._record, self.ids.batch)


class Idempotency:
    """Begins requests once."""

    def __init__(self, store: Store) -> None:
        self.run = store.run
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Nothing needs to be there beforehand."""

    async def stop(self) -> None:
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def begin(self, key: PostbackKeyRow, name: str, of: bytes) -> Attempt:
        """Begin the request `name` of this postback key, whose fingerprint is `of`. Raises IdempotencyMismatch, IdempotencyInFlight."""
        record, batch = idempotency_key(key.id, name), BatchIds().batch
        try:
            said, *more = await self.run("begin_once", record, of, batch, LEASE_MS)
        except Unavailable:
            self.keep_leaving(record, batch)  # it may have begun
            raise
        match said:
            case b"mismatch":
                raise IdempotencyMismatch
            case b"in_flight":
                raise IdempotencyInFlight(retry_after_seconds=max(1, -(-more[0] // 1000)))
            case b"answered":
                return Attempt(self, record, BatchIds(more[0].decode()), more[1])
        return Attempt(self, record, BatchIds(more[0].decode()))

    def keep_leaving(self, record: bytes, batch: str) -> None:
        """End the lease of an attempt, once the store can be told; until then it ends by itself."""
        task = asyncio.create_task(self._leave(record, batch))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, record: bytes, batch: str) -> None:
        for _ in range(round(LEASE_MS / 1000 / LEAVE_PAUSE_SECONDS)):
            with contextlib.suppress(Unavailable):
                await self.run("leave_once", record, batch, 0)
                return
            await asyncio.sleep(LEAVE_PAUSE_SECONDS)
