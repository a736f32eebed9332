"""How far behind the logs are, as the drain says."""

import asyncpg


async def find_seconds_behind(db: asyncpg.Connection) -> float | None:
    """How old the oldest entry is that isn't in the logs yet, at least as long as the drain has been silent; None before it first spoke."""
    seconds: float | None = await db.fetchval(
        """
        select case
                 when now() - measured_at < interval '5 seconds' then lag_seconds
                 else greatest(lag_seconds, extract(epoch from now() - measured_at))
               end
        from drain_state
        """
    )
    return None if seconds is None else round(float(seconds), 1)
