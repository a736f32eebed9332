"""Requests with an Idempotency-Key: a repeat within 24 hours has the effect of one and gets the first answer.

The record of a request lives in a slot of its own and is made first: its fingerprint, a lease for whoever works on it, and the id that
its postbacks are numbered from. What was written is told by markers beside the tags, so an attempt that follows a crash finishes what is
missing and doubles nothing.
"""

import contextlib
import hashlib
import re

import msgspec
from aiohttp import web

from ingest.errors import IdempotencyInFlight, IdempotencyMismatch
from ingest.postback_id import BatchIds
from ingest.redis_keys import idempotency_key
from ingest.store import Store
from schemas.kept_rows import PostbackKeyRow
from shared.errors import BadRequest, Unavailable

LEASE_MS = 30_000
_NAME = re.compile(r"[\x21-\x7e]{1,255}")


class Answer(msgspec.Struct, array_like=True):
    """What a request was answered, to be said again."""

    body: bytes


_pack_answer = msgspec.msgpack.Encoder().encode
_read_answer = msgspec.msgpack.Decoder(Answer).decode


def read_idempotency_key(request: web.Request) -> str | None:
    """The Idempotency-Key header, or None. Raises BadRequest when it isn't 1 to 255 printable ASCII characters."""
    name = request.headers.get("Idempotency-Key")
    if name is not None and not _NAME.fullmatch(name):
        raise BadRequest("An Idempotency-Key is 1 to 255 printable ASCII characters.")
    return name


def fingerprint(*parts: bytes) -> bytes:
    """What tells one request from another under the same Idempotency-Key."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


class Attempt:
    """One attempt at a request: to be made, or answered already."""

    def __init__(self, store: Store, record: bytes, ids: BatchIds, answer: Answer | None) -> None:
        self._store = store
        self._record = record
        self.ids = ids
        self.answer = answer

    async def finish(self, answer: Answer) -> None:
        """Keep the answer for repeats. Raises Unavailable: then a repeat finds everything written and answers the same."""
        await self._store.run("finish_once", self._record, self.ids.batch, _pack_answer(answer))

    async def leave(self, *, forget: bool) -> None:
        """Let the next attempt begin at once; `forget` when nothing was applied."""
        with contextlib.suppress(Unavailable):  # the lease ends by itself
            await self._store.run("leave_once", self._record, self.ids.batch, int(forget))


class Idempotency:
    """Begins requests once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, key: PostbackKeyRow, name: str, of: bytes) -> Attempt:
        """Begin the request `name` of this postback key, whose fingerprint is `of`. Raises IdempotencyMismatch, IdempotencyInFlight."""
        record = idempotency_key(key.id, name)
        said, *more = await self._store.run("begin_once", record, of, BatchIds().batch, LEASE_MS)
        match said:
            case b"mismatch":
                raise IdempotencyMismatch
            case b"in_flight":
                raise IdempotencyInFlight(retry_after_seconds=max(1, -(-more[0] // 1000)))
            case b"answered":
                return Attempt(self._store, record, BatchIds(more[0].decode()), _read_answer(more[1]))
        return Attempt(self._store, record, BatchIds(more[0].decode()), None)
