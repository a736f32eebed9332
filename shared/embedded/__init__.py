"""Valkey and PostgreSQL as child processes from their wheels, for `run.py` and tests; no system user is added."""

from pathlib import Path
from typing import Self

from shared.embedded.postgres import ADMIN_USER, DATABASE, EmbeddedPostgres
from shared.embedded.server import EmbeddedServer, ServerFailed
from shared.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedServer", "EmbeddedServers", "EmbeddedValkey", "ServerFailed"]


class EmbeddedServers:
    """Both servers on one data folder; a context manager that starts them and stops them in good order."""

    def __init__(self, data_dir: Path) -> None:
        logs = data_dir / "logs"
        self.valkey = EmbeddedValkey(data_dir / "valkey", log=logs / "valkey.log")
        self.postgres = EmbeddedPostgres(data_dir / "postgres", log=logs / "postgres.log")

    def __enter__(self) -> Self:
        self.valkey.start()
        try:
            self.postgres.start()
        except BaseException:
            self.valkey.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.postgres.stop()
        self.valkey.stop()

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    @property
    def postgres_url(self) -> str:
        return self.postgres.url

    @property
    def admin_postgres_url(self) -> str:
        """The same, for the admin service, whom row-level security holds."""
        return self.postgres.url_of(DATABASE, ADMIN_USER)
