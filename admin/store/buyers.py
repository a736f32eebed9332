"""Buyers."""

import asyncpg
from msgspec import UNSET

from admin.permissions import Sight
from admin.store.conditions import Conditions, holding
from schemas.admin.buyers import Buyer, BuyerChange, NewBuyer
from schemas.admin.fields import SearchQuery, given, said
from shared.errors import NotFound


async def fetch_page(db: asyncpg.Connection, company_id: int, sight: Sight, query: SearchQuery, *, after_id: int) -> list[Buyer]:
    """At most `query.limit + 1` of the buyers in sight after `after_id`, the oldest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("id > {}", after_id)
    where.add("id = any({})", UNSET if sight.everything else sight.buyer_ids)
    where.add("name ilike {}", holding(query.search))
    rows = await db.fetch(
        f"""
        select id, name, price_cents, paused, created_at
        from buyers
        where removed_at is null
          and {where}
        order by id
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [Buyer(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, buyer_id: int) -> Buyer:
    """The buyer; raises NotFound."""
    row = await db.fetchrow(
        """
        select id, name, price_cents, paused, created_at
        from buyers
        where company_id = $1
          and id = $2
          and removed_at is null
        """,
        company_id,
        buyer_id,
    )
    if row is None:
        raise NotFound
    return Buyer(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewBuyer) -> Buyer:
    """Make a buyer."""
    row = await db.fetchrow(
        """
        insert into buyers (company_id, name, price_cents, paused)
        values ($1, $2, $3, $4)
        returning id, name, price_cents, paused, created_at
        """,
        company_id,
        new.name,
        new.price_cents,
        new.paused,
    )
    return Buyer(**row)


async def change(db: asyncpg.Connection, company_id: int, buyer_id: int, change: BuyerChange) -> Buyer:
    """The buyer as it is once `change` is made; raises NotFound."""
    row = await db.fetchrow(
        """
        update buyers
        set name = coalesce($3, name),
            price_cents = case when $4 then $5 else price_cents end,
            paused = coalesce($6, paused)
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id, name, price_cents, paused, created_at
        """,
        company_id,
        buyer_id,
        given(change.name),
        *said(change.price_cents),
        given(change.paused),
    )
    if row is None:
        raise NotFound
    return Buyer(**row)


async def remove(db: asyncpg.Connection, company_id: int, buyer_id: int) -> None:
    """Remove the buyer; calls it answered keep naming it. Raises NotFound."""
    removed = await db.fetchval(
        """
        update buyers
        set removed_at = now()
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        buyer_id,
    )
    if removed is None:
        raise NotFound
