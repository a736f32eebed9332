"""Brings a PostgreSQL database to the tables in schemas/postgres: numbered files, forward only, one at a time under an advisory lock."""

import asyncio
import hashlib
import sys
from pathlib import Path

import asyncpg

import schemas

MIGRATIONS = Path(schemas.__file__).parent / "postgres"
_LOCK = 0x43414C4C  # any number, the same for all who migrate
PARTITION_DAYS_AHEAD = 8


class MigrationChanged(Exception):
    """A migration that this database already has was edited afterwards."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing and answer the names of it; several may call this at once, one does the work, the others wait."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        return await _apply_missing(connection)
    finally:
        await connection.close()


async def _apply_missing(connection: asyncpg.Connection) -> list[str]:
    await connection.execute(
        """
        create table if not exists migrations (
          name       text primary key,
          sha256     text not null,
          applied_at timestamptz not null default now()
        )
        """
    )
    applied = {row["name"]: row["sha256"] for row in await connection.fetch("select name, sha256 from migrations")}
    fresh = []
    for file in sorted(MIGRATIONS.glob("[0-9]*.sql")):
        sql = file.read_text()
        sha256 = hashlib.sha256(sql.encode()).hexdigest()
        if file.name in applied:
            if applied[file.name] != sha256:
                raise MigrationChanged(f"{file.name} was changed after this database got it; add a new file instead")
            continue
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute("insert into migrations (name, sha256) values ($1, $2)", file.name, sha256)
        fresh.append(file.name)
    await connection.execute("select make_partitions((now() at time zone 'UTC')::date - 1, $1)", PARTITION_DAYS_AHEAD)
    return fresh


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m shared.migrate POSTGRES_URL")
    for name in asyncio.run(migrate(sys.argv[1])):
        print(name)  # noqa: T201 - the command's answer
