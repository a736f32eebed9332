"""How much waits in the streams for PostgreSQL, and the bound above which no further postback is taken.

Each worker measures for itself: whoever drains the streams may be the one who is gone.
"""

import asyncio

import structlog

from ingest.metrics import BACKLOG_BYTES, BACKLOG_SHARE
from ingest.redis_keys import ALL_PARTITIONS, stream_key
from ingest.store import Store
from shared.background import Background
from shared.errors import Unavailable

log = structlog.get_logger()

LOOK_SECONDS = 1.0
TOGETHER = 32  # streams asked about at a time: a look-up never waits behind all 256
MAXMEMORY_SHARE = 0.5  # of what the store may use, whatever the setting says: the rest is for waiting tags and calls
LOOKS_A_MAXMEMORY = 60  # it is hardly ever changed, but for making room: while there is none it is asked at each look
FREE_AGAIN_AT = 0.8  # of the bound, so that a drain at work doesn't let in a little and shut out again
RETRY_AFTER_SECONDS = 5

_STREAMS = tuple(stream_key(partition) for partition in ALL_PARTITIONS)


class BacklogFull(Unavailable):
    """Too much waits to be written to the postback log; try again."""

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=RETRY_AFTER_SECONDS)


class Backlog:
    """Looks once a second, and says meanwhile whether there is room; a hot path asks `is_full` and nothing else."""

    def __init__(self, store: Store, most_bytes: int) -> None:
        self.is_full = False
        self._store = store
        self._most_bytes = self._bound = most_bytes
        self._bytes_of: dict[bytes, int] = {}
        self._looks = 0
        self._loop = Background()

    async def start(self) -> None:
        self._loop.start(self._keep_looking())

    async def stop(self) -> None:
        await self._loop.stop()

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("backlog_not_measured")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Measure, and shut or open; what can't be asked now is as it was."""
        if self.is_full or self._looks % LOOKS_A_MAXMEMORY == 0:
            await self._look_at_maxmemory()
        self._looks += 1
        for start in range(0, len(_STREAMS), TOGETHER):
            await asyncio.gather(*(self._measure(stream) for stream in _STREAMS[start : start + TOGETHER]))
        waiting = sum(self._bytes_of.values())
        BACKLOG_BYTES.set(waiting)
        BACKLOG_SHARE.set(waiting / self._bound)
        self._decide(waiting)

    def _decide(self, waiting: int) -> None:
        if not self.is_full and waiting >= self._bound:
            self.is_full = True
            log.error("backlog_full", bytes=waiting, bound=self._bound)
        elif self.is_full and waiting < FREE_AGAIN_AT * self._bound:
            self.is_full = False
            log.info("backlog_has_room", bytes=waiting, bound=self._bound)

    async def _measure(self, stream: bytes) -> None:
        try:
            self._bytes_of[stream] = await self._store.ask(stream, "MEMORY", "USAGE", stream) or 0
        except Unavailable:
            return

    async def _look_at_maxmemory(self) -> None:
        """A bound that the store's own limit would forestall is none: calls would be refused as well."""
        try:
            limits = await self._store.ask_each("CONFIG", "GET", "maxmemory")
        except Unavailable:
            self._looks -= 1
            return
        most = sum(int(answer[1]) for answer in limits)
        self._bound = min(self._most_bytes, max(1, int(most * MAXMEMORY_SHARE))) if most else self._most_bytes
