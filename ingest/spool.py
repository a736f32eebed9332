"""The spool: postbacks that come while the store is out of reach, on this machine's disk until they are replayed.

Off by default. What is kept here was accepted, so it is kept with the rules of its key as they were at that moment.
"""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from ingest.metrics import SPOOL_BYTES, SPOOL_OLDEST_SECONDS, SPOOL_ROWS
from ingest.postback_id import BatchIds
from ingest.read_postback import Postback
from ingest.spool_file import SpoolFile, SpoolRow, SpoolUnusable, list_numbers, open_file
from ingest.store_clock import StoreClock
from ingest.tag_buffer import Outcome, Receipt
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Unavailable
from shared.settings import StartRefused

log = structlog.get_logger()

FAILING_SECONDS = 5.0  # how long a spool that took nothing is held for one that takes nothing

T = TypeVar("T")


class SpoolFull(Unavailable):
    """The store is away, and the spool can't take more; try again."""


class SpooledPostback(msgspec.Struct, array_like=True):
    """A postback in the spool, with the rules that it was accepted by. Files are read by later versions: add fields at the end."""

    kept_id: str
    received_at_ms: int
    company_id: int
    publisher_id: int
    postback_key_id: int
    storage_ms: int
    cutoff_ms: int
    apply_once: bool
    also_store: bool
    source_ip: str | None
    caller_number: str | None
    call_uuid: str | None
    tag_values: dict[str, str]

    @property
    def key(self) -> PostbackKeyRow:
        """The key as it was."""
        return PostbackKeyRow(
            id=self.postback_key_id,
            version=0,
            company_id=self.company_id,
            publisher_id=self.publisher_id,
            region="",
            storage_ms=self.storage_ms,
            cutoff_ms=self.cutoff_ms,
            apply_once=self.apply_once,
            also_store=self.also_store,
            paused=False,
            revoked=False,
            secrets=[],
        )

    @property
    def postback(self) -> Postback:
        return Postback(self.tag_values, self.caller_number, self.call_uuid)

    @property
    def who(self) -> tuple[int, str]:
        """Of whom it is: of one caller the later postback counts, so it may not overtake."""
        return self.company_id, self.caller_number or self.call_uuid or ""


_pack = msgspec.msgpack.Encoder().encode


class Spool:
    """This worker's files: its own, which it adds to, and those of dead workers until they are empty."""

    def __init__(self, folder: Path, most_bytes: int, clock: StoreClock) -> None:
        self.inherited: list[SpoolFile] = []
        self.own: SpoolFile
        self.clock = clock
        self._folder = folder
        self._most_bytes = most_bytes
        self._thread = ThreadPoolExecutor(1, "spool")
        self._waiting: list[tuple[tuple[int, bytes], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._failed_at: float | None = None
        self._unusable: set[int] = set()

    # --- its life

    async def start(self) -> None:
        """Take a file, and those that dead workers left. Raises StartRefused."""
        try:
            await self._in_thread(self._open)
            await self._take_over()
        except SpoolUnusable as unusable:
            await self.stop()
            raise StartRefused(f"the spool in {self._folder} can't be used: {unusable}") from None
        await self.show()

    async def stop(self) -> None:
        """Write what waits to be written, and give the files back."""
        if self._writing:
            await self._writing
        await self._in_thread(self._close)
        self._thread.shutdown()

    def _open(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SpoolUnusable(error.strerror) from None
        files = (open_file(self._folder, number, self._most_bytes) for number in itertools.count(1))
        self.own = next(file for file in files if file is not None)

    async def _take_over(self) -> None:
        for file in await self._in_thread(self._find_left):
            self.inherited.append(file)
            log.info("spool_file_taken_over", file=file.number, rows=file.rows)

    def _find_left(self) -> list[SpoolFile]:
        """The files that nobody has and something is in."""
        passed_over = {file.number for file in self.files} | self._unusable
        left: list[SpoolFile] = []
        for number in list_numbers(self._folder):
            if number in passed_over:
                continue
            try:
                file = open_file(self._folder, number, self._most_bytes)
            except SpoolUnusable:
                self._unusable.add(number)
                for other in left:
                    other.close()
                raise
            if file and file.rows:
                left.append(file)
            elif file:
                file.close()
        return left

    def _close(self) -> None:
        for file in self.files:
            file.close()

    @property
    def files(self) -> list[SpoolFile]:
        """Every file that this worker has, the oldest postbacks first."""
        return [*self.inherited, self.own] if hasattr(self, "own") else []

    # --- what requests ask

    @property
    def takes_postbacks(self) -> bool:
        """Whether there seems to be room; one that took nothing is tried again after a while."""
        return self._failed_at is None or time.monotonic() - self._failed_at > FAILING_SECONDS

    def describe(self) -> dict[str, Any]:
        """What an operator wants to know of it."""
        return {"rows": sum(file.rows for file in self.files), "takes_postbacks": self.takes_postbacks}

    async def keep(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None) -> Receipt:
        """Keep a postback: it is on disk when this returns. Raises SpoolFull."""
        ids, received_at_ms = BatchIds(), self.clock.now_ms()
        spooled = SpooledPostback(
            kept_id=ids.batch,
            received_at_ms=received_at_ms,
            company_id=key.company_id,
            publisher_id=key.publisher_id,
            postback_key_id=key.id,
            storage_ms=key.storage_ms,
            cutoff_ms=key.cutoff_ms,
            apply_once=key.apply_once,
            also_store=key.also_store,
            source_ip=source_ip,
            caller_number=postback.caller_number,
            call_uuid=postback.call_uuid,
            tag_values=postback.tag_values,
        )
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((received_at_ms, _pack(spooled)), written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await written
        return Receipt(ids.text(0), Outcome.QUEUED, 0)

    async def _write(self) -> None:
        """Write until nobody waits; those that wait at the same time share a transaction, and its fsync."""
        while self._waiting:
            together, self._waiting = self._waiting, []
            failure = await self._add([row for row, _ in together])
            for _, written in together:
                if written.done():
                    continue  # its request was cancelled
                if failure:
                    written.set_exception(failure)
                else:
                    written.set_result(None)
            await self.show()
        self._writing = None

    async def _add(self, rows: list[tuple[int, bytes]]) -> SpoolFull | None:
        was_empty = not self.own.rows
        try:
            await self._in_thread(self.own.add, rows)
        except Exception as error:  # whatever it is: nobody who waits may wait for ever
            if self._failed_at is None:
                log.error("spool_full", reason=str(error))  # noqa: TRY400 - the reason is all there is to know
            self._failed_at = time.monotonic()
            return SpoolFull()
        self._failed_at = None
        if was_empty:
            log.warning("spool_begun", file=self.own.number)
        return None

    # --- what the replay asks

    async def read(self, file: SpoolFile, after: int, most: int) -> list[SpoolRow]:
        """The next postbacks of a file."""
        return await self._in_thread(file.read, after, most)

    async def drop(self, file: SpoolFile, ids: list[int]) -> None:
        """Forget postbacks that the store has; a file of a dead worker is given back once it is empty."""
        await self._in_thread(file.drop, ids)
        self._failed_at = None
        if not file.rows:
            await self._in_thread(file.tidy)
            if file in self.inherited:
                self.inherited.remove(file)
                await self._in_thread(file.close)
        await self.show()

    async def inherit(self) -> None:
        """Take what workers left that died meanwhile."""
        try:
            await self._take_over()
        except SpoolUnusable as unusable:
            log.error("spool_file_unusable", reason=str(unusable))  # noqa: TRY400 - the reason is all there is to know

    async def show(self) -> None:
        """Bring the figures up to date, if the disk lets them be known."""
        try:
            rows, size, oldest_ms = await self._in_thread(self._measure)
        except sqlite3.Error:
            return
        SPOOL_ROWS.set(rows)
        SPOOL_BYTES.set(size)
        SPOOL_OLDEST_SECONDS.set(0 if oldest_ms is None else max(0, self.clock.now_ms() - oldest_ms) / 1000)

    def _measure(self) -> tuple[int, int, int | None]:
        files = self.files
        oldest = [found for file in files if (found := file.find_oldest_ms()) is not None]
        return sum(file.rows for file in files), sum(file.count_bytes() for file in files), min(oldest, default=None)

    async def _in_thread(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
