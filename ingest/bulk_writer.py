"""Hands the items of one request to the buffer in groups, and keeps what became of each.

Groups are cut by what was sent alone, so that a repeat cuts the same ones and meets their markers.
"""

import asyncio

import msgspec

from ingest.errors import CallerFull, CallNotFound, CallPastCutoff
from ingest.postback_id import BatchIds
from ingest.read_postback import Postback
from ingest.redis_keys import partition_of
from ingest.tag_buffer import Fates, Group, Outcome, TagBuffer, pack_group_head, pack_tail
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal, Unavailable

GROUP_ITEMS = 32
GROUP_BYTES = 16 * 1024
ITEMS_IN_FLIGHT = 64
"""How many items of all requests the store has before it at a time: what a look-up may have to wait behind."""

_OUTCOMES = {"s": Outcome.STORED, "c": Outcome.STORED_FOR_CALL, "a": Outcome.APPLIED, "n": Outcome.NOT_STORED}
_REFUSED_BY_STORE: dict[str, type[Refusal]] = {"f": CallerFull, "u": CallNotFound, "p": CallPastCutoff}


def find_refusal(letter: str) -> Refusal | None:
    """What the store refused a postback with, by the letter of its fate (lua/5_write_many.lua)."""
    return refused() if (refused := _REFUSED_BY_STORE.get(letter.lower())) else None


def to_outcome(letter: str) -> Outcome:
    """The outcome of a postback that was taken."""
    return _OUTCOMES[letter.lower()]


class Fate(msgspec.Struct):
    """What became of an item. `expires_at_ms`: until when its tags wait, 0 if they don't."""

    outcome: Outcome | str
    expires_at_ms: int = 0
    refusal: Refusal | None = None


class Room:
    """Bounds how many items the store has before it, over all requests; who came first gets in first."""

    def __init__(self, items: int) -> None:
        self._free = max(items, GROUP_ITEMS)
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    async def enter(self, items: int) -> None:
        async with self._turn:
            while self._free < items:
                self._freed.clear()
                await self._freed.wait()
            self._free -= items

    def leave(self, items: int) -> None:
        self._free += items
        self._freed.set()


class BulkWriter:
    """One request's way into the buffer, which it enters as there is room."""

    def __init__(
        self,
        buffer: TagBuffer,
        room: Room,
        key: PostbackKeyRow,
        ids: BatchIds,
        source_ip: str | None,
        *,
        marked: bool,
    ) -> None:
        self.fates: dict[int, Fate] = {}
        self.refused: list[tuple[int, Refusal, Postback]] = []
        self._buffer = buffer
        self._room = room
        self._key = key
        self._ids = ids
        self._head = pack_group_head(key, source_ip)
        self._marked = marked
        self._open: dict[bytes, Group] = {}
        self._seen: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None

    def add(self, index: int, postback: Postback) -> Group | None:
        """Take an item by caller number. Answers a group that is full now and wants to be sent."""
        caller = postback.caller_number or ""
        return self._add(index, partition_of(self._key.company_id, caller), caller, postback)

    def add_to_call(self, index: int, postback: Postback, caller: str) -> Group | None:
        """The same by call_uuid, for a call that belongs to `caller` ("" when it was withheld)."""
        call_uuid = postback.call_uuid or ""
        return self._add(index, partition_of(self._key.company_id, caller or call_uuid), f"{caller} {call_uuid}", postback)

    def _add(self, index: int, partition: bytes, who: str, postback: Postback) -> Group | None:
        together = self._buffer.group_of(partition)
        if (group := self._open.get(together)) is None:
            group = self._open[together] = Group()
        group.add(index, partition, who, pack_tail(self._key, self._ids.kept(index), postback.tag_values), postback)
        if len(group.items) < GROUP_ITEMS and group.size < GROUP_BYTES:
            return None
        return self._open.pop(together)

    def refuse(self, index: int, refusal: Refusal, postback: Postback) -> None:
        """Note an item that isn't written; of `postback` whatever could be read."""
        self.fates[index] = Fate(Outcome.REFUSED, refusal=refusal)
        self.refused.append((index, refusal, postback))

    async def finish(self) -> None:
        """Return when every item has met its fate. Raises Unavailable if one may not have: the request is to be repeated."""
        for group in self._open.values():
            await self.send(group)
        self._open.clear()
        await self.settle()

    async def settle(self) -> None:
        """Return when nothing is on its way. Raises what went wrong."""
        while self._writing:
            await asyncio.wait(self._writing)
        if self._failure:
            raise self._failure

    async def send(self, group: Group) -> None:
        """Set a group on its way, once there is room for it. Raises Unavailable as soon as any group met it."""
        callers = {item.who for item in group.items}
        if not callers.isdisjoint(self._seen):
            await self.settle()  # of one caller's items the later one counts, so it may not overtake
        self._seen |= callers
        size = len(group.items)
        await self._room.enter(size)
        if self._failure:
            self._room.leave(size)
            raise self._failure
        task = asyncio.create_task(self._write(group, size))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, group: Group, size: int) -> None:
        """Write a group; a run of the script that had enough work for a while leaves the rest to the next."""
        try:
            while group.items:
                marker = f"{self._ids.batch}:{group.items[0].index}" if self._marked else ""
                self._note(group, await self._buffer.write_many(self._key, group, self._head, marker))
        except Unavailable as unavailable:
            self._failure = unavailable
        except Exception as error:
            self._failure = self._failure or error
        finally:
            self._room.leave(size)

    def _note(self, group: Group, fates: Fates) -> None:
        """Keep what became of the first of a group, and drop these from it."""
        equal: dict[tuple[str, int], Fate] = {}  # nearly always all met the same
        for item, letter, expires_at_ms in zip(group.items, fates.letters, fates.expiries(self._key), strict=False):
            if refusal := find_refusal(letter):
                self.refuse(item.index, refusal, item.postback)
                continue
            if (fate := equal.get((letter, expires_at_ms))) is None:
                fate = equal[letter, expires_at_ms] = Fate(to_outcome(letter), expires_at_ms)
            self.fates[item.index] = fate
        group.drop(len(fates.letters))
