"""Sessions of people who signed in, of which only hashes are kept."""

import asyncpg
from msgspec import Struct

from admin.permissions import Actor
from schemas.admin.people import PersonSession
from shared.errors import NotFound


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


class Lifetime(Struct, frozen=True):
    """How long a session lasts unseen, and however often it is seen."""

    idle_seconds: float
    seconds: float


async def insert(
    db: asyncpg.Connection, user_id: int, secret_hash: bytes, lifetime: Lifetime, *, source_ip: str | None, user_agent: str
) -> None:
    """Begin a session."""
    await db.execute(
        """
        insert into sessions (user_id, secret_hash, idle_at, ends_at, source_ip, user_agent)
        values ($1, $2, now() + make_interval(secs => $3), now() + make_interval(secs => $4), $5, $6)
        """,
        user_id,
        secret_hash,
        lifetime.idle_seconds,
        lifetime.seconds,
        source_ip,
        user_agent,
    )


async def fetch_page(
    db: asyncpg.Connection, user_id: int | None, *, current_id: int | None, after_id: int, limit: int
) -> list[PersonSession]:
    """At most `limit + 1` of the person's live sessions after `after_id`, the oldest first."""
    rows = await db.fetch(
        """
        select id, created_at, seen_at, host(source_ip) as source_ip, user_agent, id = $2 as is_current
        from sessions
        where user_id = $1
          and ends_at > now()
          and idle_at > now()
          and id > $3
        order by id
        limit $4 + 1
        """,
        user_id,
        current_id or 0,
        after_id,
        limit,
    )
    return [PersonSession(**row) for row in rows]


async def end(db: asyncpg.Connection, user_id: int | None, session_id: int | None) -> None:
    """End one of the person's sessions; raises NotFound."""
    done = await db.execute(
        """
        delete from sessions
        where user_id = $1
          and id = $2
        """,
        user_id,
        session_id,
    )
    if done != "DELETE 1":
        raise NotFound


async def end_if_there(db: asyncpg.Connection, session_id: int) -> None:
    """End a session, which may have ended already."""
    await db.execute(
        """
        delete from sessions
        where id = $1
        """,
        session_id,
    )


async def end_all(db: asyncpg.Connection, user_id: int, *, but: int | None = None) -> None:
    """End all of the person's sessions, but one."""
    await db.execute(
        """
        delete from sessions
        where user_id = $1
          and id is distinct from $2
        """,
        user_id,
        but,
    )


async def remove_old(db: asyncpg.Connection) -> None:
    """Remove those that ended by themselves."""
    await db.execute(
        """
        delete from sessions
        where least(ends_at, idle_at) < now()
        """
    )
