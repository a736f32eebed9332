"""Puts ingest together: the store, the keyring that follows PostgreSQL, and two addresses."""

from aiohttp import web

from ingest.errors import InvalidPostbackKey
from ingest.handlers.postbacks import answer_preflight, write_tags
from ingest.kept_tables import postback_keys
from ingest.keyring import Keyring
from ingest.keyring_sync import KeyringSync
from ingest.metrics import KEYRING_CURRENT, KEYRING_KEYS
from ingest.read_postback import MAX_BODY_BYTES
from ingest.refused_postbacks import RefusedPostbacks
from ingest.rooms import KEYRING, REFUSED_POSTBACKS, TAG_BUFFER, TRUSTED_PROXIES
from ingest.settings import IngestSettings
from ingest.store import Store
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.health import add_health
from shared.http import HOT_ROUTES, Handler
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
    app[REFUSED_POSTBACKS] = RefusedPostbacks(keyring, app[TAG_BUFFER])
    app[TRUSTED_PROXIES] = read_networks(settings.trusted_proxies)
    app.cleanup_ctx.extend([running(store), running(sync), running(app[REFUSED_POSTBACKS])])
    add_health(app, {"store": store.missing, "keyring": sync.missing}, store.describe)
    for path in ("/data_writing", "/data_writing/{key}"):
        app.router.add_get(path, write_tags, allow_head=False)
        app.router.add_post(path, write_tags)
        app.router.add_options(path, answer_preflight)
    hot: dict[str, Handler] = {"/data_writing": write_tags}
    app[HOT_ROUTES] = hot
    return app
