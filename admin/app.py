"""The admin service as an aiohttp application."""

from aiohttp import web

from admin.database import DATABASE, Database
from admin.docs_page import add_docs
from admin.ingest_client import INGEST, IngestClient
from admin.mail import choose_carrier
from admin.mail_sender import MAIL_SENDER, MailSender
from admin.merger_client import MERGER, MergerClient
from admin.pages.console import add_console
from admin.passwords import PASSWORDS, Passwords
from admin.read_request import MAX_BODY_BYTES
from admin.retention import Retention
from admin.route import INGEST_PUBLIC_URL, SETTINGS, TRUSTED_PROXIES
from admin.routes import ROUTES
from admin.settings import AdminSettings
from admin.sweep import Sweep
from shared.health import add_health
from shared.running import running
from shared.source_address import read_networks

DEFAULT_INGEST_PUBLIC_URL = "http://127.0.0.1:8080"


def create_app(settings: AdminSettings, *, ingest_public_url: str = DEFAULT_INGEST_PUBLIC_URL) -> web.Application:
    """The whole service; it starts, and answers 503, while PostgreSQL is away. Posting links lead to `ingest_public_url`."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[INGEST_PUBLIC_URL] = ingest_public_url.rstrip("/")
    app[SETTINGS] = settings
    app[TRUSTED_PROXIES] = read_networks(settings.trusted_proxies)
    app[DATABASE] = Database(settings)
    app[MERGER] = MergerClient(settings)
    app[INGEST] = IngestClient(settings.ingest_url or app[INGEST_PUBLIC_URL])
    app[PASSWORDS] = Passwords()
    app[MAIL_SENDER] = MailSender(app[DATABASE], choose_carrier(settings), settings.public_url)
    clients = (app[MERGER], app[INGEST])
    parts = (app[DATABASE], *clients, app[PASSWORDS], app[MAIL_SENDER], Sweep(app[DATABASE]), Retention(app[DATABASE]))
    app.cleanup_ctx.extend(running(part) for part in parts)
    app.on_response_prepare.append(_add_security_headers)
    add_health(app, {"postgres": app[DATABASE].check})
    add_docs(app)
    add_console(app)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.answer)
    return app


async def _add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Nothing here is to be sniffed, framed, cached or told to other hosts; the docs page sets a policy of its own."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("Cache-Control", "no-store")
