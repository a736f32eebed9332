"""What the app holds for its handlers, each under its typed key."""

from aiohttp import web

from ingest.keyring import Keyring
from ingest.refused_postbacks import RefusedPostbacks
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.source_address import Network

KEYRING = web.AppKey("keyring", Keyring[PostbackKeyRow])
TAG_BUFFER = web.AppKey("tag_buffer", TagBuffer)
REFUSED_POSTBACKS = web.AppKey("refused_postbacks", RefusedPostbacks)
TRUSTED_PROXIES = web.AppKey("trusted_proxies", tuple[Network, ...])
