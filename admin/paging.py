"""Keyset paging: a cursor is the sort key of the last item seen, so that a page never shifts when something is added before it.

A cursor says nothing of the company: that always comes from the path, so a cursor can't lead into another one.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UnsetType

from schemas.admin.fields import CallUuid, Id, PageQuery, Time
from schemas.admin.pages import Page
from shared.errors import InvalidField

T = TypeVar("T")
K = TypeVar("K", bound=tuple[Any, ...])

BY_ID: msgspec.json.Decoder[tuple[int]] = msgspec.json.Decoder(tuple[Id])
BY_HIT: msgspec.json.Decoder[tuple[datetime, str]] = msgspec.json.Decoder(tuple[Time, CallUuid])
BY_RECEIPT: msgspec.json.Decoder[tuple[datetime, UUID]] = msgspec.json.Decoder(tuple[Time, UUID])
BY_CHANGE: msgspec.json.Decoder[tuple[datetime, int]] = msgspec.json.Decoder(tuple[Time, Id])


def read_cursor(query: PageQuery, sort_key: msgspec.json.Decoder[K]) -> K | None:
    """The sort key in the query's cursor, None for the first page; raises InvalidField for what no reply ever gave."""
    if isinstance(query.cursor, UnsetType):
        return None
    try:
        key = sort_key.decode(base64.b64decode(query.cursor + "=" * (-len(query.cursor) % 4), b"-_", validate=True))
        for part in key:
            if isinstance(part, datetime):
                part.astimezone(UTC)
    except (ValueError, OverflowError, RecursionError):
        raise InvalidField("This isn't a cursor that a list gave.", field="cursor") from None
    return key


def read_id_cursor(query: PageQuery) -> int:
    """The id after which the page begins."""
    key = read_cursor(query, BY_ID)
    return key[0] if key else 0


def make_page(rows: Sequence[T], query: PageQuery, key_of: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """The page of `rows`, of which the store was asked for one more than fits, to learn whether there is a next one."""
    items = list(rows[: query.limit])
    if len(rows) <= query.limit:
        return Page(items=items, next_cursor=None)
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(key_of(items[-1]))).rstrip(b"=")
    return Page(items=items, next_cursor=cursor.decode())
