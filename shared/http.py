"""How every service answers: refusals as RFC 9457 problem+json, JSON replies, the parser's own errors translated, nothing echoed."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict

from shared.errors import (
    BadRequest,
    BodyTooLarge,
    HeadersTooLarge,
    MethodNotAllowed,
    NotFound,
    Refusal,
    RequestTimeout,
    UriTooLong,
)
from shared.metrics import REFUSALS

log = structlog.get_logger()

MAX_URI_BYTES = 8 * 1024
MAX_HEADER_BYTES = 16 * 1024  # differs from the above: the parser's error names only the limit it met

DRAINING = web.AppKey("draining", list[bool])
"""Holds True once the process was told to stop: from then on each reply closes its connection."""

RequestHandlerFunction = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


HOT_ROUTES = web.AppKey("hot_routes", dict[str, Handler])
"""GET addresses without variable parts whose handler is found without asking the router, which is a tenth of a small request's time."""


def find_bearer(request: web.BaseRequest) -> str | None:
    """The credential in `Authorization: Bearer …` (RFC 6750), or None."""
    authorization = request.headers.get("Authorization")
    if authorization is None or authorization[:7].lower() != "bearer ":
        return None
    return authorization[7:].strip()


def json_reply(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")


def problem(refusal: Refusal) -> web.Response:
    """A refusal as `application/problem+json` (RFC 9457): type, title, status, code, detail, and the field where one is to blame."""
    headers: CIMultiDict[str] = CIMultiDict(refusal.headers)
    if refusal.retry_after_seconds is not None:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    if isinstance(refusal, MethodNotAllowed):
        headers["Allow"] = ", ".join(refusal.allowed)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    if refusal.field is not None:
        body["field"] = refusal.field
    return web.Response(body=orjson.dumps(body), status=refusal.status, headers=headers, content_type="application/problem+json")


def answering_refusals(app: web.Application, handle: RequestHandlerFunction) -> RequestHandlerFunction:
    """Turn whatever goes wrong in `handle` into one problem+json, one counter and, where it is our own fault, one log line.

    It stands around the whole app rather than in it as a middleware, which would cost every request another 3 microseconds.
    """
    draining = app[DRAINING]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            response = await handle(request)
        except Refusal as refusal:
            response = refuse(refusal)
        except web.HTTPException as error:
            response = refuse(_translate(error))
        except TimeoutError:
            response = refuse(RequestTimeout())
        except ConnectionError:
            raise  # the other side is gone, there is nobody to answer
        except Exception:
            log.exception("unhandled_error", method=request.method, route=_route_of(request))
            response = refuse(InternalError())
        if draining:
            response.force_close()
        return response

    return answer


def knowing_hot_routes(app: web.Application, handle: RequestHandlerFunction) -> RequestHandlerFunction:
    """Let the app's hot routes pass by its router."""
    if HOT_ROUTES not in app:
        return handle
    hot: dict[str, tuple[Handler, web.UrlMappingMatchInfo]] = {}
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and path in app[HOT_ROUTES]:
            match = web.UrlMappingMatchInfo({}, route)
            match.add_app(app)
            match.freeze()
            hot[path] = (app[HOT_ROUTES][path], match)

    async def find_and_handle(request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request, web.Request)
        found = hot.get(request.path) if request.method == "GET" else None
        if found is None:
            return await handle(request)
        handler, request._match_info = found  # noqa: SLF001 - what the router would have set
        return await handler(request)

    return find_and_handle


def refuse(refusal: Refusal) -> web.Response:
    """The problem reply of a refusal, counted."""
    REFUSALS.labels(code=refusal.code).inc()
    return problem(refusal)


class InternalError(Refusal):
    """Something went wrong that shouldn't have; it has been logged. The request is safe to repeat."""

    status, code = 500, "internal_error"


def _translate(error: web.HTTPException) -> Refusal:
    match error:
        case web.HTTPMethodNotAllowed():
            return MethodNotAllowed(tuple(sorted(error.allowed_methods)))
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge()
        case web.HTTPNotFound():
            return NotFound()
        case _:
            return BadRequest()


def _route_of(request: web.BaseRequest) -> str:
    """The route's pattern, never the path itself, which may hold a key."""
    resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    return resource.canonical if resource else "none"


class Door(RequestHandler):
    """aiohttp's connection handler with our words for what its parser refuses, and without the traceback and echo it would give."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("unhandled_error", method=request.method, route="none", exc_info=exc)
        response = refuse(_translate_parser_error(status, exc))
        response.force_close()
        return response


def _translate_parser_error(status: int, error: BaseException | None) -> Refusal:
    if isinstance(error, LineTooLong):
        return UriTooLong() if f"more than {MAX_URI_BYTES} bytes" in str(error) else HeadersTooLarge()
    if "Too many" in str(error):
        return HeadersTooLarge()
    return InternalError() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest()


class _DoorServer(web.Server):
    def __call__(self) -> RequestHandler:
        return Door(self, loop=self._loop, **self._kwargs)  # no fallback: a misspelt option must not drop all the others


class DoorRunner(web.AppRunner):
    """An AppRunner whose connections are Doors, with the limits every service shares."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(
            app,
            access_log=None,
            auto_decompress=False,  # an inflated body blocks the loop; who wants compression reads it bounded
            max_line_size=MAX_URI_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            **options,
        )

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _DoorServer
        server.request_handler = answering_refusals(self.app, knowing_hot_routes(self.app, server.request_handler))
        return server
