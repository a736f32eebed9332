"""The console's own scripts and styles, from memory; their address carries a hash of them, so a browser keeps them until they change."""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parents[1] / "static" / "console"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.suffix in _TYPES}
STAMP = hashlib.sha256(b"".join(name.encode() + content for name, content in _FILES.items())).hexdigest()[:12]


def add_static_files(app: web.Application) -> None:
    for name, content in _FILES.items():
        app.router.add_route("GET", f"/static/{STAMP}/{name}", _give(content, _TYPES[Path(name).suffix]))


def _give(content: bytes, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that answers these bytes."""

    async def give(request: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=content, content_type=content_type, charset="utf-8", headers=headers)

    return give
