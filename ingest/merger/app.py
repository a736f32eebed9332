"""Puts the merger together: the store, the engine keys and the directory that follow PostgreSQL, and the engine's addresses."""

from typing import Any

from aiohttp import web

from ingest import kept_tables
from ingest.kept_tables import KeptTable
from ingest.keyring import Keyring
from ingest.keyring_sync import KeyringSync
from ingest.merger import handlers
from ingest.merger.call_store import CallStore
from ingest.merger.caller_file import CallerFile
from ingest.merger.directory import Directory
from ingest.merger.errors import InvalidEngineKey
from ingest.merger.expire_calls import ExpireCalls
from ingest.merger.internal_handlers import add_internal_routes
from ingest.merger.settings import MergerSettings
from ingest.metrics import KEYRING_CURRENT, KEYRING_KEYS
from ingest.store import Store
from schemas.kept_rows import EngineKeyRow
from shared.health import add_health
from shared.overload import SHEDDABLE, Kind
from shared.running import running

MAX_BODY_BYTES = 64 * 1024


def create_app(settings: MergerSettings) -> web.Application:
    """The engine-facing service. Starting it raises StartRefused on a store that wouldn't keep what is acknowledged."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    store = Store(
        settings.redis_url,
        timeout_seconds=settings.store_timeout_ms / 1000,
        durability=settings.durability,
        replicas=settings.replicas,
    )
    engine_keys = Keyring[EngineKeyRow](InvalidEngineKey)
    directory = Directory()

    def on_current(is_current: bool) -> None:
        engine_keys.is_current = is_current
        KEYRING_CURRENT.set(is_current)
        KEYRING_KEYS.set(len(engine_keys))

    tables: list[KeptTable[Any]] = [
        kept_tables.campaigns(directory.put_campaign),
        kept_tables.buyers(directory.put_buyer),
        kept_tables.tracking_numbers(directory.put_number),
        kept_tables.engine_keys(engine_keys.put),
    ]
    sync = KeyringSync(settings.postgres_url, store, tables, on_current)
    app[handlers.ENGINE_KEYS] = engine_keys
    app[handlers.DIRECTORY] = directory
    app[handlers.CALL_STORE] = CallStore(store, settings.max_call_seconds)
    app[handlers.PATIENCE_SECONDS] = settings.store_timeout_ms / 1000
    app.cleanup_ctx.extend([running(store), running(sync), running(ExpireCalls(store))])
    add_health(app, {"store": store.missing, "keyring": sync.missing}, store.describe)
    app[SHEDDABLE] = (
        Kind("lookup", b"GET /v1/lookup", 1),
        Kind("event", b"POST /v1/calls", 0.75),
        Kind("event", b"GET /v1/calls", 0.5),
    )
    app.router.add_get("/v1/lookup", handlers.look_up, allow_head=False)
    app.router.add_post("/v1/calls", handlers.hit_call)
    app.router.add_get("/v1/calls/{call_uuid}", handlers.show_call, allow_head=False)
    app.router.add_post("/v1/calls/{call_uuid}/route", handlers.route_call)
    app.router.add_post("/v1/calls/{call_uuid}/answer", handlers.answer_call)
    app.router.add_post("/v1/calls/{call_uuid}/end", handlers.end_call)
    add_internal_routes(app, settings.internal_secret, CallerFile(store))
    return app
