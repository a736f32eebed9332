"""`/livez` says that the process runs, `/readyz` whether it should get traffic and, if not, what is missing."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from shared.http import DRAINING, json_reply
from shared.metrics import show_metrics

Check = Callable[[], str | None]
"""Answers what is missing, or None; looks at memory only, so that asking costs nothing."""

READINESS = web.AppKey("readiness", dict[str, Check])
DESCRIPTION = web.AppKey("description", dict[str, Callable[[], dict[str, Any]]])


def add_health(app: web.Application, checks: dict[str, Check], describe: Callable[[], dict[str, Any]] = dict) -> None:
    """Give the app its three addresses for operators.

    `checks` says by name what must be there for it to be ready, `describe` what else `/readyz` tells, ready or not.
    """
    app[READINESS] = checks
    app[DESCRIPTION] = {"store": describe}
    app[DRAINING] = []
    app.router.add_get("/livez", _show_liveness)
    app.router.add_get("/readyz", _show_readiness)
    app.router.add_get("/metrics", show_metrics)


def find_missing(app: web.Application) -> dict[str, str]:
    """A reason for each part that isn't there."""
    return {name: reason for name, check in app.get(READINESS, {}).items() if (reason := check())}


async def _show_liveness(request: web.Request) -> web.Response:
    return json_reply({"status": "alive"})


async def _show_readiness(request: web.Request) -> web.Response:
    """`GET /readyz`: 200, or 503 with a reason for each part that isn't ready."""
    missing = find_missing(request.app)
    if request.app[DRAINING]:
        missing["process"] = "stopping"
    said = {"status": "not ready" if missing else "ready", "missing": missing} | request.app[DESCRIPTION]["store"]()
    return json_reply(said, status=503 if missing else 200)
