"""The settings of the admin service, read once."""

import os
from collections.abc import Mapping

import msgspec

from shared.settings import read_settings


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each is a variable ADMIN_…, except `ingest_public_url`, which is ingest's own INGEST_PUBLIC_URL."""

    host: str = "127.0.0.1"
    port: int = 8081
    workers: int = 1
    postgres_url: str = "postgresql://127.0.0.1/callstamp"
    postgres_connections: int = 8
    statement_seconds: float = 10.0
    stop_grace_seconds: float = 0.5
    ingest_public_url: str = "http://127.0.0.1:8080"


def read_admin_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`; raises BadSettings."""
    settings = read_settings(Settings, "ADMIN_", environ)
    public_url = environ.get("INGEST_PUBLIC_URL", settings.ingest_public_url)
    return msgspec.structs.replace(settings, ingest_public_url=public_url.rstrip("/"))
