"""What every service's replies are made of: JSON, and refusals as RFC 9457 problem+json."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from multidict import CIMultiDict

from shared.errors import MethodNotAllowed, Refusal
from shared.metrics import REFUSALS

DRAINING = web.AppKey("draining", list[bool])
"""Holds True once the process was told to stop: from then on each reply closes its connection."""

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


def refuse(refusal: Refusal) -> web.Response:
    """The problem reply of a refusal, counted."""
    REFUSALS.labels(code=refusal.code).inc()
    return problem(refusal)


class InternalError(Refusal):
    """Something went wrong that shouldn't have; it has been logged. The request is safe to repeat."""

    status, code = 500, "internal_error"
