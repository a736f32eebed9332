"""Settings of the merger and its drain; docs/operating.md says what each is for."""

from typing import Annotated

import msgspec

from ingest.durability import Durability, Replicas
from shared.settings import Count, Milliseconds, Port, Seconds, Workers


class MergerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """MERGER_*: where it listens, what it reads, how long a call may last."""

    redis_url: str
    durability: Durability = Durability.DURABLE
    replicas: Replicas = 1
    postgres_url: str
    host: str = "127.0.0.1"
    port: Port = 8082
    drain_port: Port = 8083
    workers: Workers = 1
    store_timeout_ms: Milliseconds = 90
    max_call_seconds: Annotated[int, msgspec.Meta(ge=1, le=604_800)] = 14_400
    stop_grace_seconds: Seconds = 0.5
    max_connections: Count = 8192
    max_in_flight: Count = 128
    slow_client_seconds: Seconds = 10.0
    internal_secret: str = ""  # none: the admin service can't look at callers here, nor erase them
    trusted_proxies: tuple[str, ...] = ()  # nothing here records a source address yet; here so that one environment serves all
