"""Lists as CSV (RFC 4180), page by page and never more than one in memory, with each page asked for as the list itself is.

The pages of a long export are asked for minutes apart: each in a transaction of its own, by an actor that is found anew, so that whoever
loses a permission meanwhile gets nothing more. What goes wrong midway breaks the connection, as a file that ends well is taken for whole.
"""

import csv
import io
import re
import typing
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
import structlog
from aiohttp import hdrs, web

from shared.errors import Refusal

PAGE_ROWS = 1000
_RUNS = re.compile(r"[\s\"'\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_PLAIN_NUMBER = re.compile(r"\+[0-9]+")

log = structlog.get_logger()

Q = TypeVar("Q", bound=msgspec.Struct)


def kind_of_items(reply: Any) -> type[msgspec.Struct]:
    """What a list's reply is a list of: the type in its field `items`."""
    items = typing.get_type_hints(typing.get_origin(reply) or reply)["items"]
    (kind,) = typing.get_args(reply) or typing.get_args(items)
    return kind  # type: ignore[no-any-return] # replies are lists of Structs


async def stream_csv(
    request: web.Request, *, name: str, kind: type[msgspec.Struct], query: Q, fetch: Callable[[Q], Awaitable[Any]]
) -> web.StreamResponse:
    """All items from `query` on, each a `kind` and a line of the file. A refusal of the first page is one of the export."""
    page = await fetch(query)
    response = web.StreamResponse(headers={hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}.csv"'})
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    try:
        await response.write(write_lines([names, *map(_cells_of, page.items)]))
        while (cursor := getattr(page, "next_cursor", None)) is not None:
            page = await fetch(msgspec.structs.replace(query, cursor=cursor))
            await response.write(write_lines(map(_cells_of, page.items)))
        await response.write_eof()
    except Exception as error:
        _break_off(request, name, error)
        raise ConnectionResetError from error
    return response


def _break_off(request: web.Request, name: str, error: Exception) -> None:
    """Leave the file without its end, where the client would otherwise take it for whole."""
    if request.transport is not None:
        request.transport.abort()
    if isinstance(error, ConnectionError):
        return  # nobody reads it any more
    reason = error.code if isinstance(error, Refusal) else repr(error)
    log.warning("export_broken_off", list=name, reason=reason)


def _cells_of(item: msgspec.Struct) -> Iterable[Any]:
    return msgspec.to_builtins(item).values()  # type: ignore[no-any-return] # a Struct is a dict of its fields


def write_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """The rows as lines of CSV, every text quoted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([make_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def make_cell(value: Any) -> Any:
    """A value as a cell: what is made of parts as JSON; a text that a spreadsheet would run is made inert by an apostrophe before it.

    It would run what begins with one of `= + - @`, a tab or a line's end, after spaces and quotes, too. A plain number with its `+` stays.
    """
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if _RUNS.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text
