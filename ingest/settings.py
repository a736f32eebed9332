"""Settings of ingest and of the merger; docs/operating.md says what each is for."""

import msgspec

from ingest.durability import Durability, Replicas
from shared.settings import Count, Milliseconds, Port, Seconds, Workers


class IngestSettings(msgspec.Struct, frozen=True, kw_only=True):
    """INGEST_*: where it listens and what it writes to."""

    redis_url: str
    durability: Durability = Durability.DURABLE
    replicas: Replicas = 1
    postgres_url: str
    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Workers = 1
    store_timeout_ms: Milliseconds = 250
    stop_grace_seconds: Seconds = 0.5
    max_connections: Count = 8192
    max_in_flight: Count = 128
    slow_client_seconds: Seconds = 10.0
    trusted_proxies: tuple[str, ...] = ()
    max_backlog_bytes: Count = 2**30
    spool_dir: str = ""  # none: no spool
    spool_max_bytes: Count = 2**28
    public_url: str = ""  # for posting links, which admin makes; here so that one environment serves both
