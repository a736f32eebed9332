"""Sessions of people who signed in, of which only hashes are kept."""

import asyncpg

from admin.permissions import Actor


async def find_actor(db: asyncpg.Connection, secret_hash: bytes) -> Actor | None:
    """The person whose session it is; None for one that is unknown, ended or idle for too long. Being seen keeps it from going idle."""
    row = await db.fetchrow(
        """
        select sessions.id as session_id, user_id, name, seen_at < now() - interval '1 minute' as is_to_be_seen
        from sessions
        join users on users.id = user_id
        where secret_hash = $1
          and ends_at > now()
          and idle_at > now()
        """,
        secret_hash,
    )
    if row is None:
        return None
    if row["is_to_be_seen"]:
        await db.execute(
            """
            update sessions
            set seen_at = now(),
                idle_at = now() + (idle_at - seen_at)
            where id = $1
            """,
            row["session_id"],
        )
    return Actor(kind="person", name=row["name"], user_id=row["user_id"], session_id=row["session_id"])
