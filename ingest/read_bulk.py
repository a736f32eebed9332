"""Reads many postbacks out of one body: NDJSON, a JSON array or CSV, compressed or not. A bad item is that item's trouble alone.

Inflating happens in a thread and stops at the limit; items are turned into text a slice at a time, so that a large body never holds the
event loop for long.
"""

import asyncio
import csv
import io
import itertools
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from ingest.read_postback import decode_json_object, text_of
from shared.errors import BadRequest, BodyTooLarge, InvalidBody, Refusal, RequestTimeout, UnsupportedMediaType

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_ITEMS = 10_000
MAX_DECODED_BYTES = 8 * 1024 * 1024
MAX_COLUMNS = 500
MAX_LINE_CHARACTERS = 512 * 1024
"""Of CSV: more than a hundred of the longest tags, and no more than is split in a few milliseconds."""
MAX_LINES = 100_000
MAX_MEMBERS = 1000
"""Of a compressed body: ten times what tools that compress in blocks make of the largest one."""
BODY_SECONDS = 10.0
SLOWEST_BYTES_A_SECOND = 64 * 1024
_BLANK_LINES = 1000
_SLICE_BYTES = 64 * 1024
_TOO_MANY = f"A request takes at most {MAX_ITEMS} items."
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MiB


class SentItem(msgspec.Struct, forbid_unknown_fields=True):
    """An item as it was sent, not checked yet; what wasn't sent is empty."""

    tag_values: dict[str, str] = {}
    caller_number: str = ""
    call_uuid: str = ""


_decode_item = msgspec.json.Decoder(SentItem).decode


class Items(Protocol):
    """The items of a body, read a slice at a time."""

    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> Sequence[SentItem | Refusal]:
        """Items `start` to `stop`; one that can't be read is what it is refused with."""


def find_format(request: web.Request) -> Callable[[bytes], Items]:
    """How the body is to be read. Raises UnsupportedMediaType."""
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if (read := _FORMATS.get(content_type)) is None:
        raise UnsupportedMediaType("Send application/x-ndjson, a JSON array, or text/csv.")
    return read


async def read_bulk_body(request: web.Request) -> bytes:
    """The body, inflated. Raises UnsupportedMediaType, BodyTooLarge, RequestTimeout, BadRequest, InvalidBody."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity" and encoding not in _DECOMPRESSORS:
        raise UnsupportedMediaType("Content-Encoding can be gzip or zstd.")
    body = await _receive(request)
    if encoding == "identity":
        return body
    return await asyncio.to_thread(_inflate, body, _DECOMPRESSORS[encoding])


async def _receive(request: web.Request) -> bytes:
    """What was sent, bounded in size and, by how much has come, in time."""
    if (request.content_length or 0) > MAX_DECODED_BYTES:
        raise BodyTooLarge
    started, size = asyncio.get_running_loop().time(), 0
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout(None) as patience:
            while True:
                patience.reschedule(started + BODY_SECONDS + size / SLOWEST_BYTES_A_SECOND)
                if not (chunk := await request.content.readany()):
                    return b"".join(chunks)
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_DECODED_BYTES:
                    raise BodyTooLarge
    except TimeoutError:
        raise RequestTimeout from None
    except web.RequestPayloadError:
        raise BadRequest from None


def _inflate(data: bytes, new_decompressor: Callable[[], Any]) -> bytes:
    """The members of a compressed body one after the other, up to the limit and not a byte further.

    A slice at a time: a decompressor copies all that follows its member, which for many small members would be no end of copying.
    """
    parts, room, members, decompressor = [], MAX_DECODED_BYTES, 0, None
    try:
        for start in range(0, len(data), _SLICE_BYTES):
            rest = data[start : start + _SLICE_BYTES]
            while rest:
                if decompressor is None or decompressor.eof:
                    decompressor, members = new_decompressor(), members + 1
                    if members > MAX_MEMBERS:
                        raise InvalidBody(f"The compressed body has more than {MAX_MEMBERS} members.")
                parts.append(decompressor.decompress(rest, room + 1))
                room -= len(parts[-1])
                if room < 0:
                    raise BodyTooLarge
                rest = decompressor.unused_data if decompressor.eof else b""
    except (zlib.error, zstd.ZstdError):
        raise InvalidBody("The body isn't compressed as its Content-Encoding says.") from None
    if decompressor and not decompressor.eof:
        raise InvalidBody("The compressed body ends too soon.")
    return b"".join(parts)


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "zstd": lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS),
}


_decode_short_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_array = msgspec.json.Decoder(
    msgspec.defstruct(
        "Array",
        [(f"item_{number}", msgspec.Raw, msgspec.Raw()) for number in range(MAX_ITEMS)],
        array_like=True,
        forbid_unknown_fields=True,
    )
).decode
"""Stops at the item that is too many: a list of millions of nothings would hold all threads until it was read."""


class JsonItems:
    """Items as JSON objects: `{"caller_number" | "call_uuid", "tag_values": {…}}`."""

    def __init__(self, raws: Sequence[bytes | msgspec.Raw]) -> None:
        if len(raws) > MAX_ITEMS:
            raise BodyTooLarge(_TOO_MANY)
        self._raws = raws

    @classmethod
    def of_lines(cls, body: bytes) -> "JsonItems":
        """NDJSON: an object a line; blank lines don't count."""
        lines = body.split(b"\n", MAX_ITEMS + _BLANK_LINES)
        return cls([line for line in lines if line and not line.isspace()])

    @classmethod
    def of_array(cls, body: bytes) -> "JsonItems":
        """A JSON array of objects."""
        try:
            if len(body) <= _SLICE_BYTES:
                return cls(_decode_short_array(body))
            return cls([raw for raw in msgspec.structs.astuple(_decode_array(body)) if raw])
        except msgspec.ValidationError as error:
            if "at most length" in str(error):
                raise BodyTooLarge(_TOO_MANY) from None
            raise InvalidBody("The body isn't a JSON array.") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidBody("The body isn't a JSON array.") from None

    def __len__(self) -> int:
        return len(self._raws)

    def read(self, start: int, stop: int) -> Sequence[SentItem | Refusal]:
        raws = self._raws[start:stop]
        try:
            return [_decode_item(raw) for raw in raws]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [_read_patiently(raw) for raw in raws]


def _read_patiently(raw: bytes | msgspec.Raw) -> SentItem | Refusal:
    """An item that may hold numbers, null or nonsense."""
    try:
        item = decode_json_object(bytes(raw))
        if not item.keys() <= {"caller_number", "call_uuid", "tag_values"}:
            return InvalidBody("An item has caller_number or call_uuid, and tag_values.")
        tag_values = item.get("tag_values") or {}
        if not isinstance(tag_values, dict):
            return InvalidBody("tag_values must be an object.")
        return SentItem(
            {name: text_of(value) for name, value in tag_values.items()},
            text_of(item.get("caller_number")),
            text_of(item.get("call_uuid")),
        )
    except Refusal as refusal:
        return refusal


class CsvItems:
    """Rows of a CSV (RFC 4180) whose first row names the columns; an empty cell is no tag."""

    def __init__(self, body: bytes) -> None:
        csv.field_size_limit(MAX_DECODED_BYTES)  # a cell too long is that item's trouble; the body's size is bounded already
        rows = csv.reader(_lines_of(body))
        try:
            self._names = next(rows, [])
            self._rows = list(itertools.islice((row for row in rows if row), MAX_ITEMS + 1))
        except csv.Error as error:
            raise InvalidBody(f"The body isn't CSV: {error}.") from None
        if len(self._rows) > MAX_ITEMS:
            raise BodyTooLarge(_TOO_MANY)
        if not {"caller_number", "call_uuid"} & set(self._names):
            raise InvalidBody("The first line names the columns, caller_number or call_uuid among them.")
        if len(self._names) > MAX_COLUMNS:
            raise InvalidBody(f"A CSV has at most {MAX_COLUMNS} columns.")

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, start: int, stop: int) -> Sequence[SentItem | Refusal]:
        return [self._read_row(row) for row in self._rows[start:stop]]

    def _read_row(self, row: list[str]) -> SentItem | Refusal:
        if len(row) > len(self._names):
            return InvalidBody("The row has more cells than there are columns.")
        cells = {name: cell for name, cell in zip(self._names, row, strict=False) if cell}
        caller_number, call_uuid = cells.pop("caller_number", ""), cells.pop("call_uuid", "")
        return SentItem(cells, caller_number, call_uuid)


def _lines_of(body: bytes) -> Iterator[str]:
    """The lines of a text one by one, each with its end, so that other threads get their turn in between."""
    text = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", "surrogateescape", newline="")
    for _ in range(MAX_LINES):
        line = text.readline(MAX_LINE_CHARACTERS + 1)
        if len(line) > MAX_LINE_CHARACTERS:
            raise InvalidBody(f"A line of CSV has at most {MAX_LINE_CHARACTERS} characters.")
        if not line:
            return
        yield line
    raise BodyTooLarge(f"A CSV has at most {MAX_LINES} lines.")


def slices(items: Items, size: int) -> Iterator[tuple[int, Sequence[SentItem | Refusal]]]:
    """The items a slice at a time, each with the index of its first."""
    for start in range(0, len(items), size):
        yield start, items.read(start, start + size)


_FORMATS: dict[str, Callable[[bytes], Items]] = {
    "application/x-ndjson": JsonItems.of_lines,
    "application/json": JsonItems.of_array,
    "text/csv": CsvItems,
}
