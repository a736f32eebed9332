"""How PostgreSQL is reached, and what its driver's errors mean to us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from shared.errors import Unavailable

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a server that dies at a bad moment leaves the driver in a state that it doesn't expect
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # starting, stopping, crashed
    asyncpg.InsufficientResourcesError,  # disk, memory or connections used up
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,  # a stand-by, after a failover
)
"""What the driver raises when PostgreSQL is away, starting, stopping, full, or not the one we were told of."""

CONNECT_SECONDS = 3.0

ERASURE_LOCK = 0x45524153
"""An advisory lock: whoever erases a caller holds it alone, the drain shares it with nobody else. So neither misses the other."""


async def open_pool(url: str, *, size: int, statement_seconds: float) -> asyncpg.Pool:
    """A pool that connects when first needed, so that a service starts while PostgreSQL is away."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=statement_seconds,
        server_settings={"application_name": "callstamp", "timezone": "UTC"},
    )


@asynccontextmanager
async def transaction(pool: asyncpg.Pool, *, acquire_seconds: float) -> AsyncIterator[asyncpg.Connection]:
    """A connection inside a transaction.

    Raises Unavailable when PostgreSQL can't be reached, every connection is busy, or it gave up this one of two that wait for each other.
    """
    try:
        async with pool.acquire(timeout=acquire_seconds) as connection, connection.transaction():
            yield connection
    except (*UNREACHABLE, asyncpg.TransactionRollbackError) as error:
        raise Unavailable("The database can't be reached just now; try again.") from error
