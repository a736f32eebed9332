"""What a publisher has waiting for a caller, and its way to take that back: a script call each."""

import msgspec

from ingest.redis_keys import partition_of
from ingest.store import Store
from schemas.kept_rows import PostbackKeyRow


class OwnTag(msgspec.Struct, array_like=True):
    """A tag of this publisher's that waits. Times in Unix milliseconds, the id as the store keeps it (ingest/postback_id.py)."""

    name: str
    value: str
    posted_at_ms: int
    expires_at_ms: int
    postback_key_id: int
    kept_id: str


_read_tags = msgspec.msgpack.Decoder(list[OwnTag]).decode


class ReadBack:
    """The waiting tags of one publisher, whichever of its keys posted them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, key: PostbackKeyRow, caller_number: str) -> list[OwnTag]:
        """What the key's publisher has waiting for the caller, in the order in which it was posted. Raises Unavailable."""
        partition = partition_of(key.company_id, caller_number)
        return _read_tags(await self._store.run("read_back", partition, key.company_id, caller_number, key.publisher_id))

    async def cancel(self, key: PostbackKeyRow, caller_number: str) -> int:
        """Take it back, and answer how many tags there were. Raises Unavailable: then it may or may not have happened."""
        partition = partition_of(key.company_id, caller_number)
        return int(await self._store.run("cancel_waiting", partition, key.company_id, caller_number, key.publisher_id))
