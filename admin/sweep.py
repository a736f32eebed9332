"""Removes what has ended and that nobody asks for any more: sessions, links to a new password, counts of tries, replies for repeats."""

import asyncio

import asyncpg
import structlog

from admin.database import Database
from admin.store import done_once, password_resets, sessions, sign_in_tries
from admin.throttle import PLACES_SECONDS, SECONDS
from shared.background import Background
from shared.errors import Unavailable

SWEEP_EVERY_SECONDS = 600.0

log = structlog.get_logger()


class Sweep:
    """The loop that removes it, in each worker; twice does no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sweeping = Background()

    async def start(self) -> None:
        self._sweeping.start(self._keep_sweeping())

    async def stop(self) -> None:
        await self._sweeping.stop()

    async def sweep_once(self) -> None:
        """All that has ended by now."""
        async with self._database.of_nobody() as db:
            await sessions.remove_old(db)
            await password_resets.remove_old(db)
            await done_once.remove_old(db)
            await sign_in_tries.remove_old(db, tries_seconds=SECONDS, places_seconds=PLACES_SECONDS)

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            try:
                await self.sweep_once()
            except (Unavailable, asyncpg.PostgresError) as error:
                log.warning("sweep_put_off", reason=type(error).__name__)
