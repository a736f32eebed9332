"""The pool of connections to PostgreSQL, the one way to use one, and what is known of whether it answers.

Row-level security (schemas/postgres/0008_row_security.sql) shows a transaction the rows of the company that it was opened for, and of
no company where it was opened for none.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog
from aiohttp import web

from admin.permissions import Actor
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
        self.timeout_seconds = settings.database_timeout_ms / 1000
        """How long a request waits for a connection, and to learn who it comes from."""
        self._asking = Background()
        self._missing: str | None = "PostgreSQL hasn't been asked yet"
        self._is_bypassed = False

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

    @asynccontextmanager
    async def of_company(self, company_id: int, actor: Actor | None = None) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that sees and changes this company's rows alone, and whose changes the audit log puts down to `actor`."""
        async with transaction(self.pool, acquire_seconds=self.timeout_seconds) as db:
            await enter_company(db, company_id, actor)
            yield db

    @asynccontextmanager
    async def of_nobody(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that sees no company: for people and their sessions, and for finding out whose a request is."""
        async with transaction(self.pool, acquire_seconds=self.timeout_seconds) as db:
            yield db

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
            async with asyncio.timeout(CHECK_EVERY_SECONDS), self.of_nobody() as db:
                self._look_at_wall(await db.fetchval(_IS_BYPASSED))
        except asyncpg.UndefinedTableError:
            return "the tables aren't there: run the migrations"
        except (Unavailable, asyncpg.PostgresError, *UNREACHABLE):
            return "PostgreSQL doesn't answer"
        return None

    def _look_at_wall(self, is_bypassed: bool) -> None:
        """Say once that companies are kept apart by our statements alone."""
        if is_bypassed and not self._is_bypassed:
            log.warning("row_security_bypassed", remedy="give ADMIN_POSTGRES_URL the role callstamp_admin")
        self._is_bypassed = is_bypassed


_IS_BYPASSED = """
select not row_security_active('api_tokens')
"""


async def enter_company(db: asyncpg.Connection, company_id: int, actor: Actor | None) -> None:
    """Open the company's rows to the rest of the transaction."""
    await db.execute(
        "select set_config('callstamp.company_id', $1, true), set_config('callstamp.actor', $2, true)",
        str(company_id),
        json.dumps(actor.described()) if actor else "",
    )


DATABASE = web.AppKey("database", Database)
