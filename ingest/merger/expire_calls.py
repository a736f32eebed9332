"""Ends calls whose end never came. Whoever looks at such a call finds it ended at its deadline anyway; this loop tells PostgreSQL."""

import asyncio

import structlog

from ingest.merger.metrics import CALLS_EXPIRED
from ingest.redis_keys import ALL_PARTITIONS
from ingest.store import Store
from shared.background import Background
from shared.errors import Unavailable

log = structlog.get_logger()

LOOK_SECONDS = 1.0
AT_ONCE = 20  # a partition and look: a script run stays short


class ExpireCalls:
    """Looks at every partition once a second."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loop = Background()

    async def start(self) -> None:
        self._loop.start(self._keep_looking())

    async def stop(self) -> None:
        await self._loop.stop()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            counts = await asyncio.gather(*(self._look_at(partition) for partition in ALL_PARTITIONS))
            CALLS_EXPIRED.inc(sum(counts))

    async def _look_at(self, partition: bytes) -> int:
        """End what is due there and answer how much that was; a server that is away holds up its own partitions alone."""
        try:
            return int(await self._store.run("expire", partition, AT_ONCE))
        except Unavailable:
            return 0
        except Exception:
            log.exception("expire_calls_failed")
            return 0
