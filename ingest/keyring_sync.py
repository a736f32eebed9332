"""PostgreSQL to memory: the one loop by which ingest and the merger learn of keys, numbers, campaigns and buyers.

A notification makes a change known at once, a look every two seconds makes up for a lost one, and what was learnt is left in Redis for
a worker that starts while PostgreSQL is down.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
import msgspec
import orjson
import structlog

from ingest.kept_tables import KeptTable
from ingest.redis_keys import snapshot_key
from ingest.store import Store
from shared.background import Background
from shared.errors import Unavailable
from shared.postgres import UNREACHABLE

log = structlog.get_logger()

LOOK_SECONDS = 2.0
STATEMENT_SECONDS = 1.5  # a frozen server is noticed by the next look
FIRST_LOOK_SECONDS = 30.0  # reads everything
RECONNECT_SECONDS = 0.5
_ROWS_AT_ONCE = 200


class KeyringSync:
    """Keeps rows of PostgreSQL in memory. `on_current` is told whether what isn't there can be said not to exist."""

    def __init__(self, postgres_url: str, store: Store, tables: list[KeptTable[Any]], on_current: Callable[[bool], None]) -> None:
        self._url = postgres_url
        self._store = store
        self._tables = tables
        self._on_current = on_current
        self._horizon = "0"
        self._woken = asyncio.Event()
        self._loop = Background()
        self._kept: dict[str, dict[int, Any]] = {table.name: {} for table in tables}
        self._unsaved: dict[str, dict[int, Any]] = {table.name: {} for table in tables}
        self.filled_from: str | None = None
        """Where the first fill came from: "postgres", "snapshot", or None while there was none."""

    async def start(self) -> None:
        """Fill from PostgreSQL, or from the snapshot while PostgreSQL can't be reached, and stay in step from now on."""
        tried = asyncio.Event()
        self._loop.start(self._stay_in_step(tried))
        await tried.wait()

    async def stop(self) -> None:
        await self._loop.stop()

    def missing(self) -> str | None:
        """What keeps requests from being told apart, or None; a stale keyring still serves the keys it knows."""
        return None if self.filled_from else "neither PostgreSQL nor the snapshot of its keys could be read"

    async def _stay_in_step(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._follow(tried)
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                log.warning("keyring_stale", reason=str(error) or type(error).__name__)
            except Exception:
                log.exception("keyring_sync_failed")
            self._on_current(False)
            if not self.filled_from:
                await self._fill_from_snapshot()
            tried.set()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _follow(self, tried: asyncio.Event) -> None:
        """Look on every notification and every two seconds, until the connection breaks.

        A new connection begins by reading everything: it may be to another server, restored from a dump, that counts transactions anew.
        """
        self._horizon = "0"
        connection = await asyncpg.connect(self._url, timeout=STATEMENT_SECONDS, command_timeout=STATEMENT_SECONDS)
        try:
            await connection.set_type_codec("json", schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads)
            connection.add_termination_listener(lambda _: self._woken.set())
            await connection.add_listener("callstamp_changes", lambda *_: self._woken.set())
            while True:
                self._woken.clear()
                await self._look(connection)
                tried.set()
                await self._save_snapshot()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._woken.wait()
        finally:
            connection.terminate()

    async def _look(self, connection: asyncpg.Connection) -> None:
        """Read what changed since the last look, all tables as of one moment, so that a number never precedes its campaign."""
        patience = FIRST_LOOK_SECONDS if self._horizon == "0" else None
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            horizon = await connection.fetchval("select pg_snapshot_xmin(pg_current_snapshot())::text")
            for table in self._tables:
                for number, values in enumerate(await connection.fetch(table.sql, self._horizon, timeout=patience), 1):
                    row = table.read(values)
                    table.put(row)
                    self._kept[table.name][row.id] = self._unsaved[table.name][row.id] = row
                    if number % _ROWS_AT_ONCE == 0:
                        await asyncio.sleep(0)  # a large keyring must not hold up postbacks
        self._horizon = horizon
        self.filled_from = "postgres"
        self._on_current(True)

    async def _save_snapshot(self) -> None:
        """Leave what is new in Redis, and everything if Redis lost it; what can't be left now is left next time."""
        for name, rows in self._unsaved.items():
            with suppress(Unavailable):
                if await self._store.run("count_remembered", snapshot_key(name)) + len(rows) < len(self._kept[name]):
                    rows.update(self._kept[name])
            while rows:
                some = list(rows.values())[:_ROWS_AT_ONCE]
                args = [arg for row in some for arg in (row.id, row.version, msgspec.msgpack.encode(row))]
                try:
                    await self._store.run("remember", snapshot_key(name), *args)
                except Unavailable:
                    return
                for row in some:
                    del rows[row.id]

    async def _fill_from_snapshot(self) -> None:
        try:
            for table in self._tables:
                for packed in await self._store.run("recall", snapshot_key(table.name)):
                    table.put(msgspec.msgpack.decode(packed, type=table.row_type))
                    self.filled_from = "snapshot"
        except Unavailable as error:
            log.warning("snapshot_unreadable", reason=error.detail)
