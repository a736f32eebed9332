"""The database, for the commands: where it is, and its tables brought up to date, with what can go wrong said in one line."""

import asyncio
import os

import asyncpg

from callstamp.command_failed import CommandFailed
from callstamp.configuration import POSTGRES_URLS, read_configuration
from callstamp.ready_file import find_ready_file
from shared.migrate import MigrationChanged, migrate

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


def find_postgres_url() -> str:
    """The real database, or the embedded one if it runs. Raises CommandFailed."""
    named = next((os.environ[name] for name in POSTGRES_URLS if os.environ.get(name)), None)
    if named is not None:
        return named
    ready = find_ready_file(read_configuration().data)
    if ready is None or ready.postgres_url is None:
        raise CommandFailed("no database: set ADMIN_POSTGRES_URL, or start Callstamp with `up`, which runs one")
    return ready.postgres_url
