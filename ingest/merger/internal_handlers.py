"""The door for the admin service alone: a caller's file, and its erasure. Numbers travel in bodies, as addresses end up in logs.

Without a secret in the settings there is no such door.
"""

import hmac
from typing import TypeVar

import msgspec
from aiohttp import web

from ingest.merger.caller_file import CallerFile
from ingest.merger.errors import InvalidMergerSecret
from schemas.caller_file import CallerAsked, CallerToErase
from shared.errors import BodyTooLarge, InvalidBody
from shared.http import find_bearer

CALLER_FILE = web.AppKey("caller_file", CallerFile)
INTERNAL_SECRET = web.AppKey("internal_secret", str)
MAX_BODY_BYTES = 4 * 1024 * 1024  # some thirty thousand of the longest call_uuids

T = TypeVar("T", bound=CallerAsked)


def add_internal_routes(app: web.Application, secret: str, caller_file: CallerFile) -> None:
    """Open the door, if there is a secret."""
    if not secret:
        return
    app[INTERNAL_SECRET] = secret
    app[CALLER_FILE] = caller_file
    app.router.add_post("/internal/callers/look", look_at_caller)
    app.router.add_post("/internal/callers/erase", erase_caller)


async def look_at_caller(request: web.Request) -> web.Response:
    """`POST /internal/callers/look`: what the store holds of a caller."""
    check_secret(request)
    asked = await read_body(request, CallerAsked)
    return _reply(await request.app[CALLER_FILE].look(asked.company_id, asked.caller_number))


async def erase_caller(request: web.Request) -> web.Response:
    """`POST /internal/callers/erase`: erases a caller, and answers the instant up to which nothing is left."""
    check_secret(request)
    asked = await read_body(request, CallerToErase)
    return _reply(await request.app[CALLER_FILE].erase(asked.company_id, asked.caller_number, asked.call_uuids))


def check_secret(request: web.Request) -> None:
    """Raise InvalidMergerSecret unless the bearer is the secret; how long that takes tells nothing of it."""
    given = find_bearer(request) or ""
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), request.app[INTERNAL_SECRET].encode()):
        raise InvalidMergerSecret


async def read_body(request: web.Request, kind: type[T]) -> T:
    """The body, which may be longer than what an engine may send. Raises BodyTooLarge, InvalidBody."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidBody("The body isn't what the admin service sends.") from None


def _reply(said: msgspec.Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")
