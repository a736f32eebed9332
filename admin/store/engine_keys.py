"""Engine keys and their secrets, of which only hashes are kept."""

from collections.abc import Sequence

import asyncpg

from schemas.admin.engine_keys import EngineKey, EngineKeyChange, NewEngineKey
from schemas.admin.fields import given
from shared.errors import NotFound


async def fetch_page(db: asyncpg.Connection, company_id: int, *, after_id: int, limit: int) -> list[EngineKey]:
    """At most `limit + 1` engine keys after `after_id`, the oldest first."""
    rows = await db.fetch(
        """
        select id, name, scopes, paused,
               (
                 select max(valid_until)
                 from engine_key_secrets
                 where engine_key_id = engine_keys.id
                   and valid_until > now()
               ) as old_secret_until,
               created_at
        from engine_keys
        where company_id = $1
          and revoked_at is null
          and id > $2
        order by id
        limit $3 + 1
        """,
        company_id,
        after_id,
        limit,
    )
    return [EngineKey(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, engine_key_id: int) -> EngineKey:
    """The engine key; raises NotFound, for a revoked one too."""
    row = await db.fetchrow(
        """
        select id, name, scopes, paused,
               (
                 select max(valid_until)
                 from engine_key_secrets
                 where engine_key_id = engine_keys.id
                   and valid_until > now()
               ) as old_secret_until,
               created_at
        from engine_keys
        where company_id = $1
          and id = $2
          and revoked_at is null
        """,
        company_id,
        engine_key_id,
    )
    if row is None:
        raise NotFound
    return EngineKey(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewEngineKey, secret_hash: bytes) -> EngineKey:
    """Make an engine key."""
    row = await db.fetchrow(
        """
        insert into engine_keys (company_id, name, scopes, paused)
        values ($1, $2, coalesce($3, '{lookup,events}'::text[]), $4)
        returning id, name, scopes, paused, null::timestamptz as old_secret_until, created_at
        """,
        company_id,
        new.name,
        _in_order(given(new.scopes)),
        new.paused,
    )
    key = EngineKey(**row)
    await _insert_secret(db, key.id, secret_hash)
    return key


async def change(db: asyncpg.Connection, company_id: int, engine_key_id: int, change: EngineKeyChange) -> EngineKey:
    """The engine key as it is once `change` is made; raises NotFound."""
    row = await db.fetchrow(
        """
        update engine_keys
        set name = coalesce($3, name),
            scopes = coalesce($4, scopes),
            paused = coalesce($5, paused)
        where company_id = $1
          and id = $2
          and revoked_at is null
        returning id, name, scopes, paused,
                  (
                    select max(valid_until)
                    from engine_key_secrets
                    where engine_key_id = engine_keys.id
                      and valid_until > now()
                  ) as old_secret_until,
                  created_at
        """,
        company_id,
        engine_key_id,
        given(change.name),
        _in_order(given(change.scopes)),
        given(change.paused),
    )
    if row is None:
        raise NotFound
    return EngineKey(**row)


async def rotate(db: asyncpg.Connection, company_id: int, engine_key_id: int, secret_hash: bytes, *, grace_seconds: int) -> None:
    """Put a new secret beside the current one, which ends after the grace; an older one ends now. Raises NotFound."""
    locked = await db.fetchval(
        """
        select id
        from engine_keys
        where company_id = $1
          and id = $2
          and revoked_at is null
        for update
        """,
        company_id,
        engine_key_id,
    )
    if locked is None:
        raise NotFound
    await db.execute(
        """
        update engine_key_secrets
        set valid_until = case when valid_until is null then now() + make_interval(secs => $2) else now() end
        where engine_key_id = $1
          and (valid_until is null or valid_until > now())
        """,
        engine_key_id,
        grace_seconds,
    )
    await _insert_secret(db, engine_key_id, secret_hash)


async def revoke(db: asyncpg.Connection, company_id: int, engine_key_id: int) -> None:
    """Revoke the engine key, for ever; raises NotFound."""
    revoked = await db.fetchval(
        """
        update engine_keys
        set revoked_at = now()
        where company_id = $1
          and id = $2
          and revoked_at is null
        returning id
        """,
        company_id,
        engine_key_id,
    )
    if revoked is None:
        raise NotFound


async def _insert_secret(db: asyncpg.Connection, engine_key_id: int, secret_hash: bytes) -> None:
    await db.execute(
        """
        insert into engine_key_secrets (secret_hash, engine_key_id)
        values ($1, $2)
        """,
        secret_hash,
        engine_key_id,
    )


def _in_order(scopes: Sequence[str] | None) -> list[str] | None:
    """Each scope once, `lookup` before `events`."""
    return sorted(set(scopes), reverse=True) if scopes else None
