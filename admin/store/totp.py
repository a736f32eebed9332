"""Codes of people's authenticators, and recovery codes: each counts once, whoever brings it twice at the same time."""

import asyncpg


async def fetch_time(db: asyncpg.Connection) -> float:
    """The database's time, in seconds since 1970: all who check codes go by one clock."""
    now: float = await db.fetchval("select extract(epoch from now())::float8")
    return now


async def set_secret(db: asyncpg.Connection, user_id: int, secret: str) -> bool:
    """Keep a secret that isn't in force yet, in place of one offered before; False where one is in force."""
    done: str = await db.execute(
        """
        update users
        set totp_secret = $2
        where id = $1
          and totp_last_step = 0
        """,
        user_id,
        secret,
    )
    return done == "UPDATE 1"


async def use_step(db: asyncpg.Connection, user_id: int, secret: str, step: int) -> bool:
    """Use up the code of this step and all before it; False if it was used, or the secret is another one by now."""
    done: str = await db.execute(
        """
        update users
        set totp_last_step = $3
        where id = $1
          and totp_secret = $2
          and totp_last_step < $3
        """,
        user_id,
        secret,
        step,
    )
    return done == "UPDATE 1"


async def use_recovery_code(db: asyncpg.Connection, user_id: int, code_hash: bytes) -> bool:
    """Use up a recovery code; False if it is none, or was used."""
    done: str = await db.execute(
        """
        update users
        set recovery_hashes = array_remove(recovery_hashes, $2)
        where id = $1
          and totp_last_step > 0
          and $2 = any (recovery_hashes)
        """,
        user_id,
        code_hash,
    )
    return done == "UPDATE 1"


async def set_recovery_codes(db: asyncpg.Connection, user_id: int, hashes: list[bytes]) -> None:
    await db.execute(
        """
        update users
        set recovery_hashes = $2
        where id = $1
        """,
        user_id,
        hashes,
    )


async def switch_off(db: asyncpg.Connection, user_id: int) -> None:
    """Ask for no codes any more."""
    await db.execute(
        """
        update users
        set totp_secret = null,
            totp_last_step = 0,
            recovery_hashes = '{}'
        where id = $1
        """,
        user_id,
    )
