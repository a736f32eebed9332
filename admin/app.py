"""The admin service as an aiohttp application."""

from aiohttp import web

from admin.database import DATABASE, SETTINGS, Database, open_database
from admin.docs_page import add_docs
from admin.read_request import MAX_BODY_BYTES
from admin.routes import ROUTES
from admin.settings import Settings
from shared.health import add_health
from shared.http import answer_refusals


def create_app(settings: Settings) -> web.Application:
    """The whole service; it starts, and answers 503, while PostgreSQL is away."""
    app = web.Application(middlewares=[answer_refusals], client_max_size=MAX_BODY_BYTES)
    app[SETTINGS] = settings
    app[DATABASE] = Database()
    app.cleanup_ctx.append(open_database)
    app.on_response_prepare.append(_add_security_headers)
    add_health(app, {"postgres": app[DATABASE].check})
    add_docs(app)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.answer)
    return app


async def _add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Nothing here is to be sniffed, framed, cached or told to other hosts; the docs page sets a policy of its own."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("Cache-Control", "no-store")
