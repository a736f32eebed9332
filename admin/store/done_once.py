"""What was made under an Idempotency-Key, and the reply that it got."""

import asyncpg

from shared.errors import IdempotencyMismatch


async def begin(db: asyncpg.Connection, company_id: int, asker: str, name_hash: bytes, fingerprint: bytes) -> str | None:
    """Make this request the one that counts, or answer the reply of the one that did; raises IdempotencyMismatch for another one's.

    While the first is at work its row keeps a second one waiting here: it is made by one transaction, the winner's.
    """
    is_first = await db.fetchval(
        """
        insert into done_once (company_id, asker, name_hash, fingerprint)
        values ($1, $2, $3, $4)
        on conflict (company_id, asker, name_hash) do update
        set fingerprint = excluded.fingerprint,
            reply = null,
            done_at = now()
        where done_once.done_at < now() - interval '24 hours'
        returning true
        """,
        company_id,
        asker,
        name_hash,
        fingerprint,
    )
    if is_first:
        return None
    row = await db.fetchrow(
        """
        select fingerprint, reply
        from done_once
        where company_id = $1
          and asker = $2
          and name_hash = $3
        """,
        company_id,
        asker,
        name_hash,
    )
    if row["fingerprint"] != fingerprint:
        raise IdempotencyMismatch
    reply: str = row["reply"]
    return reply


async def finish(db: asyncpg.Connection, company_id: int, asker: str, name_hash: bytes, reply: str) -> None:
    """Keep the reply for repeats."""
    await db.execute(
        """
        update done_once
        set reply = $4
        where company_id = $1
          and asker = $2
          and name_hash = $3
        """,
        company_id,
        asker,
        name_hash,
        reply,
    )


async def remove_old(db: asyncpg.Connection) -> None:
    """Those whose repeats count as new requests."""
    await db.execute("select remove_old_done_once()")
