"""The Idempotency-Key of a request, and what tells requests apart that come under the same one."""

import hashlib
import re

from aiohttp import web

from shared.errors import BadRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Callstamp-Replayed"
"""The header of a reply that is the first one again."""

IDEMPOTENCY_KEY_SHAPE = r"[\x21-\x7e]{1,255}"
_NAME = re.compile(IDEMPOTENCY_KEY_SHAPE)


def read_idempotency_key(request: web.BaseRequest) -> str | None:
    """The Idempotency-Key header, or None. Raises BadRequest when it isn't 1 to 255 printable ASCII characters."""
    name = request.headers.get(IDEMPOTENCY_KEY)
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
