"""What the store holds of one caller, and its erasure.

What must be atomic is one script in the caller's slot: the waiting tags, the calls in progress, the marker that late replays meet. Which
calls ended before, the store doesn't know by the caller: PostgreSQL does, and for those that it hasn't heard of yet, the stream.
"""

import asyncio
from collections.abc import Iterable

import msgspec

from ingest.postback_id import read_postback_id
from ingest.redis_keys import partition_of, stream_key
from ingest.store import Store
from schemas.call import CallEventEntry, read_call, read_entry
from schemas.caller_file import ErasedInStore, HeldCall, HeldOfCaller, HeldTag

ENTRIES_A_LOOK = 500
CALLS_AT_ONCE = 32


class _WaitingTag(msgspec.Struct, array_like=True):
    """As lua/8_read_back.lua answers it."""

    name: str
    value: str
    posted_at_ms: int
    expires_at_ms: int
    postback_key_id: int
    kept_id: str
    publisher_id: int


_read_tags = msgspec.msgpack.Decoder(list[_WaitingTag]).decode


class CallerFile:
    """Looks at callers and erases them. Both raise Unavailable; an erasure may then have happened in part, and is to be repeated."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, company_id: int, caller: str) -> HeldOfCaller:
        """What waits for the caller, and the calls in progress and the one that ended last."""
        packed, *calls = await self._store.run("look_at_caller", partition_of(company_id, caller), company_id, caller)
        return HeldOfCaller(
            waiting_tags=[_held_tag(tag) for tag in _read_tags(packed)], calls=[_held_call(call) for call in calls]
        )

    async def erase(self, company_id: int, caller: str, call_uuids: Iterable[str]) -> ErasedInStore:
        """Erase the caller; `call_uuids` are calls that others know of."""
        partition = partition_of(company_id, caller)
        erased_at_ms, waiting, open_uuids, ended = await self._store.run("erase_caller", partition, company_id, caller)
        in_progress = {uuid.decode() for uuid in open_uuids}
        others = {*call_uuids, *(uuid.decode() for uuid in ended), *await self._find_undrained(company_id, caller)} - in_progress
        turns = asyncio.Semaphore(CALLS_AT_ONCE)

        async def forget(call_uuid: str) -> bool:
            async with turns:
                return await self._forget_call(company_id, caller, call_uuid, erased_at_ms)

        forgotten = await asyncio.gather(*map(forget, in_progress | others))
        return ErasedInStore(
            erased_at_ms=erased_at_ms,
            waiting_tags=waiting,
            calls_in_progress=len(in_progress),
            ended_calls=sum(forgotten),
        )

    async def _find_undrained(self, company_id: int, caller: str) -> set[str]:
        """The caller's calls that something happened to which PostgreSQL hasn't been told yet."""
        partition, after, found = partition_of(company_id, caller), "-", set()
        while True:
            entries = await self._store.ask(partition, "XRANGE", stream_key(partition), after, "+", "COUNT", ENTRIES_A_LOOK)
            for _, fields in entries:
                found |= _call_of(fields, company_id, caller)
            if len(entries) < ENTRIES_A_LOOK:
                return found
            after = "(" + entries[-1][0].decode()

    async def _forget_call(self, company_id: int, caller: str, call_uuid: str, erased_at_ms: int) -> bool:
        """Blank a call if it had ended by then; whether it had."""
        slot, place = partition_of(company_id, caller), partition_of(company_id, call_uuid)
        ended = await self._store.run("blank_call", slot, company_id, call_uuid, erased_at_ms)
        known = await self._store.run("forget_whose_call", place, company_id, call_uuid, caller, erased_at_ms, ended)
        return bool(ended and known)


def _call_of(fields: list[bytes], company_id: int, caller: str) -> set[str]:
    """The call that an entry of the stream is about, if it is the caller's."""
    try:
        entry = read_entry(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"])
    except (msgspec.MsgspecError, ValueError, KeyError):  # the drain sets it aside
        return set()
    if isinstance(entry, CallEventEntry) and (entry.company_id, entry.caller_number) == (company_id, caller):
        return {entry.call_uuid}
    return set()


def _held_tag(tag: _WaitingTag) -> HeldTag:
    return HeldTag(
        name=tag.name,
        value=tag.value,
        posted_at_ms=tag.posted_at_ms,
        expires_at_ms=tag.expires_at_ms,
        publisher_id=tag.publisher_id,
        postback_key_id=tag.postback_key_id,
        postback_id=str(read_postback_id(tag.kept_id)),
    )


def _held_call(packed: bytes) -> HeldCall:
    call = read_call(packed)
    return HeldCall(
        call_uuid=call.call_uuid,
        status=call.status,
        hit_at_ms=call.hit_at,
        ended_at_ms=call.ended_at,
        tag_values={tag.name: tag.value for tag in call.tags},
    )
