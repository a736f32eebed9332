"""Publishers."""

import asyncpg
from msgspec import UNSET

from admin.errors import AfidTaken
from admin.permissions import Sight
from admin.store.conditions import Conditions, holding
from schemas.admin.fields import SearchQuery, given, said
from schemas.admin.publishers import NewPublisher, Publisher, PublisherChange
from shared.errors import NotFound

_COLUMNS = """
               id, name, afid, number_cap,
               coalesce(
                 number_cap,
                 (
                   select default_number_cap
                   from companies
                   where id = company_id
                 )
               ) as effective_number_cap,
               (
                 select count(*)
                 from tracking_numbers
                 where company_id = publishers.company_id
                   and publisher_id = publishers.id
                   and removed_at is null
                   and not pool
               ) as numbers_held,
               created_at
"""


async def fetch_page(
    db: asyncpg.Connection, company_id: int, sight: Sight, query: SearchQuery, *, after_id: int
) -> list[Publisher]:
    """At most `query.limit + 1` of the publishers in sight after `after_id`, the oldest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("id > {}", after_id)
    where.add("id = any({})", UNSET if sight.everything else sight.publisher_ids)
    where.add("name ilike {}", holding(query.search))
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from publishers
        where removed_at is null
          and {where}
        order by id
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [Publisher(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, publisher_id: int) -> Publisher:
    """The publisher; raises NotFound."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from publishers
        where company_id = $1
          and id = $2
          and removed_at is null
        """,  # noqa: S608 - the columns are a literal above
        company_id,
        publisher_id,
    )
    if row is None:
        raise NotFound
    return Publisher(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewPublisher) -> Publisher:
    """Make a publisher; raises AfidTaken."""
    try:
        row = await db.fetchrow(
            f"""
            insert into publishers (company_id, name, afid, number_cap)
            values ($1, $2, $3, $4)
            returning {_COLUMNS}
            """,  # noqa: S608 - the columns are a literal above
            company_id,
            new.name,
            new.afid,
            new.number_cap,
        )
    except asyncpg.UniqueViolationError:
        raise AfidTaken(field="afid") from None
    return Publisher(**row)


async def change(db: asyncpg.Connection, company_id: int, publisher_id: int, change: PublisherChange) -> Publisher:
    """The publisher as it is once `change` is made; raises NotFound and AfidTaken."""
    try:
        row = await db.fetchrow(
            f"""
            update publishers
            set name = coalesce($3, name),
                afid = case when $4 then $5 else afid end,
                number_cap = case when $6 then $7 else number_cap end
            where company_id = $1
              and id = $2
              and removed_at is null
            returning {_COLUMNS}
            """,  # noqa: S608 - the columns are a literal above
            company_id,
            publisher_id,
            given(change.name),
            *said(change.afid),
            *said(change.number_cap),
        )
    except asyncpg.UniqueViolationError:
        raise AfidTaken(field="afid") from None
    if row is None:
        raise NotFound
    return Publisher(**row)


async def hold(db: asyncpg.Connection, company_id: int, publisher_id: int) -> None:
    """Keep the publisher from being removed until the transaction ends; raises NotFound."""
    held = await db.fetchval(
        """
        select id
        from publishers
        where company_id = $1
          and id = $2
          and removed_at is null
        for share
        """,
        company_id,
        publisher_id,
    )
    if held is None:
        raise NotFound("There is no such publisher.", field="publisher_id")


async def hold_alone(db: asyncpg.Connection, company_id: int, publisher_id: int) -> None:
    """Be the only one to hold the publisher until the transaction ends; raises NotFound."""
    held = await db.fetchval(
        """
        select id
        from publishers
        where company_id = $1
          and id = $2
          and removed_at is null
        for no key update
        """,
        company_id,
        publisher_id,
    )
    if held is None:
        raise NotFound("There is no such publisher.", field="publisher_id")


async def remove(db: asyncpg.Connection, company_id: int, publisher_id: int) -> None:
    """Remove the publisher and revoke its postback keys; its tags that wait still apply. Raises NotFound."""
    removed = await db.fetchval(
        """
        update publishers
        set removed_at = now()
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        publisher_id,
    )
    if removed is None:
        raise NotFound
    await db.execute(
        """
        update postback_keys
        set revoked_at = now()
        where company_id = $1
          and publisher_id = $2
          and revoked_at is null
        """,
        company_id,
        publisher_id,
    )
