"""Links to a new password, of which only hashes are kept. Each leads there once."""

import asyncpg
from msgspec import Struct

LINK_SECONDS = 3600


class ResetOf(Struct, frozen=True):
    """Whose password a link is to replace."""

    user_id: int
    email: str
    name: str


async def insert(db: asyncpg.Connection, user_id: int, secret_hash: bytes) -> None:
    """Make a link for the person."""
    await db.execute(
        """
        insert into password_resets (secret_hash, user_id, expires_at)
        values ($1, $2, now() + make_interval(secs => $3))
        """,
        secret_hash,
        user_id,
        float(LINK_SECONDS),
    )


async def find(db: asyncpg.Connection, secret_hash: bytes) -> ResetOf | None:
    """Whose link it is; None for one that is unknown, used or too old."""
    row = await db.fetchrow(
        """
        select user_id, email, name
        from password_resets
        join users on users.id = user_id
        where secret_hash = $1
          and expires_at > now()
        """,
        secret_hash,
    )
    return ResetOf(**row) if row else None


async def use(db: asyncpg.Connection, secret_hash: bytes) -> bool:
    """Use up the link, and with it all others of the same person; False if somebody else was quicker, or it is too old by now."""
    user_id = await db.fetchval(
        """
        delete from password_resets
        where secret_hash = $1
          and expires_at > now()
        returning user_id
        """,
        secret_hash,
    )
    if user_id is None:
        return False
    await remove_of(db, user_id)
    return True


async def remove_of(db: asyncpg.Connection, user_id: int) -> None:
    """Have none of the person's links lead anywhere."""
    await db.execute(
        """
        delete from password_resets
        where user_id = $1
        """,
        user_id,
    )


async def remove_old(db: asyncpg.Connection) -> None:
    await db.execute(
        """
        delete from password_resets
        where expires_at < now()
        """
    )
