"""Brings the spool to the store once it is back: in order, beside the live traffic, and each postback once.

Each is written with its id as a marker, which stands beside its tags in the store for a day: whatever dies between the store's answer
and the row's removal, the next try meets the marker and changes nothing.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator

import msgspec
import structlog

from ingest.backlog import Backlog
from ingest.metrics import SPOOL_REPLAYED
from ingest.postback_id import BatchIds
from ingest.spool import Spool, SpooledPostback
from ingest.spool_file import SpoolFile, SpoolRow
from ingest.store import Store
from ingest.tag_buffer import Outcome, TagBuffer
from ingest.write_once import WriteOnce
from shared.errors import Refusal, Unavailable

log = structlog.get_logger()

LOOK_SECONDS = 0.25
TIDY_SECONDS = 5.0  # between looks at the store's clock, and for what dead workers left
READ_ROWS = 128  # how many are removed in one transaction, so at most that many are replayed twice
IN_FLIGHT = 8  # of a worker: live postbacks have the store to themselves but for these

_unpack = msgspec.msgpack.Decoder(SpooledPostback).decode


class SpoolReplay:
    """The loop that empties a worker's files."""

    def __init__(self, spool: Spool, store: Store, backlog: Backlog, buffer: TagBuffer, write_once: WriteOnce) -> None:
        self._spool = spool
        self._store = store
        self._backlog = backlog
        self._buffer = buffer
        self._write_once = write_once
        self._stopping = asyncio.Event()
        self._set_aside: set[tuple[int, int]] = set()
        self._task: asyncio.Task[None]
        self._replayed = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep_replaying())

    async def stop(self) -> None:
        """Finish with what is under way, so that what the store has doesn't stay here."""
        self._stopping.set()
        await self._task

    async def _keep_replaying(self) -> None:
        tidy_at = 0.0
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= tidy_at:
                    await self._spool.clock.look()
                    await self._spool.inherit()
                    await self._spool.show()
                    tidy_at = time.monotonic() + TIDY_SECONDS
                for file in self._spool.files:
                    await self._replay_file(file)
            except Exception:
                log.exception("spool_replay_failed")
                await self._pause(TIDY_SECONDS)
            await self._pause()

    async def _pause(self, seconds: float | None = None) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS if seconds is None else seconds)

    def _may_go_on(self) -> bool:
        """Not while the store is away, nor to make a backlog longer that is too long."""
        return not (self._stopping.is_set() or self._store.missing() or self._backlog.is_full)

    async def _replay_file(self, file: SpoolFile) -> None:
        """Write what is in the file, in order; whoever's partition is away waits for the next time."""
        blocked: set[tuple[int, str]] = set()
        after = 0
        while file.rows and self._may_go_on() and (rows := await self._spool.read(file, after, READ_ROWS)):
            after = rows[-1].id
            stuck = len(blocked)
            done = await self._write(file, rows, blocked)
            if not done:
                if len(blocked) > stuck:
                    await self._pause()  # a store that refuses isn't asked for the whole spool at full speed
                continue
            await self._spool.drop(file, done)
            self._replayed += len(done)
            if not file.rows:
                log.info("spool_replayed", file=file.number, postbacks=self._replayed)
                self._replayed = 0

    def _read(self, file: SpoolFile, rows: list[SpoolRow]) -> Iterator[tuple[int, SpooledPostback]]:
        for row in rows:
            if (file.number, row.id) in self._set_aside:
                continue
            try:
                yield row.id, _unpack(row.packed)
            except msgspec.MsgspecError as unreadable:
                self._put_aside(file, row.id, unreadable)

    def _put_aside(self, file: SpoolFile, row_id: int, error: BaseException) -> None:
        """Leave a row that can't be replayed where it is, and go on with the others; it is tried again at the next start."""
        self._set_aside.add((file.number, row_id))
        log.error("spooled_postback_set_aside", file=file.number, row=row_id, exc_info=error)

    async def _write(self, file: SpoolFile, rows: list[SpoolRow], blocked: set[tuple[int, str]]) -> list[int]:
        """Write rows and answer which of them the store has; `blocked` are those of whom one couldn't be written."""
        done: list[int] = []
        together: dict[tuple[int, str], tuple[int, SpooledPostback]] = {}

        async def write_together() -> None:
            writing = (self._write_one(spooled) for _, spooled in together.values())
            taken = await asyncio.gather(*writing, return_exceptions=True)
            for (who, (row_id, _)), is_taken in zip(together.items(), taken, strict=True):
                if is_taken is True:
                    done.append(row_id)
                    continue
                blocked.add(who)
                if isinstance(is_taken, BaseException):
                    self._put_aside(file, row_id, is_taken)
            together.clear()

        for row_id, spooled in self._read(file, rows):
            if spooled.who in together or len(together) == IN_FLIGHT:
                await write_together()
            if not self._may_go_on():
                break
            if spooled.who not in blocked:
                together[spooled.who] = row_id, spooled
        await write_together()
        return done

    async def _write_one(self, spooled: SpooledPostback) -> bool:
        """Whether the store has it now, or has refused it, which the log says."""
        key, ids = spooled.key, BatchIds(spooled.kept_id)
        try:
            receipt = await self._write_once.take(key, spooled.postback, spooled.source_ip, ids, spooled.received_at_ms)
        except Unavailable:
            return False
        except Refusal as refusal:
            return await self._log_refused(spooled, refusal)
        SPOOL_REPLAYED.labels(outcome=receipt.outcome.value).inc()
        return True

    async def _log_refused(self, spooled: SpooledPostback, refusal: Refusal) -> bool:
        try:
            is_erased = await self._is_erased(spooled)
            await self._buffer.log_refused(
                spooled.key,
                spooled.caller_number,
                {} if is_erased else spooled.tag_values,
                None if is_erased else spooled.source_ip,
                refusal.code,
                1,
                spooled.kept_id,
                spooled.received_at_ms,
            )
        except Unavailable:
            return False
        SPOOL_REPLAYED.labels(outcome=Outcome.REFUSED.value).inc()
        return True

    async def _is_erased(self, spooled: SpooledPostback) -> bool:
        """Whether it is for a call whose caller was erased since: nothing else than the uuid tells of whom it was."""
        if spooled.call_uuid is None:
            return False
        erased_at_ms = await self._buffer.find_erasure(spooled.company_id, spooled.call_uuid)
        return erased_at_ms is not None and spooled.received_at_ms <= erased_at_ms
