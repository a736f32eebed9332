"""Requests with an Idempotency-Key: a repeat within 24 hours makes nothing, and gets the first answer without its secrets.

Secrets are kept as hashes alone, for repeats too: whoever lost one with the reply rotates the key, or makes another token. A refusal
leaves nothing behind, so the same request may be tried again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec
from aiohttp import web

from admin.permissions import Actor
from admin.store import done_once
from shared.idempotency import fingerprint, read_idempotency_key


class Once:
    """One request under an Idempotency-Key; `is_repeat` once it is found to be one."""

    def __init__(self, name: str, of: bytes) -> None:
        self._name_hash = hashlib.sha256(name.encode()).digest()
        self._fingerprint = of
        self.is_repeat = False

    async def carry_out(self, db: asyncpg.Connection, actor: Actor, kind: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `make` makes, a `kind`, in this transaction; or what the first such request got. Raises IdempotencyMismatch."""
        assert actor.company_id is not None  # only what is a company's is made once
        record = (db, actor.company_id, "{kind} {id}".format_map(actor.described()), self._name_hash)
        if (reply := await done_once.begin(*record, self._fingerprint)) is not None:
            self.is_repeat = True
            return msgspec.json.decode(reply, type=kind)
        made = await make()
        await done_once.finish(*record, msgspec.json.encode(_without_secrets(made)).decode())
        return made


async def read_once(request: web.Request, *, has_body: bool) -> Once | None:
    """What the request's Idempotency-Key makes of it; None without one. Raises BadRequest for one that can't be."""
    name = read_idempotency_key(request)
    if name is None:
        return None
    body = await request.read() if has_body else b""
    return Once(name, fingerprint(request.method.encode(), request.path.encode(), body))


def _without_secrets(made: Any) -> Any:
    return msgspec.structs.replace(made, **dict.fromkeys(made.SECRETS)) if hasattr(made, "SECRETS") else made
