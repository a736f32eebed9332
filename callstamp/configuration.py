"""What the environment says about this start: the data folder, the ports, and whether real servers are to be used."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from callstamp.command_failed import CommandFailed
from shared.settings import BadSettings, read_settings

PROJECT = Path(__file__).resolve().parents[1]

REDIS_URLS = ("INGEST_REDIS_URL", "MERGER_REDIS_URL")
POSTGRES_URLS = (
    "MERGER_POSTGRES_URL",
    "INGEST_POSTGRES_URL",
    "ADMIN_POSTGRES_URL",
)  # admin's needn't own the tables: it comes last


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Each is a variable CALLSTAMP_…; a relative data folder is one in the current folder."""

    data_dir: str = str(PROJECT / "var")
    ingest_port: int = 8080
    admin_port: int = 8081
    merger_port: int = 8082
    postback_key: str | None = None

    @property
    def data(self) -> Path:
        return Path(self.data_dir).absolute()


def read_configuration(environ: Mapping[str, str] = os.environ) -> Configuration:
    """The configuration in `environ`. Raises CommandFailed with a line per mistake."""
    try:
        return read_settings(Configuration, "CALLSTAMP_", environ)
    except BadSettings as mistakes:
        raise CommandFailed(str(mistakes)) from None


def find_real_servers(environ: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """Each *_REDIS_URL and *_POSTGRES_URL of the real servers, or None if none is named and embedded ones are to be started.

    A service without an URL of its own gets that of another. Raises CommandFailed if only one of the two kinds is named.
    """
    urls: dict[str, str] = {}
    for names in (REDIS_URLS, POSTGRES_URLS):
        first = next((environ[name] for name in names if environ.get(name)), None)
        if first is not None:
            urls |= {name: environ.get(name) or first for name in names}
    if urls and len(urls) != len(REDIS_URLS + POSTGRES_URLS):
        named, other = (REDIS_URLS, POSTGRES_URLS) if REDIS_URLS[0] in urls else (POSTGRES_URLS, REDIS_URLS)
        raise CommandFailed(
            f"{' or '.join(named)} names a real server, so name one in {other[0]} too; or neither, for embedded ones"
        )
    return urls or None
