"""API tokens, of which only hashes are kept."""

import asyncpg
from msgspec import UNSET

from admin.errors import ApiTokenInUse, InvalidApiToken
from admin.permissions import Actor
from admin.store.conditions import Conditions
from schemas.admin.api_tokens import ApiToken, ApiTokenChange
from schemas.admin.fields import given
from shared.errors import NotFound


async def find_actor(db: asyncpg.Connection, secret_hash: bytes) -> Actor | None:
    """Whom a token speaks for; None for an unknown and for a revoked one. One that is nobody's own may do all that managers may."""
    row = await db.fetchrow("select api_token_id, name, company_id, collaborator_id from find_api_token($1)", secret_hash)
    if row is None:
        return None
    return Actor(kind="api_token", role=None if row["collaborator_id"] else "superuser", **row)


async def fetch_page(
    db: asyncpg.Connection, company_id: int, *, after_id: int, limit: int, collaborator_id: int | None
) -> list[ApiToken]:
    """At most `limit + 1` API tokens after `after_id`, the oldest first: of a collaborator's own, or all there are."""
    where = Conditions("company_id = {}", company_id)
    where.add("id > {}", after_id)
    where.add("collaborator_id = {}", UNSET if collaborator_id is None else collaborator_id)
    rows = await db.fetch(
        f"""
        select id, name, collaborator_id, created_at
        from api_tokens
        where revoked_at is null
          and {where}
        order by id
        limit {limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [ApiToken(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, api_token_id: int) -> ApiToken:
    """The API token; raises NotFound, for a revoked one too."""
    row = await db.fetchrow(
        """
        select id, name, collaborator_id, created_at
        from api_tokens
        where company_id = $1
          and id = $2
          and revoked_at is null
        """,
        company_id,
        api_token_id,
    )
    if row is None:
        raise NotFound
    return ApiToken(**row)


async def insert(
    db: asyncpg.Connection, company_id: int, name: str, secret_hash: bytes, *, collaborator_id: int | None = None
) -> ApiToken:
    """Make an API token, of a collaborator's own or the company's."""
    row = await db.fetchrow(
        """
        insert into api_tokens (company_id, name, secret_hash, collaborator_id)
        values ($1, $2, $3, $4)
        returning id, name, collaborator_id, created_at
        """,
        company_id,
        name,
        secret_hash,
        collaborator_id,
    )
    return ApiToken(**row)


async def change(db: asyncpg.Connection, company_id: int, api_token_id: int, change: ApiTokenChange) -> ApiToken:
    """The API token as it is once `change` is made; raises NotFound."""
    row = await db.fetchrow(
        """
        update api_tokens
        set name = coalesce($3, name)
        where company_id = $1
          and id = $2
          and revoked_at is null
        returning id, name, collaborator_id, created_at
        """,
        company_id,
        api_token_id,
        given(change.name),
    )
    if row is None:
        raise NotFound
    return ApiToken(**row)


async def hold_companys(db: asyncpg.Connection, company_id: int, api_token_id: int, *, asked_by: int | None) -> None:
    """Hold the company's tokens, one of which is to be revoked; raises NotFound, and ApiTokenInUse for the token that asks.

    All live ones are locked, in one order: two tokens that revoke each other at once would leave the company with none.
    """
    rows = await db.fetch(
        """
        select id
        from api_tokens
        where company_id = $1
          and collaborator_id is null
          and revoked_at is null
        order by id
        for update
        """,
        company_id,
    )
    live = {row["id"] for row in rows}
    if asked_by is not None and asked_by not in live:
        raise InvalidApiToken
    if api_token_id == asked_by:
        raise ApiTokenInUse
    if api_token_id not in live:
        raise NotFound


async def revoke(db: asyncpg.Connection, company_id: int, api_token_id: int) -> None:
    """Revoke the API token, for ever; raises NotFound."""
    revoked = await db.fetchval(
        """
        update api_tokens
        set revoked_at = now()
        where company_id = $1
          and id = $2
          and revoked_at is null
        returning id
        """,
        company_id,
        api_token_id,
    )
    if revoked is None:
        raise NotFound
