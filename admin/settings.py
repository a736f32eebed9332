"""Settings of the admin service; docs/operating.md says what each is for."""

from typing import Annotated

import msgspec

from shared.settings import Count, Milliseconds, Port, Seconds, Workers


class AdminSettings(msgspec.Struct, frozen=True, kw_only=True):
    """ADMIN_*: where it listens and what it reads."""

    postgres_url: str
    host: str = "127.0.0.1"
    port: Port = 8081
    workers: Workers = 1
    postgres_connections: Annotated[int, msgspec.Meta(ge=1)] = 8
    database_timeout_ms: Milliseconds = 900
    statement_seconds: Seconds = 10.0
    stop_grace_seconds: Seconds = 0.5
    max_connections: Count = 8192
    slow_client_seconds: Seconds = 10.0
    trusted_proxies: tuple[str, ...] = ()
    merger_url: str = "http://127.0.0.1:8082"
    ingest_url: str | None = None  # none: where posting links lead
    merger_secret: str = ""  # none: nobody's file can be read here, nor erased
    public_url: str = "http://127.0.0.1:8081"
    session_idle_seconds: Seconds = 12 * 3600.0
    session_seconds: Seconds = 7 * 86_400.0
    smtp_url: str | None = None
    mail_from: str = "Callstamp <callstamp@localhost>"
    mail_dir: str | None = None
