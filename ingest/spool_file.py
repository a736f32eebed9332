"""One file of the spool: postbacks in the order in which they came, each on disk before it is answered.

A file belongs to whoever holds its lock, which the kernel gives back when that process ends, whatever way that is. Files are numbered,
emptied and used again, never removed: a lock on a file that is about to go would guard nothing.
"""

import fcntl
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 1
PAGE_BYTES = 4096

_MAKE = """
create table if not exists postbacks (
  id             integer primary key,
  received_at_ms integer not null,
  packed         blob not null
) strict
"""


class SpoolUnusable(Exception):
    """The spool can't be used; the text says why."""


class SpoolRow(NamedTuple):
    """A postback as it lies in a file."""

    id: int
    packed: bytes


class SpoolFile:
    """A file that this process has the lock of. Everything here waits for the disk: call it from the spool's thread."""

    def __init__(self, path: Path, lock: int, most_bytes: int) -> None:
        """Open the file, or make it. Raises sqlite3.Error, SpoolUnusable."""
        self.path = path
        self.number = int(path.stem)
        self._lock = lock
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(most_bytes)
            self.rows: int = self._ask("select count(*) from postbacks")
        except BaseException:
            self._sql.close()
            raise

    def _prepare(self, most_bytes: int) -> None:
        self._ask("pragma locking_mode = exclusive")  # nobody else reads it, so the log's index needn't be shared memory
        self._ask("pragma journal_mode = wal")
        self._ask("pragma synchronous = full")
        self._ask("pragma secure_delete = on")  # what was brought to the store is no longer here either
        if (problem := self._ask("pragma quick_check(1)")) != "ok":
            raise SpoolUnusable(str(problem))
        found = self._ask("pragma user_version")
        if found not in (0, FORMAT):
            raise SpoolUnusable(f"it is of format {found}, and {FORMAT} is the one known here")
        if not found:
            self._ask(_MAKE)
            self._ask(f"pragma user_version = {FORMAT}")
        self._ask(f"pragma max_page_count = {max(8, most_bytes // PAGE_BYTES)}")

    def _ask(self, sql: str) -> Any:
        row = self._sql.execute(sql).fetchone()
        return row[0] if row else None

    def add(self, postbacks: list[tuple[int, bytes]]) -> None:
        """Put postbacks (received_at_ms, packed) on disk, all or none. Raises sqlite3.Error when the disk, or the file's bound, is full."""
        self._write("insert into postbacks (received_at_ms, packed) values (?, ?)", postbacks)
        self.rows += len(postbacks)

    def drop(self, ids: list[int]) -> None:
        """Forget postbacks that the store has."""
        self._write("delete from postbacks where id = ?", [(row_id,) for row_id in ids])
        self.rows -= len(ids)

    def _write(self, sql: str, rows: Sequence[tuple[int, bytes] | tuple[int]]) -> None:
        """Run a statement for each of the rows in one transaction, which ends with one fsync."""
        self._sql.execute("begin immediate")
        try:
            self._sql.executemany(sql, rows)
            self._sql.execute("commit")
        except BaseException:
            if self._sql.in_transaction:  # some errors end it by themselves
                self._sql.execute("rollback")
            raise

    def read(self, after: int, most: int) -> list[SpoolRow]:
        """The next postbacks behind the one of that id, oldest first."""
        found = self._sql.execute("select id, packed from postbacks where id > ? order by id limit ?", (after, most))
        return [SpoolRow(*row) for row in found]

    def find_oldest_ms(self) -> int | None:
        """When the oldest was received, or None."""
        found: int | None = self._ask("select received_at_ms from postbacks order by id limit 1")
        return found

    def count_bytes(self) -> int:
        """What is in use of the file; 0 when nothing is in it."""
        if not self.rows:
            return 0
        pages: int = self._ask("pragma page_count")
        free: int = self._ask("pragma freelist_count")
        return (pages - free) * PAGE_BYTES

    def tidy(self) -> None:
        """Give the disk back what an empty file holds."""
        if not self.rows:
            with suppress(sqlite3.Error):  # there is another time
                self._ask("vacuum")
                self._ask("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Give the file back: who takes its lock next has it."""
        try:
            self._sql.close()
        finally:
            os.close(self._lock)


def open_file(folder: Path, number: int, most_bytes: int) -> SpoolFile | None:
    """The file of that number if nobody has it, made if there is none. Raises SpoolUnusable."""
    path = folder / f"{number:03}.sqlite"
    try:
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SpoolUnusable(f"{path.name}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # as private as its lock: caller numbers and tags are in it
        if not path.stat().st_size:
            _sync(folder)
        return SpoolFile(path, lock, most_bytes)
    except BlockingIOError:
        os.close(lock)
        return None
    except (OSError, sqlite3.Error, SpoolUnusable) as error:
        os.close(lock)
        raise SpoolUnusable(f"{path.name}: {error}") from None


def list_numbers(folder: Path) -> list[int]:
    """The numbers of the files that there are."""
    return sorted(int(path.stem) for path in folder.glob("*.sqlite") if path.stem.isdecimal())


def _sync(folder: Path) -> None:
    """A file whose name isn't on disk is gone after a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
