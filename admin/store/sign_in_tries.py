"""How often somebody was guessed at lately, and from where people signed in: hashes and counts, no addresses."""

import asyncpg
from msgspec import Struct


class Tries(Struct, frozen=True):
    """How many were counted in the span of time that is on, and how long that still lasts."""

    count: int
    seconds_left: int


async def count_one(db: asyncpg.Connection, subject: bytes, seconds: int) -> Tries:
    """Count one more try at the subject; a span of that many seconds begins with its first."""
    row = await db.fetchrow(
        """
        insert into sign_in_tries as known (subject, tries, since)
        values ($1, 1, now())
        on conflict (subject) do update
        set tries = case when known.since > now() - make_interval(secs => $2) then least(known.tries, 1000000) + 1 else 1 end,
            since = case when known.since > now() - make_interval(secs => $2) then known.since else now() end
        returning tries, ceil(extract(epoch from since - now()) + $2)::integer as seconds_left
        """,
        subject,
        float(seconds),
    )
    return Tries(row["tries"], max(1, row["seconds_left"]))


async def take_one_back(db: asyncpg.Connection, subject: bytes) -> None:
    """Count one less, as it was no guess."""
    await db.execute(
        """
        update sign_in_tries
        set tries = greatest(tries - 1, 0)
        where subject = $1
        """,
        subject,
    )


async def forget(db: asyncpg.Connection, subject: bytes) -> None:
    """Begin anew with the next try."""
    await db.execute(
        """
        delete from sign_in_tries
        where subject = $1
        """,
        subject,
    )


async def note_place(db: asyncpg.Connection, subject: bytes) -> None:
    """Remember the hash of somebody and a place as one from where they signed in, without any tries."""
    await db.execute(
        """
        insert into sign_in_tries (subject, tries, since)
        values ($1, 0, now())
        on conflict (subject) do update
        set since = now()
        """,
        subject,
    )


async def is_known_place(db: asyncpg.Connection, subject: bytes) -> bool:
    """Whether `note_place` noted it."""
    known: bool = await db.fetchval(
        """
        select exists (
          select from sign_in_tries
          where subject = $1
        )
        """,
        subject,
    )
    return known


async def remove_old(db: asyncpg.Connection, *, tries_seconds: int, places_seconds: int) -> None:
    """Remove what counts no more, and places where nobody has signed in for long."""
    await db.execute(
        """
        delete from sign_in_tries
        where since < now() - make_interval(secs => case when tries = 0 then $2::float8 else $1::float8 end)
        """,
        float(tries_seconds),
        float(places_seconds),
    )
