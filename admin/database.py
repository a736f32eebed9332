"""The pool of connections to PostgreSQL, and what is known of whether it answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import structlog
from aiohttp import web

from admin.settings import Settings
from shared.errors import Unavailable
from shared.metrics import STORE_UP
from shared.postgres import UNREACHABLE, open_pool, transaction

SETTINGS = web.AppKey("settings", Settings)

CHECK_EVERY_SECONDS = 1.0

log = structlog.get_logger()


class Database:
    """The pool, and whether PostgreSQL answered when last asked, so that `/readyz` needn't ask it."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool
        self._missing: str | None = "PostgreSQL hasn't been asked yet"

    def check(self) -> str | None:
        """What keeps it from serving, from memory."""
        return self._missing

    async def keep_asking(self) -> None:
        """Ask once a second, for ever; the question also fails while the tables aren't there."""
        while True:
            before, self._missing = self._missing, await self._ask()
            STORE_UP.set(0 if self._missing else 1)
            if before != self._missing:
                log.info("database_checked", missing=self._missing)
            await asyncio.sleep(CHECK_EVERY_SECONDS)

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(CHECK_EVERY_SECONDS), transaction(self.pool) as db:
                await db.execute("select id from api_tokens limit 1")
        except asyncpg.UndefinedTableError:
            return "the tables aren't there: run the migrations"
        except (Unavailable, asyncpg.PostgresError, *UNREACHABLE):
            return "PostgreSQL doesn't answer"
        return None


DATABASE = web.AppKey("database", Database)


async def open_database(app: web.Application) -> AsyncIterator[None]:
    """Have a pool and keep asking whether it works, for as long as the app runs; PostgreSQL needn't be there yet."""
    settings, database = app[SETTINGS], app[DATABASE]
    database.pool = await open_pool(
        settings.postgres_url, size=settings.postgres_connections, statement_seconds=settings.statement_seconds
    )
    asking = asyncio.create_task(database.keep_asking())
    yield
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    try:
        async with asyncio.timeout(1):
            await database.pool.close()
    except TimeoutError:
        database.pool.terminate()
