"""A page of a list."""

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """Some items of a list, and the cursor that continues it; null: this was the last page."""

    items: list[T]
    next_cursor: str | None
