"""`python -m ingest.merger.drain`: Redis streams to PostgreSQL, each entry effective exactly once however often it is delivered.

Entries are read, written in one transaction and only then removed, so a crash anywhere repeats them; and a repeated one changes nothing,
since postbacks and events meet their own primary key and a call its own revision. One drain works at a time (an advisory lock says
which), but nothing rests on that.
"""

import asyncio
import os
import time

import asyncpg
import structlog
from aiohttp import web

from ingest.merger.drain_metrics import DRAIN_BACKLOG, DRAIN_LAG, DRAINED, SET_ASIDE
from ingest.merger.drain_rows import read_batch
from ingest.merger.outgoing_streams import Entries, OutgoingStreams
from ingest.merger.settings import MergerSettings
from ingest.merger.write_rows import write_batch
from shared.background import Background
from shared.health import add_health
from shared.postgres import UNREACHABLE
from shared.redis_connection import StoreAway
from shared.running import running
from shared.serve import serve
from shared.start import begin

log = structlog.get_logger()

POLL_SECONDS = 0.1
RETRY_SECONDS = 0.5
STORE_SECONDS = 5.0
STATEMENT_SECONDS = 30.0
PARTITIONS_EVERY_SECONDS = 3600.0
MEASURE_EVERY_SECONDS = 1.0
_LOCK = 0x44524149
GIVES_WAY = 10  # how nice it is, nice(2), to the processes that somebody waits for


class Drain:
    """The loop. `missing` says what it waits for."""

    def __init__(self, redis_url: str, postgres_url: str) -> None:
        self._streams = OutgoingStreams(redis_url, timeout_seconds=STORE_SECONDS)
        self._postgres_url = postgres_url
        self._loop = Background()
        self._measuring = Background()
        self._waits_for: str | None = "the first look"
        self._measured: tuple[int, float] | None = None

    async def start(self) -> None:
        await self._streams.start()
        self._loop.start(self._keep_draining())
        self._measuring.start(self._keep_measuring())

    async def stop(self) -> None:
        await self._measuring.stop()
        await self._loop.stop()
        await self._streams.stop()

    def missing(self) -> str | None:
        return self._waits_for

    async def _keep_draining(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(self._postgres_url, timeout=STORE_SECONDS, command_timeout=STATEMENT_SECONDS)
                try:
                    await self._drain_with(connection)
                finally:
                    connection.terminate()
            except (*UNREACHABLE, asyncpg.PostgresError, StoreAway) as error:
                self._waits_for = str(error) or type(error).__name__
                log.warning("drain_waits", reason=self._waits_for)
            except Exception as error:
                self._waits_for = type(error).__name__
                log.exception("drain_failed")
            await asyncio.sleep(RETRY_SECONDS)

    async def _drain_with(self, connection: asyncpg.Connection) -> None:
        """Drain until something fails, once no other drain does."""
        partitions_made = float("-inf")
        while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            self._waits_for = None  # a drain in reserve is as it should be
            await asyncio.sleep(RETRY_SECONDS)
        while True:
            now = time.monotonic()
            if now - partitions_made >= PARTITIONS_EVERY_SECONDS:
                await connection.execute("select make_partitions((now() at time zone 'UTC')::date, 8)")
                await connection.execute("select drop_empty_partitions((now() at time zone 'UTC')::date - 7)")
                partitions_made = now
            if not await self.drain_once(connection):
                await asyncio.sleep(POLL_SECONDS)
            await self._note_measured(connection)
            self._waits_for = None

    async def _note_measured(self, connection: asyncpg.Connection) -> None:
        """Tell who looks at the logs how far behind they are; each measure once."""
        measured, self._measured = self._measured, None
        if measured is None:
            return
        await connection.execute(
            """
            insert into drain_state (backlog_entries, lag_seconds)
            values ($1, $2)
            on conflict (is_only) do update
            set backlog_entries = excluded.backlog_entries,
                lag_seconds = excluded.lag_seconds,
                measured_at = excluded.measured_at
            """,
            *measured,
        )

    async def drain_once(self, connection: asyncpg.Connection) -> int:
        """Bring over what is there, up to a bound, and answer how many entries that was."""
        entries = await self._streams.read()
        batch = read_batch(entries)
        while batch.call_places:
            calls, away = await self._streams.read_calls(batch.call_places)
            if not away:
                batch.take_calls(calls)
                break
            entries = {stream: items for stream, items in entries.items() if stream not in away}  # theirs wait
            batch = read_batch(entries)
        if not entries:
            return 0
        set_aside = await write_batch(connection, batch)
        await self._remove(entries)
        count = sum(map(len, entries.values()))
        DRAINED.inc(count - set_aside)
        SET_ASIDE.inc(set_aside)
        return count

    async def _remove(self, entries: Entries) -> None:
        """Take what was committed off the streams."""
        await self._streams.remove(entries)

    async def _keep_measuring(self) -> None:
        """Say how much waits whether or not it moves: PostgreSQL away is when the operator looks."""
        while True:
            backlog, lag_seconds = await self._streams.measure()
            DRAIN_BACKLOG.set(backlog)
            DRAIN_LAG.set(lag_seconds)
            self._measured = backlog, lag_seconds
            await asyncio.sleep(MEASURE_EVERY_SECONDS)


def create_app(settings: MergerSettings) -> web.Application:
    """The drain behind `/livez`, `/readyz` and `/metrics`."""
    app = web.Application()
    drain = Drain(settings.redis_url, settings.postgres_url)
    app.cleanup_ctx.append(running(drain))
    add_health(app, {"drain": drain.missing})
    return app


if __name__ == "__main__":
    os.nice(GIVES_WAY)
    settings = begin("drain", MergerSettings, "MERGER_")
    serve(lambda: create_app(settings), host=settings.host, port=settings.drain_port, workers=1, stop_grace_seconds=0)
