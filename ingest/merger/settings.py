"""Settings of the merger and its drain; docs/operating.md says what each is for."""

import msgspec


class MergerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """MERGER_*: where it listens, what it reads, how long a call may last."""

    redis_url: str
    postgres_url: str
    host: str = "127.0.0.1"
    port: int = 8082
    drain_port: int = 8083
    workers: int = 1
    store_timeout_ms: int = 90
    max_call_seconds: int = 14_400
    stop_grace_seconds: float = 0.5
