"""How far a file was posted: kept beside it after each batch, so that the same command goes on where the last one ended, whatever ended it.

What it says is true after a crash, too: refused lines are on disk before it counts them, and what was written after it is cut off again.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from callstamp.batches import Batch, Item, Place
from callstamp.command_failed import CommandFailed
from callstamp.data_folder import find_json, write_private

LOOKED_AT_BYTES = 64 * 1024


class Bookmark(msgspec.Struct, kw_only=True):
    """`run` is made up at the first start, so that posting a file again another day isn't taken for a repeat.

    `items`, `compression` and `size` stay as they were at the start: whatever is posted twice must be the same batch. What is written at
    the end of a file meanwhile is left for another run. `before` is the SHA-256 of the last bytes before the place: a file that was changed
    there isn't the one that was begun.
    """

    run: str
    url: str
    items: int
    compression: str | None
    size: int | None
    offset: int = 0
    lines: int = 0
    before: str = ""
    received: int = 0
    outcomes: dict[str, int] = {}
    refused: int = 0
    refused_bytes: int = 0

    @property
    def place(self) -> Place:
        return Place(self.offset, self.lines)


class Ledger:
    """The bookmark of one file, and its file of refused lines; of a pipe nothing is kept but these."""

    def __init__(self, bookmark_file: Path | None, refused_file: Path, posted: BinaryIO, first: Bookmark) -> None:
        self._file = bookmark_file
        self._posted = posted
        self._refused_file = refused_file
        self.goes_on = bookmark_file is not None and bookmark_file.exists()
        self.bookmark = self._read() if self.goes_on else first
        if self.bookmark.url != first.url:
            raise CommandFailed(f"this file was begun with {self.bookmark.url}: {self._advice()}")

    def check_is_the_same(self) -> None:
        """Raises CommandFailed if the file isn't as it was before the bookmark."""
        if self._digest_before() != self.bookmark.before:
            raise CommandFailed(
                f"the file was changed before line {self.bookmark.lines}, to where it was posted: {self._advice()}"
            )

    def start(self) -> None:
        """Make what isn't there yet, before anything is posted. Raises CommandFailed."""
        try:
            self._cut_refused()
            if self._file:
                self.bookmark.before = self._digest_before()
                self._save()
        except OSError as error:
            name = error.filename or self._file or self._refused_file  # a full disk names no file
            raise CommandFailed(f"{name} can't be written: how far a file was posted is kept beside it") from None

    def name_of(self, batch: Batch) -> str:
        """The idempotency key of a batch: the same whenever these bytes at this place of this run are posted again."""
        place = f"{self.bookmark.run}:{batch.start.offset}:".encode()
        return f"post-{hashlib.sha256(place + batch.body).hexdigest()[:40]}"

    def turn_over(self, batch: Batch, answer: Any) -> None:
        """The batch was answered: keep its refused lines, count it, and move the bookmark behind it."""
        bookmark = self.bookmark
        bookmark.refused_bytes += self._keep_refused((batch.items[error["index"]], error) for error in answer["errors"])
        bookmark.refused += answer["refused"]
        bookmark.received += answer["received"]
        for outcome, count in answer["outcomes"].items():
            bookmark.outcomes[outcome] = bookmark.outcomes.get(outcome, 0) + count
        bookmark.offset, bookmark.lines = batch.end
        if self._file:
            bookmark.before = self._digest_before()
            self._save()

    def close(self) -> None:
        """All is posted: the bookmark goes; the refused lines stay, if there are any."""
        if self._file:
            self._file.unlink(missing_ok=True)
        if not self.bookmark.refused:
            self._refused_file.unlink(missing_ok=True)

    def _read(self) -> Bookmark:
        assert self._file
        try:
            return msgspec.convert(find_json(self._file), Bookmark)
        except msgspec.ValidationError:
            raise CommandFailed(f"{self._file} can't be read, so nobody knows how far it was posted: {self._advice()}") from None

    def _save(self) -> None:
        assert self._file
        write_private(self._file, msgspec.structs.asdict(self.bookmark))

    def _digest_before(self) -> str:
        """Of the last bytes before the bookmark; the place at which the file is read isn't moved."""
        offset = self.bookmark.offset
        return hashlib.sha256(
            os.pread(self._posted.fileno(), min(offset, LOOKED_AT_BYTES), max(0, offset - LOOKED_AT_BYTES))
        ).hexdigest()

    def _cut_refused(self) -> None:
        descriptor = os.open(self._refused_file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.truncate(descriptor, self.bookmark.refused_bytes)
        os.close(descriptor)

    def _keep_refused(self, refused: Iterable[tuple[Item, Any]]) -> int:
        """Write them down, on disk when this returns; answers how many bytes that took."""
        text = "".join(_spell(item, error) for item, error in refused).encode()
        if text:
            with self._refused_file.open("ab") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        return len(text)

    def _advice(self) -> str:
        return f"remove {self._file} to post it from the beginning"


def _spell(item: Item, error: Any) -> str:
    line = item.raw.decode("utf-8", "replace").rstrip("\r\n")
    return (
        json.dumps({"line": item.line_number, "code": error["code"], "detail": error["detail"], "text": line}, ensure_ascii=False)
        + "\n"
    )
