"""Waiting for the moment in which a request waits for a lock, so that a test can go on while it is held up."""

import asyncio
from typing import Any

import asyncpg

from tests.waiting import wait_for


async def wait_until_held_up(asking: "asyncio.Future[Any]", db: asyncpg.Connection) -> set[str]:
    """Waits until another connection to this database waits for a lock. Returns the types of locks that are waited for.

    Fails if what asks for the lock is done before.
    """

    async def locks_waited_for() -> set[str]:
        assert not asking.done(), f"it wasn't held up: {asking}"
        sql = """
            select locktype
            from pg_locks join pg_stat_activity using (pid)
            where not granted and datname = current_database()
        """
        return {row["locktype"] for row in await db.fetch(sql)}

    return set(await wait_for(locks_waited_for))
