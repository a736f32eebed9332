"""What the app holds for its handlers, each under its typed key."""

from aiohttp import web

from ingest.backlog import Backlog
from ingest.bulk_room import BulkRoom
from ingest.idempotency import Idempotency
from ingest.keyring import Keyring
from ingest.rates import Rates
from ingest.read_back import ReadBack
from ingest.refused_postbacks import RefusedPostbacks
from ingest.spool import Spool
from ingest.tag_buffer import TagBuffer
from ingest.take_bulk import BulkIntake
from ingest.write_once import WriteOnce
from schemas.kept_rows import PostbackKeyRow
from shared.source_address import Network

BACKLOG = web.AppKey("backlog", Backlog)
KEYRING = web.AppKey("keyring", Keyring[PostbackKeyRow])
TAG_BUFFER = web.AppKey("tag_buffer", TagBuffer)
BULK_INTAKE = web.AppKey("bulk_intake", BulkIntake)
BULK_ROOM = web.AppKey("bulk_room", BulkRoom)
IDEMPOTENCY = web.AppKey("idempotency", Idempotency)
REFUSED_POSTBACKS = web.AppKey("refused_postbacks", RefusedPostbacks)
RATES = web.AppKey("rates", Rates)
READ_BACK = web.AppKey("read_back", ReadBack)
SPOOL = web.AppKey("spool", Spool)
"""There only if it is switched on."""
TRUSTED_PROXIES = web.AppKey("trusted_proxies", tuple[Network, ...])
WRITE_ONCE = web.AppKey("write_once", WriteOnce)
