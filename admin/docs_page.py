"""`/openapi.json` and the page that makes it readable, `/docs`, of files kept here: nothing is loaded from other hosts."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

import msgspec
from aiohttp import web
from swagger_ui_bundle import swagger_ui_path

from admin.openapi import make_document

STATIC = Path(__file__).parent / "static"
ASSETS = {
    "docs.js": STATIC / "docs.js",
    "docs.css": STATIC / "docs.css",
    "swagger-ui.css": swagger_ui_path / "swagger-ui.css",
    "swagger-ui-bundle.js": swagger_ui_path / "swagger-ui-bundle.js",
}
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_docs(app: web.Application) -> None:
    app.router.add_route("GET", "/openapi.json", _give(_encoded_document(), "application/json"))
    app.router.add_route("GET", "/docs", _give((STATIC / "docs.html").read_bytes(), "text/html"))
    for name, file in ASSETS.items():
        content_type = "text/css" if name.endswith(".css") else "text/javascript"
        app.router.add_route("GET", f"/docs/{name}", _give(file.read_bytes(), content_type))


@cache
def _encoded_document() -> bytes:
    """The same for every application of a process."""
    return msgspec.json.encode(make_document())


def _give(body: bytes, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that answers these bytes."""

    async def give(request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-cache"}
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    return give
