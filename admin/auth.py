"""From the request's API token to the actor it speaks for."""

import asyncpg
from aiohttp import web

from admin.errors import InvalidApiToken
from admin.permissions import Actor
from admin.store import api_tokens
from shared.secret import hash_secret


async def authenticate(db: asyncpg.Connection, request: web.Request) -> Actor:
    """The actor behind `Authorization: Bearer TOKEN`; one InvalidApiToken for a missing, unknown or revoked one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    actor = await api_tokens.find_actor(db, hash_secret(token.strip())) if scheme.lower() == "bearer" else None
    if actor is None:
        raise InvalidApiToken
    return actor
