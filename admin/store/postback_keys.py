"""Postback keys and their secrets, of which only hashes are kept."""

import asyncpg
from msgspec import UNSET

from admin.errors import PostbackKeyTaken
from admin.permissions import Sight
from admin.store.conditions import Conditions
from schemas.admin.fields import given, said
from schemas.admin.postback_keys import NewPostbackKey, PostbackKey, PostbackKeyChange, PostbackKeysQuery
from shared.errors import InvalidField, NotFound

IN_PUBLIC = "A key with allowed_origins is in a page for everybody to read, so it can't have allow_read_back."

_COLUMNS = """
               id, publisher_id, name, type, storage_duration_seconds, end_call_cutoff_seconds, apply_once, also_store, paused,
               allow_read_back, opaque_status, allowed_origins, allowed_networks::text[], rate_limit_per_second,
               (
                 select max(valid_until)
                 from postback_key_secrets
                 where postback_key_id = postback_keys.id
                   and valid_until > now()
               ) as old_secret_until,
               created_at
"""


async def fetch_page(
    db: asyncpg.Connection, company_id: int, sight: Sight, query: PostbackKeysQuery, *, after_id: int
) -> list[PostbackKey]:
    """At most `query.limit + 1` postback keys of publishers in sight after `after_id`, the oldest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("id > {}", after_id)
    where.add("publisher_id = {}", query.publisher_id)
    where.add("publisher_id = any({})", UNSET if sight.everything else sight.publisher_ids)
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from postback_keys
        where revoked_at is null
          and {where}
        order by id
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [PostbackKey(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, postback_key_id: int) -> PostbackKey:
    """The postback key; raises NotFound, for a revoked one too."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from postback_keys
        where company_id = $1
          and id = $2
          and revoked_at is null
        """,  # noqa: S608 - the columns are a literal above
        company_id,
        postback_key_id,
    )
    if row is None:
        raise NotFound
    return PostbackKey(**row)


async def insert(
    db: asyncpg.Connection, company_id: int, publisher_id: int, new: NewPostbackKey, secret_hash: bytes
) -> PostbackKey:
    """Make a postback key of a publisher that is held by then; durations not given are the company's. Raises PostbackKeyTaken."""
    row = await db.fetchrow(
        f"""
        insert into postback_keys (
          company_id, publisher_id, name, type, storage_duration_seconds, end_call_cutoff_seconds, apply_once, also_store, paused,
          allow_read_back, opaque_status, allowed_origins, allowed_networks, rate_limit_per_second
        )
        select id,
               $2,
               $3,
               $4,
               coalesce($5, default_storage_duration_seconds),
               coalesce($6, default_end_call_cutoff_seconds),
               $7,
               $8,
               $9,
               $10,
               $11,
               $12,
               $13,
               $14
        from companies
        where id = $1
        returning {_COLUMNS}
        """,  # noqa: S608 - the columns are a literal above
        company_id,
        publisher_id,
        new.name,
        new.type,
        given(new.storage_duration_seconds),
        given(new.end_call_cutoff_seconds),
        new.apply_once,
        new.also_store,
        new.paused,
        new.allow_read_back,
        new.opaque_status,
        new.allowed_origins,
        new.allowed_networks,
        new.rate_limit_per_second,
    )
    key = PostbackKey(**row)
    await _insert_secret(db, key.id, secret_hash)
    return key


async def change(db: asyncpg.Connection, company_id: int, postback_key_id: int, change: PostbackKeyChange) -> PostbackKey:
    """The postback key as it is once `change` is made; raises NotFound, and InvalidField where it would read back in public."""
    try:
        row = await db.fetchrow(
            f"""
            update postback_keys
            set name = coalesce($3, name),
                storage_duration_seconds = coalesce($4, storage_duration_seconds),
                end_call_cutoff_seconds = coalesce($5, end_call_cutoff_seconds),
                apply_once = coalesce($6, apply_once),
                also_store = coalesce($7, also_store),
                paused = coalesce($8, paused),
                allow_read_back = coalesce($9, allow_read_back),
                opaque_status = coalesce($10, opaque_status),
                allowed_origins = case when $11 then $12 else allowed_origins end,
                allowed_networks = case when $13 then $14 else allowed_networks end,
                rate_limit_per_second = case when $15 then $16 else rate_limit_per_second end
            where company_id = $1
              and id = $2
              and revoked_at is null
            returning {_COLUMNS}
            """,  # noqa: S608 - the columns are a literal above
            company_id,
            postback_key_id,
            given(change.name),
            given(change.storage_duration_seconds),
            given(change.end_call_cutoff_seconds),
            given(change.apply_once),
            given(change.also_store),
            given(change.paused),
            given(change.allow_read_back),
            given(change.opaque_status),
            *said(change.allowed_origins),
            *said(change.allowed_networks),
            *said(change.rate_limit_per_second),
        )
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "no_reading_back_in_public":
            raise
        raise InvalidField(IN_PUBLIC, field="allowed_origins" if given(change.allowed_origins) else "allow_read_back") from None
    if row is None:
        raise NotFound
    return PostbackKey(**row)


async def is_secret_of(db: asyncpg.Connection, company_id: int, postback_key_id: int, secret_hash: bytes) -> bool:
    """Whether this is a secret of the postback key, or was."""
    found: bool = await db.fetchval(
        """
        select exists (
          select from postback_key_secrets
          join postback_keys on postback_keys.id = postback_key_id
          where company_id = $1
            and postback_key_id = $2
            and secret_hash = $3
        )
        """,
        company_id,
        postback_key_id,
        secret_hash,
    )
    return found


async def rotate(
    db: asyncpg.Connection, company_id: int, postback_key_id: int, secret_hash: bytes, *, grace_seconds: int
) -> None:
    """Put a new secret beside the current one, which ends after the grace; an older one ends now. Raises NotFound."""
    locked = await db.fetchval(
        """
        select id
        from postback_keys
        where company_id = $1
          and id = $2
          and revoked_at is null
        for update
        """,
        company_id,
        postback_key_id,
    )
    if locked is None:
        raise NotFound
    await db.execute(
        """
        update postback_key_secrets
        set valid_until = case when valid_until is null then now() + make_interval(secs => $2) else now() end
        where postback_key_id = $1
          and (valid_until is null or valid_until > now())
        """,
        postback_key_id,
        grace_seconds,
    )
    await _insert_secret(db, postback_key_id, secret_hash)


async def revoke(db: asyncpg.Connection, company_id: int, postback_key_id: int) -> None:
    """Revoke the postback key, for ever; raises NotFound."""
    revoked = await db.fetchval(
        """
        update postback_keys
        set revoked_at = now()
        where company_id = $1
          and id = $2
          and revoked_at is null
        returning id
        """,
        company_id,
        postback_key_id,
    )
    if revoked is None:
        raise NotFound


async def _insert_secret(db: asyncpg.Connection, postback_key_id: int, secret_hash: bytes) -> None:
    try:
        await db.execute(
            """
            insert into postback_key_secrets (secret_hash, postback_key_id)
            values ($1, $2)
            """,
            secret_hash,
            postback_key_id,
        )
    except asyncpg.UniqueViolationError:
        raise PostbackKeyTaken(field="key") from None
