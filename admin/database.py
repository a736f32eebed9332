"""The pool of connections to PostgreSQL, and what is known of whether it answers."""

import asyncio

import asyncpg
import structlog
from aiohttp import web

from admin.settings import AdminSettings
from shared.background import Background
from shared.errors import Unavailable
from shared.metrics import STORE_UP
from shared.postgres import UNREACHABLE, open_pool, transaction

CHECK_EVERY_SECONDS = 1.0
CLOSE_SECONDS = 1.0

log = structlog.get_logger()


class Database:
    """The pool, and whether PostgreSQL answered when last asked, so that `/readyz` needn't ask it."""

    def __init__(self, settings: AdminSettings) -> None:
        self._settings = settings
        self._asking = Background()
        self._missing: str | None = "PostgreSQL hasn't been asked yet"

    async def start(self) -> None:
        """Open the pool and keep asking; PostgreSQL needn't be there yet."""
        self.pool = await open_pool(
            self._settings.postgres_url,
            size=self._settings.postgres_connections,
            statement_seconds=self._settings.statement_seconds,
        )
        self._asking.start(self._keep_asking())

    async def stop(self) -> None:
        """Stop asking, and give up connections that don't end by themselves."""
        await self._asking.stop()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    def check(self) -> str | None:
        """What keeps it from serving, from memory."""
        return self._missing

    async def _keep_asking(self) -> None:
        while True:
            before, self._missing = self._missing, await self._ask()
            STORE_UP.set(0 if self._missing else 1)
            if before != self._missing:
                log.info("database_checked", missing=self._missing)
            await asyncio.sleep(CHECK_EVERY_SECONDS)

    async def _ask(self) -> str | None:
        """What is missing. The question fails while the tables aren't there, too."""
        try:
            async with asyncio.timeout(CHECK_EVERY_SECONDS), transaction(self.pool) as db:
                await db.execute("select id from api_tokens limit 1")
        except asyncpg.UndefinedTableError:
            return "the tables aren't there: run the migrations"
        except (Unavailable, asyncpg.PostgresError, *UNREACHABLE):
            return "PostgreSQL doesn't answer"
        return None


DATABASE = web.AppKey("database", Database)
