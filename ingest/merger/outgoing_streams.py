"""The streams of all partitions as the drain reads them, on one server or on a cluster whose servers come and go one by one.

What a server that is away holds is left for later, and what others hold is brought over meanwhile.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from ingest.redis_keys import ALL_PARTITIONS, call_key, partition_of, stream_key
from shared.metrics import STORE_SERVERS_AWAY, STORE_UP
from shared.redis_connection import Arg, Moved, StoreAway, pack_command
from shared.redis_link import LinkRules
from shared.redis_links import make_links

ENTRIES_A_STREAM = 100  # a read: 25,600 entries at the most

Entries = dict[bytes, list[tuple[bytes, dict[bytes, bytes]]]]


class OutgoingStreams:
    """Reads, removes and measures. Raises StoreAway when no server can be reached at all."""

    def __init__(self, redis_url: str, *, timeout_seconds: float) -> None:
        self._links = make_links(redis_url, LinkRules(timeout_seconds=timeout_seconds, on_change=self._show_what_is_away))
        self._started = False

    async def start(self) -> None:
        """Connect; whoever reads first does it, too."""
        if not self._started:
            self._started = True
            await self._links.start()

    async def stop(self) -> None:
        if self._started:
            await self._links.stop()

    async def read(self) -> Entries:
        """The oldest entries of each stream, up to a bound."""
        await self.start()
        together: dict[bytes, list[bytes]] = {}
        for partition in ALL_PARTITIONS:
            together.setdefault(self._links.group_of(partition), []).append(stream_key(partition))
        answers = await self._run_each(
            (streams[0], ("XREAD", "COUNT", ENTRIES_A_STREAM, "STREAMS", *streams, *["0-0"] * len(streams)))
            for streams in together.values()
        )
        return {
            stream: [(entry_id, dict(zip(fields[::2], fields[1::2], strict=True))) for entry_id, fields in items]
            for answer in answers
            if not isinstance(answer, StoreAway)
            for stream, items in answer or ()
        }

    async def read_calls(self, places: Iterable[tuple[int, str, str]]) -> tuple[list[bytes | None], set[bytes]]:
        """The calls that something happened to, as they are now: many changes of one call come to one row.

        Also the streams whose calls can't be read now.
        """
        places = list(places)
        answers = await self._run_each((key, ("GET", key)) for key in (call_key(*place) for place in places))
        away = {
            stream_key(partition_of(company_id, caller_number or call_uuid))
            for (company_id, caller_number, call_uuid), answer in zip(places, answers, strict=True)
            if isinstance(answer, StoreAway)
        }
        return answers, away

    async def remove(self, entries: Entries) -> None:
        """Take these off the streams: all up to the last one read. What can't be taken off is delivered again."""
        await self._run_each((stream, ("XTRIM", stream, "MINID", _after(items[-1][0]))) for stream, items in entries.items())

    async def measure(self) -> tuple[int, float]:
        """How many entries wait, and for how many seconds the oldest; of servers that are away nothing is known."""
        await self.start()
        servers = [link for link in self._links.links() if link.is_up]
        clocks = await asyncio.gather(*(link.call("TIME") for link in servers), return_exceptions=True)
        now = {
            link.name: int(clock[0]) * 1000 + int(clock[1]) // 1000
            for link, clock in zip(servers, clocks, strict=True)
            if not isinstance(clock, BaseException)
        }
        streams = [stream_key(partition) for partition in ALL_PARTITIONS]
        try:
            lengths = await self._run_each((stream, ("XLEN", stream)) for stream in streams)
            firsts = await self._run_each((stream, ("XRANGE", stream, "-", "+", "COUNT", 1)) for stream in streams)
        except StoreAway:
            return 0, 0.0
        ages = [
            now.get(self._links.at(stream).name, 0) - int(items[0][0].partition(b"-")[0])
            for stream, items in zip(streams, firsts, strict=True)
            if items and not isinstance(items, StoreAway)
        ]
        backlog = sum(length for length in lengths if not isinstance(length, StoreAway))
        return backlog, max(0, *ages, 0) / 1000

    async def _run_each(self, commands: Iterable[tuple[bytes, tuple[Arg, ...]]]) -> list[Any]:
        """The reply to each command, or the StoreAway that came instead; raises it if there is nothing else."""
        answers = await asyncio.gather(*(self._run(key, command) for key, command in commands))
        failures = [answer for answer in answers if isinstance(answer, StoreAway)]
        if failures and len(failures) == len(answers):
            raise failures[0]
        return answers

    async def _run(self, key: bytes, command: tuple[Arg, ...]) -> Any:
        packed = pack_command(*command)
        try:
            try:
                return await self._links.at(key).send(packed)
            except Moved as moved:
                return await self._links.follow(moved, packed)
        except (StoreAway, Moved) as error:
            failure = error if isinstance(error, StoreAway) else StoreAway("the slot moves on and on")
            self._links.notice(failure)
            return failure

    def _show_what_is_away(self) -> None:
        away = len(self._links.away())
        STORE_UP.set(away == 0)
        STORE_SERVERS_AWAY.set(away)


def _after(entry_id: bytes) -> str:
    """The id that follows an entry's."""
    milliseconds, _, sequence = entry_id.partition(b"-")
    return f"{int(milliseconds)}-{int(sequence) + 1}"
