"""Calls in the store: one script call each for what must be atomic, and the small dance by which events may come before their call.

A uuid can't name a slot, so whose call it is stands in an index in the uuid's own slot, and an event of a call that isn't there yet is
parked beside it. A hit makes the call and then looks for parked events; an event parks itself and then looks for the call; so at least
one of the two sees the other, and since an event that says nothing new does nothing, it doesn't matter if both do.
"""

from typing import Any

import msgspec

from ingest.merger.errors import CallMismatch
from ingest.redis_keys import partition_of
from ingest.store import Store
from ingest.tag_buffer import TagBuffer
from schemas.call import CallRecord, StampedTag, read_call, read_tags
from shared.errors import Unavailable

DAY_MS = 86_400_000
INDEX_OUTLIVES_CALL_MS = 9 * DAY_MS  # an ended call is kept for 8 days

_pack = msgspec.msgpack.Encoder().encode


class CallStore:
    """Look-ups and calls of all companies. Every operation may be repeated without a second effect; all raise Unavailable."""

    def __init__(self, store: Store, max_call_seconds: int) -> None:
        self._store = store
        self._buffer = TagBuffer(store)
        self._max_call_ms = max_call_seconds * 1000

    async def look_up(self, company_id: int, caller: str) -> list[StampedTag]:
        """The tags that a call of this number would get now."""
        return read_tags(await self._store.run("look_up", partition_of(company_id, caller), company_id, caller))

    async def hit(self, company_id: int, caller: str, call_uuid: str, said: dict[str, Any]) -> tuple[bool, CallRecord]:
        """The call, and whether this hit made it. `caller` is "" when withheld. Raises CallMismatch for another caller's uuid."""
        place = partition_of(company_id, call_uuid)
        index_ms = self._max_call_ms + INDEX_OUTLIVES_CALL_MS
        owner, parked = await self._store.run("claim", place, company_id, call_uuid, caller, index_ms)
        if owner.decode() != caller:
            raise CallMismatch
        slot = partition_of(company_id, caller or call_uuid)
        word, packed = await self._store.run("hit", slot, company_id, caller, call_uuid, self._max_call_ms, _pack(said), *parked)
        call = read_call(packed)
        consumed = parked if word == b"created" else []
        _, parked = await self._store.run("claim", place, company_id, call_uuid, caller, index_ms)
        if left := [entry for entry in parked if entry not in consumed]:
            _, packed = await self._store.run("apply_parked", slot, company_id, caller, call_uuid, *left)
            call = read_call(packed)
        if parked:
            await self._store.run("unpark", place, company_id, call_uuid, *parked)
        return word == b"created", call

    async def add_event(self, company_id: int, call_uuid: str, kind: str, said: dict[str, Any]) -> CallRecord | None:
        """Apply a `route`, `answer` or `end`; None: no such call yet, the event is parked for it."""
        detail = _pack(said)
        if call := await self._find_and_apply(company_id, call_uuid, kind, detail):
            return call
        place = partition_of(company_id, call_uuid)
        entry = await self._store.run("park", place, company_id, call_uuid, kind, detail)
        if entry is None:
            raise Unavailable("Too many events wait for this call's hit already.")
        if call := await self._find_and_apply(company_id, call_uuid, kind, detail):
            await self._store.run("unpark", place, company_id, call_uuid, entry)
        return call

    async def find(self, company_id: int, call_uuid: str) -> CallRecord | None:
        """The call as known now."""
        caller = await self._buffer.find_caller(company_id, call_uuid)
        if caller is None:
            return None
        packed = await self._store.run("show", partition_of(company_id, caller or call_uuid), company_id, call_uuid)
        return read_call(packed) if packed else None

    async def _find_and_apply(self, company_id: int, call_uuid: str, kind: str, detail: bytes) -> CallRecord | None:
        caller = await self._buffer.find_caller(company_id, call_uuid)
        if caller is None:
            return None
        slot = partition_of(company_id, caller or call_uuid)
        answer = await self._store.run("event", slot, company_id, caller, call_uuid, kind, detail)
        return read_call(answer[1]) if answer[0] == b"known" else None
