"""A file of postbacks as batches that fit into a request, read a batch at a time however large the file is.

Lines are sent as they stand. A CSV is read only to see where its records end, by the parser that ingest has; its first line, which
names the columns, goes before each batch.
"""

import csv
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from callstamp.command_failed import CommandFailed

MOST_ITEMS = 10_000
MOST_BYTES = 8 * 1024 * 1024


class Kind(StrEnum):
    """How a file is written; the value is its content type."""

    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


class Item(NamedTuple):
    """One postback as it stands in the file: where its first line is, counted from 1, and its bytes."""

    line_number: int
    raw: bytes


class Place(NamedTuple):
    """A place between two items: so many bytes and lines are behind it."""

    offset: int
    lines: int


class Batch(NamedTuple):
    """Items that follow each other, and the body of the request that posts them."""

    start: Place
    end: Place
    items: list[Item]
    body: bytes


def find_kind(name: str, first_bytes: bytes) -> Kind:
    """What a file's name says it is, or else what it begins with."""
    if name.endswith((".ndjson", ".jsonl")):
        return Kind.NDJSON
    if name.endswith(".csv"):
        return Kind.CSV
    return Kind.NDJSON if first_bytes.lstrip().startswith(b"{") else Kind.CSV


class PostbackFile:
    """The postbacks of an open file, up to `size` bytes of it if that is given."""

    def __init__(self, file: BinaryIO, kind: Kind, size: int | None = None) -> None:
        self.kind = kind
        self._file = file
        self._size = size
        self._place = Place(0, 0)
        self._prefix = b"" if kind is Kind.NDJSON else self._read_names()

    def go_on_at(self, place: Place) -> None:
        """Leave out what is before that place."""
        if place.offset:
            self._file.seek(place.offset)
            self._place = place

    def read_batches(self, most_items: int) -> Iterator[Batch]:
        """Batch after batch to the end of the file. Raises CommandFailed when a record can't be one."""
        records = self._read_lines() if self.kind is Kind.NDJSON else self._read_records()
        items: list[Item] = []
        start = before = self._place
        size = len(self._prefix)
        for item in records:
            if items and (len(items) >= most_items or size + len(item.raw) > MOST_BYTES):
                yield self._make_batch(start, before, items)
                start, items, size = before, [], len(self._prefix)
            items.append(item)
            size += len(item.raw)
            before = self._place
        if items:
            yield self._make_batch(start, before, items)

    def _make_batch(self, start: Place, end: Place, items: list[Item]) -> Batch:
        return Batch(start, end, items, self._prefix + b"".join(item.raw for item in items))

    def _read_names(self) -> bytes:
        first = next(self._read_records(), None)
        names = next(csv.reader([first.raw.decode("utf-8-sig", "replace")])) if first else []
        if first is None or not {"caller_number", "call_uuid"} & set(names):
            raise CommandFailed(
                "the first line of a CSV names the columns, caller_number or call_uuid among them; NDJSON has an object a line"
            )
        return first.raw if first.raw.endswith(b"\n") else first.raw + b"\n"

    def _read_lines(self) -> Iterator[Item]:
        """The lines that aren't blank."""
        while line := self._next_line(room=MOST_BYTES):
            if not line.isspace():
                yield Item(self._place.lines, line)

    def _read_records(self) -> Iterator[Item]:
        """The records of a CSV; one with line breaks in quotes has several lines."""
        csv.field_size_limit(MOST_BYTES)
        lines: list[bytes] = []

        def feed() -> Iterator[str]:
            while line := self._next_line(room=MOST_BYTES - sum(map(len, lines)) - 64 * 1024):
                lines.append(line)
                yield line.decode("utf-8", "surrogateescape")

        rows = csv.reader(feed())
        while True:
            first_line = self._place.lines + 1
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise CommandFailed(f"line {first_line} isn't CSV: {error}") from None
            if row is None:
                return
            if row:
                yield Item(first_line, b"".join(lines))
            lines.clear()

    def _next_line(self, room: int) -> bytes:
        line = self._file.readline(max(room, 0) + 1)
        if self._size is not None:
            line = line[: self._size - self._place.offset]
        if len(line) > room:
            raise CommandFailed(
                f"line {self._place.lines + 1} is too long for a postback: is a quote not closed, or is it no NDJSON?"
            )
        self._place = Place(self._place.offset + len(line), self._place.lines + 1 if line else self._place.lines)
        return line
