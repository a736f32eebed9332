"""Removes, hour by hour, what companies don't want to keep any longer (admin/store/retention.py).

Every process of admin has this loop; an advisory lock lets one of them work at a time. Work is done in small transactions, each of one
company, so that nobody waits long for a row.
"""

import asyncio

import asyncpg
import structlog

from admin.database import Database
from admin.store import retention
from shared.background import Background
from shared.errors import Unavailable
from shared.postgres import UNREACHABLE

log = structlog.get_logger()

HOUR_SECONDS = 3600.0
FIRST_AFTER_SECONDS = 60.0  # a service that was just started has more urgent things to do
PAUSE_SECONDS = 0.05  # between two transactions: others are to get their turn


class Retention:
    """The loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = Background()

    async def start(self) -> None:
        self._loop.start(self._keep_removing())

    async def stop(self) -> None:
        await self._loop.stop()

    async def _keep_removing(self) -> None:
        await asyncio.sleep(FIRST_AFTER_SECONDS)
        while True:
            try:
                await self.run_once()
            except (Unavailable, asyncpg.PostgresError, *UNREACHABLE) as error:
                log.warning("retention_waits", reason=str(error) or type(error).__name__)
            except Exception:
                log.exception("retention_failed")
            await asyncio.sleep(HOUR_SECONDS)

    async def run_once(self) -> int:
        """Remove what is past its time; answers how many rows that were. Leaves it to another process that is at it."""
        async with self._database.of_nobody() as db:
            company_ids = await retention.fetch_company_ids(db)
        total = 0
        for company_id in company_ids:
            for step in retention.STEPS:
                total += await self._finish(company_id, step)
        if total:
            log.info("retention_done", rows=total)
        return total

    async def _finish(self, company_id: int, step: retention.Step) -> int:
        """Take one step for a company, as often as there is something left to do."""
        total = 0
        while True:
            async with self._database.of_company(company_id) as db:
                if not await retention.take_turn(db):
                    return total
                done = await step(db, company_id, await retention.get(db, company_id))
            if done is None:
                return total
            total += done
            await asyncio.sleep(PAUSE_SECONDS)
