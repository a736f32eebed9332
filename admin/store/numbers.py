"""Tracking numbers."""

import asyncpg
from msgspec import UNSET

from admin.errors import NumberTaken
from admin.permissions import Sight
from admin.store.conditions import Conditions, holding_digits
from schemas.admin.fields import given, said
from schemas.admin.numbers import NewTrackingNumber, TrackingNumber, TrackingNumberChange, TrackingNumbersQuery
from shared.errors import NotFound

_GRANTED = """exists (
            select from number_grants
            where company_id = tracking_numbers.company_id
              and number_id = tracking_numbers.id
              and publisher_id = any({})
              and revoked_at is null
          )"""


async def fetch_page(
    db: asyncpg.Connection, company_id: int, sight: Sight, query: TrackingNumbersQuery, *, after_id: int
) -> list[TrackingNumber]:
    """At most `query.limit + 1` after `after_id` of the tracking numbers granted to who is in sight, the oldest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("id > {}", after_id)
    where.add("campaign_id = {}", query.campaign_id)
    where.add("publisher_id = {}", query.publisher_id)
    where.add("number like {}", holding_digits(query.search))
    where.add(_GRANTED, UNSET if sight.everything else sight.publisher_ids)
    rows = await db.fetch(
        f"""
        select id, number, campaign_id, publisher_id, pool, created_at
        from tracking_numbers
        where removed_at is null
          and {where}
        order by id
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [TrackingNumber(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, sight: Sight, number_id: int) -> TrackingNumber:
    """The tracking number; raises NotFound, also for one that isn't granted to who is in sight."""
    where = Conditions("company_id = {}", company_id)
    where.add("id = {}", number_id)
    where.add(_GRANTED, UNSET if sight.everything else sight.publisher_ids)
    row = await db.fetchrow(
        f"""
        select id, number, campaign_id, publisher_id, pool, created_at
        from tracking_numbers
        where removed_at is null
          and {where}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    if row is None:
        raise NotFound
    return TrackingNumber(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewTrackingNumber, e164: str) -> TrackingNumber:
    """Make a tracking number; its campaign and publisher are held by then. Raises NumberTaken."""
    try:
        row = await db.fetchrow(
            """
            insert into tracking_numbers (company_id, campaign_id, publisher_id, number, pool)
            values ($1, $2, $3, $4, $5)
            returning id, number, campaign_id, publisher_id, pool, created_at
            """,
            company_id,
            new.campaign_id,
            new.publisher_id,
            e164,
            new.pool,
        )
    except asyncpg.UniqueViolationError:
        raise NumberTaken(field="number") from None
    return TrackingNumber(**row)


async def change(db: asyncpg.Connection, company_id: int, number_id: int, change: TrackingNumberChange) -> TrackingNumber:
    """The tracking number as it is once `change` is made; a new campaign and publisher are held by then. Raises NotFound."""
    row = await db.fetchrow(
        """
        update tracking_numbers
        set campaign_id = coalesce($3, campaign_id),
            publisher_id = case when $4 then $5 else publisher_id end,
            pool = coalesce($6, pool)
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id, number, campaign_id, publisher_id, pool, created_at
        """,
        company_id,
        number_id,
        given(change.campaign_id),
        *said(change.publisher_id),
        given(change.pool),
    )
    if row is None:
        raise NotFound
    return TrackingNumber(**row)


async def remove(db: asyncpg.Connection, company_id: int, number_id: int) -> None:
    """Remove the tracking number; it may be made again. Raises NotFound."""
    removed = await db.fetchval(
        """
        update tracking_numbers
        set removed_at = now()
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        number_id,
    )
    if removed is None:
        raise NotFound
