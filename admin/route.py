"""What a route is, and the road every request takes through one: who asks, may they, what do they say, act, answer.

A handler's signature says what its route takes and answers; both the reading of requests and the OpenAPI document come from it.
"""

import asyncio
import inspect
import typing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from aiohttp import web

from admin.auth import Credentials, authenticate, read_credentials
from admin.database import DATABASE, Database
from admin.errors import InvalidApiToken
from admin.export import PAGE_ROWS, kind_of_items, stream_csv
from admin.once import Once, read_once
from admin.permissions import Action, Actor, check_may
from admin.read_request import read_body, read_path, read_query
from admin.settings import AdminSettings
from shared.errors import Refusal, Unavailable
from shared.idempotency import REPLAYED
from shared.source_address import Network, find_source_ip

INGEST_PUBLIC_URL = web.AppKey("ingest_public_url", str)
SETTINGS = web.AppKey("settings", AdminSettings)
TRUSTED_PROXIES = web.AppKey("trusted_proxies", tuple[Network, ...])


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request came from, for sessions and for counting guesses."""

    source_ip: str | None
    user_agent: str


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler is given that opens its transactions itself, as it waits for something else, or one is to outlast a refusal.

    `cookies` is for a handler that begins or ends a session: None takes it away.
    """

    actor: Actor
    app: web.Application
    origin: Origin
    cookies: dict[str, str | None]
    exports: bool = False

    def needs(self, toggle: str) -> tuple[str, ...]:
        """The toggles that a collaborator needs for a list of calls or postbacks: for exporting it, one more."""
        return (toggle, "export_calls") if self.exports else (toggle,)

    @property
    def database(self) -> Database:
        return self.app[DATABASE]

    @property
    def ingest_public_url(self) -> str:
        return self.app[INGEST_PUBLIC_URL]

    @property
    def settings(self) -> AdminSettings:
        return self.app[SETTINGS]


class Ask(Visit, frozen=True, kw_only=True):
    """What every other handler is given: who asks, and one transaction, of the actor's company or of none, committed when it returns."""

    db: asyncpg.Connection


@asynccontextmanager
async def open_transaction(visit: Visit) -> AsyncIterator[Ask]:
    """One transaction of the actor's company, or of none."""
    database, actor = visit.database, visit.actor
    opened = database.of_nobody() if actor.company_id is None else database.of_company(actor.company_id, actor)
    async with opened as db:
        yield Ask(actor=actor, db=db, app=visit.app, origin=visit.origin, cookies=visit.cookies, exports=visit.exports)


class Route:
    """One method and path, the handler behind them, and what an actor must be allowed to do; `action` None: it is open to anybody.

    `location` is the address of what was made, a template of the path's ids and the reply's; with it the status is 201.
    """

    def __init__(
        self,
        method: str,
        path: str,
        handler: Callable[..., Awaitable[Any]],
        action: Action | None,
        *,
        location: str | None = None,
        errors: tuple[type[Refusal], ...] = (),
        status: int | None = None,
    ) -> None:
        self.method, self.path, self.handler, self.action = method, path, handler, action
        self.location, self.errors = location, errors
        parameters = inspect.signature(handler).parameters
        kinds = typing.get_type_hints(handler, include_extras=True)
        self.reply = kinds["return"]
        self.body: Any = kinds.get("body")
        self.query: Any = kinds.get("query")
        self.has_transaction = kinds["ask"] is Ask
        self.ids = {name: kinds[name] for name in parameters if name not in {"ask", "body", "query"}}
        self.status = status or (201 if location else 204 if self.reply is type(None) else 200)
        self.takes_idempotency_key = method == "POST" and "company_id" in self.ids and self.has_transaction

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take one request from its token to its reply."""
        database = request.app[DATABASE]
        credentials = read_credentials(request, request.app[SETTINGS].public_url)
        if self.action is None:
            actor = await find_visitor(database, credentials)
            ids = read_path(request, self.ids)
        else:
            actor = await find_actor(database, credentials, company_in(request))
            ids = read_path(request, self.ids)
            check_may(actor, self.action, ids.get("company_id"), changes=request.method != "GET")
        said: dict[str, Any] = {}
        if self.query:
            said["query"] = read_query(request, self.query)
            if getattr(said["query"], "format", "json") == "csv":
                return await self._export(request, actor, ids, said["query"])
        if self.body:
            said["body"] = await read_body(request, self.body)
        once = await read_once(request, has_body=bool(self.body)) if self.takes_idempotency_key else None
        visit = Visit(actor=actor, app=request.app, origin=origin_of(request), cookies={})
        made = await self._carry_out(visit, ids | said, once)
        response = self._reply(made, ids)
        if once and once.is_repeat:
            response.headers[REPLAYED] = "true"
        set_cookies(response, visit.cookies, request.app[SETTINGS])
        return response

    async def _export(self, request: web.Request, actor: Actor, ids: dict[str, Any], query: Any) -> web.StreamResponse:
        """The list as CSV: each page is asked for as the list is, the first by the actor that was found, each other by them found anew."""
        found: list[Actor] = [actor]

        async def fetch(part: Any) -> Any:
            asker = found.pop() if found else await self._find_again(request)
            visit = Visit(actor=asker, app=request.app, origin=origin_of(request), cookies={}, exports=True)
            return await self._carry_out(visit, ids | {"query": part})

        name = self.path.rpartition("/")[2]
        whole = msgspec.structs.replace(query, limit=PAGE_ROWS) if hasattr(query, "limit") else query
        return await stream_csv(request, name=name, kind=kind_of_items(self.reply), query=whole, fetch=fetch)

    async def _find_again(self, request: web.Request) -> Actor:
        credentials = read_credentials(request, request.app[SETTINGS].public_url)
        actor = await find_actor(request.app[DATABASE], credentials, company_in(request))
        if self.action is not None:
            check_may(actor, self.action, company_in(request))
        return actor

    async def _carry_out(self, visit: Visit, said: dict[str, Any], once: Once | None = None) -> Any:
        if not self.has_transaction:
            return await self.handler(visit, **said)
        async with open_transaction(visit) as ask:
            if once is None:
                return await self.handler(ask, **said)
            return await once.carry_out(ask.db, ask.actor, self.reply, lambda: self.handler(ask, **said))

    def _reply(self, made: Any, ids: dict[str, Any]) -> web.Response:
        if self.reply is type(None):
            return web.Response(status=self.status)
        headers = {"Location": self.location.format(**ids, id=made.id)} if self.location else None
        return web.Response(body=msgspec.json.encode(made), status=self.status, headers=headers, content_type="application/json")


def company_in(request: web.Request) -> int | None:
    """The company that the path names. What can't be an id is nobody's company, once it is known who asks."""
    text = request.match_info.get("company_id")
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def origin_of(request: web.Request) -> Origin:
    source_ip = find_source_ip(request, request.app[TRUSTED_PROXIES])
    user_agent = request.headers.get("User-Agent", "")[:300].encode("utf-8", "replace").decode()
    return Origin(source_ip=source_ip, user_agent=user_agent)


def set_cookies(response: web.StreamResponse, cookies: dict[str, str | None], settings: AdminSettings) -> None:
    """Only this site's requests carry them, no script reads them, and over https they travel over nothing else."""
    is_secure = settings.public_url.startswith("https://")
    for name, value in cookies.items():
        lifetime = int(settings.session_seconds) if value is not None else 0
        response.set_cookie(name, value or "", max_age=lifetime, path="/", httponly=True, samesite="Lax", secure=is_secure)


async def find_visitor(database: Database, credentials: Credentials) -> Actor:
    """Who is signed in, if anybody is; a token or session that isn't valid is no hindrance to what is open to all.

    The database is asked also when nobody can be, so that one that is frozen is found out in time here, too.
    """
    signed_in = msgspec.structs.replace(credentials, token_hash=None, view_as=None)
    try:
        return await find_actor(database, signed_in, None)
    except InvalidApiToken:
        return Actor(kind="visitor")


async def find_actor(database: Database, credentials: Credentials, company_id: int | None) -> Actor:
    """Authenticate, in bounded time whatever the database does: what hangs is left behind to end by itself.

    A database that is frozen rather than down is found out by this, so that the answer is 503 within a second.
    """

    async def ask() -> Actor:
        async with database.of_nobody() as db:
            return await authenticate(db, credentials, company_id)

    asking = asyncio.ensure_future(ask())
    done, _ = await asyncio.wait({asking}, timeout=database.timeout_seconds)
    if not done:
        asking.add_done_callback(lambda late: late.cancelled() or late.exception())  # its end concerns nobody any more
        raise Unavailable("The database can't be reached just now; try again.")
    return asking.result()
