"""Publishers."""

import asyncpg

from admin.errors import AfidTaken
from schemas.admin.fields import given, said
from schemas.admin.publishers import NewPublisher, Publisher, PublisherChange
from shared.errors import NotFound


async def fetch_page(db: asyncpg.Connection, company_id: int, *, after_id: int, limit: int) -> list[Publisher]:
    """At most `limit + 1` publishers after `after_id`, the oldest first."""
    rows = await db.fetch(
        """
        select id, name, afid, number_cap, created_at
        from publishers
        where company_id = $1
          and removed_at is null
          and id > $2
        order by id
        limit $3 + 1
        """,
        company_id,
        after_id,
        limit,
    )
    return [Publisher(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, publisher_id: int) -> Publisher:
    """The publisher; raises NotFound."""
    row = await db.fetchrow(
        """
        select id, name, afid, number_cap, created_at
        from publishers
        where company_id = $1
          and id = $2
          and removed_at is null
        """,
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
            """
            insert into publishers (company_id, name, afid, number_cap)
            values ($1, $2, $3, $4)
            returning id, name, afid, number_cap, created_at
            """,
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
            """
            update publishers
            set name = coalesce($3, name),
                afid = case when $4 then $5 else afid end,
                number_cap = case when $6 then $7 else number_cap end
            where company_id = $1
              and id = $2
              and removed_at is null
            returning id, name, afid, number_cap, created_at
            """,
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
