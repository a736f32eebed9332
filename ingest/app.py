"""Puts ingest together: the store, the keyring that follows PostgreSQL, what stands between them, and the addresses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from ingest.backlog import Backlog
from ingest.bulk_room import BulkRoom
from ingest.bulk_writer import ITEMS_IN_FLIGHT
from ingest.errors import InvalidPostbackKey
from ingest.handlers.bulk import write_many_tags
from ingest.handlers.callers import cancel_waiting_tags, show_waiting_tags
from ingest.handlers.postbacks import answer_preflight, write_tags
from ingest.idempotency import Idempotency
from ingest.kept_tables import postback_keys
from ingest.keyring import Keyring
from ingest.keyring_sync import KeyringSync
from ingest.metrics import KEYRING_CURRENT, KEYRING_KEYS
from ingest.rates import Rates
from ingest.read_back import ReadBack
from ingest.read_postback import MAX_BODY_BYTES
from ingest.refused_postbacks import RefusedPostbacks
from ingest.replay_spool import SpoolReplay
from ingest.rooms import (
    BACKLOG,
    BULK_INTAKE,
    BULK_ROOM,
    IDEMPOTENCY,
    KEYRING,
    RATES,
    READ_BACK,
    REFUSED_POSTBACKS,
    SPOOL,
    TAG_BUFFER,
    TRUSTED_PROXIES,
    WRITE_ONCE,
)
from ingest.settings import IngestSettings
from ingest.spool import Spool
from ingest.store import Store
from ingest.store_clock import StoreClock
from ingest.tag_buffer import TagBuffer
from ingest.take_bulk import BulkIntake
from ingest.write_once import WriteOnce
from schemas.kept_rows import PostbackKeyRow
from shared.health import Check, add_health
from shared.http import HOT_ROUTES, Handler
from shared.overload import SHEDDABLE, Kind
from shared.running import running
from shared.source_address import read_networks


def create_app(settings: IngestSettings) -> web.Application:
    """The publisher-facing service. Starting it raises StartRefused on a store that wouldn't keep what is acknowledged."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    store = Store(
        settings.redis_url,
        timeout_seconds=settings.store_timeout_ms / 1000,
        durability=settings.durability,
        replicas=settings.replicas,
    )
    keyring = Keyring[PostbackKeyRow](InvalidPostbackKey)

    def on_current(is_current: bool) -> None:
        keyring.is_current = is_current
        KEYRING_CURRENT.set(is_current)
        KEYRING_KEYS.set(len(keyring))

    sync = KeyringSync(settings.postgres_url, store, [postback_keys(keyring.put)], on_current)
    app[KEYRING] = keyring
    app[TAG_BUFFER] = TagBuffer(store)
    app[BACKLOG] = Backlog(store, settings.max_backlog_bytes)
    app[REFUSED_POSTBACKS] = RefusedPostbacks(keyring, app[TAG_BUFFER], app[BACKLOG])
    app[RATES] = Rates(store)
    app[READ_BACK] = ReadBack(store)
    app[BULK_INTAKE] = BulkIntake(app[TAG_BUFFER], app[REFUSED_POSTBACKS], ITEMS_IN_FLIGHT // settings.workers)
    app[BULK_ROOM] = BulkRoom()
    app[IDEMPOTENCY] = Idempotency(store)
    app[WRITE_ONCE] = WriteOnce(app[TAG_BUFFER], app[IDEMPOTENCY], app[REFUSED_POSTBACKS])
    app[TRUSTED_PROXIES] = read_networks(settings.trusted_proxies)
    app.cleanup_ctx.extend([running(store), running(sync), running(app[BACKLOG])])
    app.cleanup_ctx.extend([running(app[REFUSED_POSTBACKS]), running(app[IDEMPOTENCY])])
    if settings.spool_dir:
        add_spool(app, store, Path(settings.spool_dir), settings.spool_max_bytes)
    find_missing_store, describe = place_of_postbacks(store, app.get(SPOOL))
    add_health(app, {"store": find_missing_store, "keyring": sync.missing}, describe)
    for path in ("/data_writing", "/data_writing/{key}"):
        app.router.add_get(path, write_tags, allow_head=False)
        app.router.add_post(path, write_tags)
        app.router.add_options(path, answer_preflight)
    app[SHEDDABLE] = (
        Kind("bulk", b"POST /v1/postbacks", 0.5),
        Kind("single", b"GET /data_w", 1),
        Kind("single", b"POST /data_w", 1),
    )
    app.router.add_post("/v1/postbacks", write_many_tags)
    app.router.add_options("/v1/postbacks", answer_preflight)
    app.router.add_get("/v1/callers/{number}", show_waiting_tags, allow_head=False)
    app.router.add_delete("/v1/callers/{number}", cancel_waiting_tags)
    hot: dict[str, Handler] = {"/data_writing": write_tags}
    app[HOT_ROUTES] = hot
    return app


def add_spool(app: web.Application, store: Store, folder: Path, most_bytes: int) -> None:
    """Give the app a spool, and the loop that empties it. Starting them raises StartRefused when the folder can't be used."""
    app[SPOOL] = Spool(folder, most_bytes, StoreClock(store))
    replay = SpoolReplay(app[SPOOL], store, app[BACKLOG], app[TAG_BUFFER], app[WRITE_ONCE])
    app.cleanup_ctx.extend([running(app[SPOOL]), running(replay)])


def place_of_postbacks(store: Store, spool: Spool | None) -> tuple[Check, Callable[[], dict[str, Any]]]:
    """What keeps postbacks from being taken, and what an operator wants to know of where they go: the store, else the spool."""
    if spool is None:
        return store.missing, store.describe
    return (
        lambda: None if spool.takes_postbacks else store.missing(),
        lambda: store.describe() | {"spool": spool.describe()},
    )
