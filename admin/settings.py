"""Settings of the admin service; docs/operating.md says what each is for."""

import msgspec


class AdminSettings(msgspec.Struct, frozen=True, kw_only=True):
    """ADMIN_*: where it listens and what it reads."""

    postgres_url: str
    host: str = "127.0.0.1"
    port: int = 8081
    workers: int = 1
    postgres_connections: int = 8
    statement_seconds: float = 10.0
    stop_grace_seconds: float = 0.5
