"""The database's tables, for the commands: brought up to date, with what can go wrong said in one line."""

import asyncio

import asyncpg

from callstamp.command_failed import CommandFailed
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
