"""From the request's API token to the actor it speaks for."""

import asyncpg
from aiohttp import web

from admin.errors import InvalidApiToken
from admin.permissions import Actor
from admin.store import api_tokens
from shared.http import find_bearer
from shared.secret import hash_secret


async def authenticate(db: asyncpg.Connection, request: web.Request) -> Actor:
    """The actor behind `Authorization: Bearer TOKEN`; one InvalidApiToken for a missing, unknown or revoked one."""
    token = find_bearer(request)
    actor = None if token is None else await api_tokens.find_actor(db, hash_secret(token))
    if actor is None:
        raise InvalidApiToken
    return actor
