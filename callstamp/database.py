"""The database, for the commands: where it is, and its tables brought up to date, with what can go wrong said in one line."""

import asyncio
import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import asyncpg

from callstamp.command_failed import CommandFailed
from callstamp.configuration import POSTGRES_URLS, read_configuration
from callstamp.ready_file import find_ready_file
from shared.migrate import MigrationChanged, migrate

ADMIN_ROLE = "callstamp_admin"  # whom row-level security holds (schemas/postgres/0005_people.sql)

UNUSABLE = (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the driver raises when the address is wrong, nobody is there, or the database refuses."""


def bring_up_to_date(url: str) -> list[str]:
    """Apply what is missing and answer its names. Raises CommandFailed."""
    try:
        return asyncio.run(migrate(url))
    except MigrationChanged as error:
        raise CommandFailed(str(error)) from None
    except UNUSABLE as error:
        raise CommandFailed(
            f"the database can't be brought up to date: {error or type(error).__name__}; check the *_POSTGRES_URL"
        ) from None


def give_admin_its_password(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Give admin's role the password that ADMIN_POSTGRES_URL has for it; answers whether there is one. Raises CommandFailed."""
    admin = urlsplit(environ.get("ADMIN_POSTGRES_URL", ""))
    if admin.username != ADMIN_ROLE or not admin.password:
        return False
    try:
        asyncio.run(_set_password(url, unquote(admin.password)))
    except UNUSABLE as error:
        raise CommandFailed(f"{ADMIN_ROLE} can't be given its password: {error or type(error).__name__}") from None
    return True


async def _set_password(url: str, password: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        statement = await connection.fetchval(
            "select format('alter role %I password %L', $1::text, $2::text)", ADMIN_ROLE, password
        )
        await connection.execute(statement)
    finally:
        await connection.close()


def find_postgres_url() -> str:
    """The real database, or the embedded one if it runs. Raises CommandFailed."""
    named = next((os.environ[name] for name in POSTGRES_URLS if os.environ.get(name)), None)
    if named is not None:
        return named
    ready = find_ready_file(read_configuration().data)
    if ready is None or ready.postgres_url is None:
        raise CommandFailed("no database: set ADMIN_POSTGRES_URL, or start Callstamp with `up`, which runs one")
    return ready.postgres_url
