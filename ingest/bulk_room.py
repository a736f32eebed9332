"""How much of bulk requests a worker holds in memory at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.read_bulk import MAX_DECODED_BYTES
from shared.errors import Unavailable

ROOM_BYTES = 64 * 1024 * 1024


class BulkRoom:
    """Admits bulk requests while their bodies, at the most they can become, fit."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._free = room_bytes

    @contextmanager
    def admit(self, content_length: int | None, *, is_compressed: bool) -> Iterator[None]:
        """Hold room for a body. Raises Unavailable when there is none: before anything of the body is read."""
        size = min(content_length or MAX_DECODED_BYTES, MAX_DECODED_BYTES) if not is_compressed else MAX_DECODED_BYTES
        if size > self._free:
            raise Unavailable("Too many bulk requests at a time; try again.")
        self._free -= size
        try:
            yield
        finally:
            self._free += size
