"""The buffer that tags wait in: one script call takes a postback, decides its case, puts its tags where they belong and logs it."""

import functools
from enum import StrEnum
from typing import Any

import msgspec

from ingest.errors import CallerFull, CallNotFound, CallPastCutoff
from ingest.postback_id import new_postback_id
from ingest.read_postback import Postback
from ingest.redis_keys import partition_of
from ingest.store import Store, pack_function_call
from schemas.call import waiting_letters
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal
from shared.redis_connection import pack_args

_pack = msgspec.msgpack.Encoder().encode


class Outcome(StrEnum):
    """The fate of a postback, decided in the store."""

    STORED_FOR_CALL = "stored_for_call"
    APPLIED = "applied"
    STORED = "stored"
    NOT_STORED = "not_stored"
    REFUSED = "refused"
    QUEUED = "queued"
    """Not decided yet: in the spool, as the store is out of reach. The postback log says later which of the others it met."""


class Receipt(msgspec.Struct):
    """What became of a postback. `expires_at_ms`: until when its tags wait (Unix milliseconds), 0 if they don't."""

    postback_id: str
    outcome: Outcome
    expires_at_ms: int


_REFUSED_BY_STORE: dict[bytes, type[Refusal]] = {
    b"caller_full": CallerFull,
    b"call_not_found": CallNotFound,
    b"call_past_cutoff": CallPastCutoff,
}
_OUTCOMES = {outcome.value.encode(): outcome for outcome in Outcome}


class GroupItem(msgspec.Struct):
    """A postback on its way in a group. `who`: a caller number, or `caller call_uuid`; `packed`: the script's arguments for it."""

    index: int
    partition: bytes
    who: str
    packed: bytes
    postback: Postback


class Group:
    """Postbacks of one key that go to the store in one call."""

    def __init__(self) -> None:
        self.items: list[GroupItem] = []
        self.size = 0

    def add(self, index: int, partition: bytes, who: str, tail: bytes, postback: Postback) -> None:
        packed = b"$%d\r\n%b\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (
            len(partition),
            partition,
            len(who),
            who.encode(),
            len(tail),
            tail,
        )
        self.items.append(GroupItem(index, partition, who, packed, postback))
        self.size += len(packed)

    def drop(self, count: int) -> None:
        """Forget the first `count`: they are written."""
        del self.items[:count]


class Fates(msgspec.Struct, array_like=True):
    """What became of a group, as the script packs it (lua/5_write_many.lua)."""

    at_ms: int
    letters: str
    odd: list[tuple[int, int, list[str]]]

    def expiries(self, key: PostbackKeyRow) -> list[int]:
        """Until when each item's tags wait (Unix ms), 0 if they don't."""
        posted_at = [self.at_ms] * len(self.letters)
        for place, at_ms, _ in self.odd:
            posted_at[place] = at_ms
        waiting = waiting_letters(key.storage_ms, also_store=key.also_store)
        return [at_ms + key.storage_ms if letter in waiting else 0 for at_ms, letter in zip(posted_at, self.letters, strict=True)]


_read_fates = msgspec.msgpack.Decoder(Fates).decode


class TagBuffer:
    """Writes postbacks to the store. A 200 rests on its answer: the write is whole and on disk when it returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None) -> Receipt:
        """Take one postback. Raises CallerFull, CallNotFound, CallPastCutoff, or Unavailable: then it may or may not have happened."""
        postback_id, kept_id = new_postback_id()
        tail = pack_tail(key, kept_id, postback.tag_values)
        caller = postback.caller_number
        if caller is not None:
            log_tail = pack_log_tail(key.company_id, caller, source_ip)
            partition = partition_of(key.company_id, caller)
            answer = await self._store.run_packed(
                partition,
                _pack_start(partition, key.company_id, key.storage_ms, key.cutoff_ms, key.also_store)
                + b"$%d\r\n%b\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"
                % (len(caller), caller.encode(), len(tail), tail, len(log_tail), log_tail),
            )
        else:
            answer = await self._write_to_call(key, postback.call_uuid or "", tail, source_ip)
        if refusal := _REFUSED_BY_STORE.get(answer[0]):
            raise refusal
        return Receipt(postback_id, _OUTCOMES[answer[0]], answer[1])

    async def _write_to_call(self, key: PostbackKeyRow, call_uuid: str, tail: bytes, source_ip: str | None) -> Any:
        caller = await self.find_caller(key.company_id, call_uuid)
        if caller is None:
            return [b"call_not_found"]
        return await self._store.run(
            "write_to_call",
            partition_of(key.company_id, caller or call_uuid),
            key.company_id,
            caller,
            call_uuid,
            key.cutoff_ms,
            tail,
            pack_log_tail(key.company_id, caller or None, source_ip),
        )

    def group_of(self, partition: bytes) -> bytes:
        """Which partitions one call may touch together."""
        return self._store.group_of(partition)

    async def write_many(
        self, key: PostbackKeyRow, group: Group, head: bytes, marker: str, received_at_ms: int | None = None
    ) -> Fates:
        """Take the first postbacks of a group, in a run of the script that stays short; the rest is to be sent again.

        With a marker, a group that was taken before isn't taken again. Raises Unavailable: then it may or may not have happened.
        """
        partition = group.items[0].partition
        at = "" if received_at_ms is None else received_at_ms
        rules = pack_args(key.company_id, key.storage_ms, key.cutoff_ms, int(key.also_store), at, marker, head)
        start = pack_function_call("write_many", partition, 7 + 3 * len(group.items))
        packed = [item.packed for item in group.items]
        return _read_fates(await self._store.run_packed(partition, b"".join([start, rules, *packed])))

    async def find_caller(self, company_id: int, call_uuid: str) -> str | None:
        """Whose call a uuid is: the caller number, "" when it was withheld, None when the company has no such call."""
        caller = await self._store.run("find_caller", partition_of(company_id, call_uuid), company_id, call_uuid)
        return None if caller is None else caller.decode()

    async def log_refused(
        self,
        key: PostbackKeyRow,
        caller_number: str | None,
        tag_values: dict[str, str],
        source_ip: str | None,
        code: str,
        occurrences: int,
        kept_id: str | None = None,
        received_at_ms: int | None = None,
        age_ms: int = 0,
    ) -> None:
        """Put a postback that was refused, `age_ms` ago, into the postback log, under a new id and time unless it has them."""
        kept_id = kept_id or new_postback_id()[1]
        tail = pack_tail(key, kept_id, tag_values)
        log_tail = pack_log_tail(key.company_id, caller_number, source_ip, code, occurrences)
        at = "" if received_at_ms is None else received_at_ms
        partition = partition_of(key.company_id, caller_number or str(key.id))
        await self._store.run("log_refused", partition, tail, log_tail, at, age_ms)

    async def find_erasure(self, company_id: int, call_uuid: str) -> int | None:
        """When the caller of this call was erased (Unix milliseconds), or None."""
        erased_at = await self._store.run("find_erasure", partition_of(company_id, call_uuid), company_id, call_uuid)
        return None if erased_at is None else int(erased_at)


@functools.lru_cache(maxsize=65_536)
def _pack_start(partition: bytes, company_id: int, storage_ms: int, cutoff_ms: int, also_store: bool) -> bytes:
    """The part of a write that is the same for all postbacks of a key and partition."""
    return pack_function_call("write", partition, 7) + pack_args(company_id, storage_ms, cutoff_ms, int(also_store))


def pack_tail(key: PostbackKeyRow, kept_id: str, tag_values: dict[str, str]) -> bytes:
    """A postback as it waits: attribution once, then its tags (see lua/3_waiting.lua)."""
    tags: list[str] = []
    for pair in tag_values.items():
        tags += pair
    return _pack((key.publisher_id, key.id, kept_id, int(key.apply_once), tags))


def pack_group_head(key: PostbackKeyRow, source_ip: str | None) -> bytes:
    """What the postback log wants to know of a whole group (see ingest/merger/drain_rows.py)."""
    return _pack((key.company_id, source_ip, key.storage_ms, key.also_store))


def pack_log_tail(
    company_id: int, caller_number: str | None, source_ip: str | None, code: str | None = None, occurrences: int = 1
) -> bytes:
    """What the postback log wants to know besides (see ingest/merger/drain.py)."""
    return _pack((company_id, caller_number, source_ip, code, occurrences))
