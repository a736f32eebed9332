"""What a route is, and the road every request takes through one: who asks, may they, what do they say, act, answer.

A handler's signature says what its route takes and answers; both the reading of requests and the OpenAPI document come from it.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec
from aiohttp import web

from admin.auth import authenticate
from admin.database import DATABASE
from admin.permissions import Action, Actor, check_may
from admin.read_request import read_body, read_path, read_query
from shared.errors import Refusal, Unavailable
from shared.postgres import transaction

INGEST_PUBLIC_URL = web.AppKey("ingest_public_url", str)

AUTHENTICATION_SECONDS = 0.9
"""A database that is frozen rather than down is found out by this, so that the answer is 503 within a second."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What every handler is given: who asks, and one transaction, committed when the handler returns."""

    actor: Actor
    db: asyncpg.Connection
    ingest_public_url: str


class Route:
    """One method and path, the handler behind them, and what an actor must be allowed to do.

    `location` is the address of what was made, a template of the path's ids and the reply's; with it the status is 201.
    """

    def __init__(
        self,
        method: str,
        path: str,
        handler: Callable[..., Awaitable[Any]],
        action: Action,
        *,
        location: str | None = None,
        errors: tuple[type[Refusal], ...] = (),
    ) -> None:
        self.method, self.path, self.handler, self.action = method, path, handler, action
        self.location, self.errors = location, errors
        parameters = inspect.signature(handler).parameters
        kinds = typing.get_type_hints(handler, include_extras=True)
        self.reply = kinds["return"]
        self.body: Any = kinds.get("body")
        self.query: Any = kinds.get("query")
        self.ids = {name: kinds[name] for name in parameters if name not in {"ask", "body", "query"}}
        self.status = 201 if location else 204 if self.reply is type(None) else 200

    async def answer(self, request: web.Request) -> web.Response:
        """Take one request from its token to its reply."""
        pool = request.app[DATABASE].pool
        actor = await _find_actor(pool, request)
        ids = read_path(request, self.ids)
        check_may(actor, self.action, ids.get("company_id"))
        said: dict[str, Any] = {}
        if self.query:
            said["query"] = read_query(request, self.query)
        if self.body:
            said["body"] = await read_body(request, self.body)
        async with transaction(pool) as db:
            ask = Ask(actor=actor, db=db, ingest_public_url=request.app[INGEST_PUBLIC_URL])
            made = await self.handler(ask, **ids, **said)
        return self._reply(made, ids)

    def _reply(self, made: Any, ids: dict[str, Any]) -> web.Response:
        if self.status == 204:
            return web.Response(status=204)
        headers = {"Location": self.location.format(**ids, id=made.id)} if self.location else None
        return web.Response(body=msgspec.json.encode(made), status=self.status, headers=headers, content_type="application/json")


async def _find_actor(pool: asyncpg.Pool, request: web.Request) -> Actor:
    """Authenticate, in bounded time whatever the database does: what hangs is left behind to end by itself."""

    async def ask() -> Actor:
        async with transaction(pool) as db:
            return await authenticate(db, request)

    asking = asyncio.ensure_future(ask())
    done, _ = await asyncio.wait({asking}, timeout=AUTHENTICATION_SECONDS)
    if not done:
        asking.add_done_callback(lambda late: late.cancelled() or late.exception())  # its end concerns nobody any more
        raise Unavailable("The database can't be reached just now; try again.")
    return asking.result()
