"""Grants of campaigns and tracking numbers to publishers, over time: a grant counts from granted_at on, up to but without revoked_at.

Whoever changes a publisher's grants holds its row alone, so of two whole sets that are put at once one is there in the end.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import asyncpg
from msgspec import Struct, UnsetType

from admin.store import publishers
from admin.store.conditions import holding, holding_digits
from schemas.admin.grants import CampaignGrant, GrantsChanged, GrantsQuery, NumberGrant
from shared.errors import NotFound

G = TypeVar("G")


class Kind(Struct, Generic[G], frozen=True, kw_only=True):
    """Where grants of one kind are, and the things that they grant. All of it is literal SQL."""

    grants: str
    things: str
    thing_id: str
    shown: str
    searched: str
    pattern_of: Callable[[str | UnsetType], str | UnsetType]
    copied: str
    row: type[G]


CAMPAIGNS = Kind(
    grants="campaign_grants",
    things="campaigns",
    thing_id="campaign_id",
    shown="name",
    searched="name",
    pattern_of=holding,
    copied="",
    row=CampaignGrant,
)
NUMBERS = Kind(
    grants="number_grants",
    things="tracking_numbers",
    thing_id="number_id",
    shown="things.number, things.campaign_id",
    searched="things.number",
    pattern_of=holding_digits,
    copied=", number",
    row=NumberGrant,
)


async def fetch_page(
    db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], query: GrantsQuery, *, after_id: int
) -> list[G]:
    """At most `query.limit + 1` grants after the one of `after_id`, the oldest first; those that count, or all there ever were."""
    rows = await db.fetch(
        f"""
        select grants.id, {kind.thing_id}, {kind.shown}, granted_at, revoked_at
        from {kind.grants} grants
        join {kind.things} things on things.company_id = grants.company_id and things.id = {kind.thing_id}
        where grants.company_id = $1
          and grants.publisher_id = $2
          and grants.id > $3
          and ($4 or revoked_at is null)
          and ($6::text is null or {kind.searched} ilike $6)
        order by grants.id
        limit $5 + 1
        """,  # noqa: S608 - a kind is made of literals
        company_id,
        publisher_id,
        after_id,
        query.history,
        query.limit,
        _pattern(kind, query),
    )
    return [kind.row(**row) for row in rows]


async def fetch_available(
    db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], query: GrantsQuery, *, after_id: int
) -> list[G]:
    """At most `query.limit + 1` things after `after_id` that aren't granted to the publisher, the oldest first."""
    rows = await db.fetch(
        f"""
        select null::bigint as id,
               things.id as {kind.thing_id},
               {kind.shown},
               null::timestamptz as granted_at,
               null::timestamptz as revoked_at
        from {kind.things} things
        where company_id = $1
          and removed_at is null
          and id > $3
          and ($5::text is null or {kind.searched} ilike $5)
          and not exists (
            select from {kind.grants}
            where company_id = $1
              and publisher_id = $2
              and {kind.thing_id} = things.id
              and revoked_at is null
          )
        order by things.id
        limit $4 + 1
        """,  # noqa: S608 - a kind is made of literals
        company_id,
        publisher_id,
        after_id,
        query.limit,
        _pattern(kind, query),
    )
    return [kind.row(**row) for row in rows]


def _pattern(kind: Kind[G], query: GrantsQuery) -> str | None:
    """What the things that are searched for are like; None: all are wanted."""
    pattern = kind.pattern_of(query.search)
    return None if isinstance(pattern, UnsetType) else pattern


async def replace(db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], ids: Sequence[int]) -> GrantsChanged:
    """Make these the publisher's grants and no others; raises NotFound for a publisher or thing that isn't there."""
    await publishers.hold_alone(db, company_id, publisher_id)
    await hold_things(db, company_id, kind, ids, field=f"{kind.thing_id}s")
    revoked = await _revoke(db, company_id, publisher_id, kind, "<> all", ids)
    return GrantsChanged(granted=await grant(db, company_id, publisher_id, kind, ids), revoked=revoked)


async def change(
    db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], *, granted: Sequence[int], revoked: Sequence[int]
) -> GrantsChanged:
    """Grant some and revoke others; raises NotFound for a publisher or thing that isn't there."""
    await publishers.hold_alone(db, company_id, publisher_id)
    await hold_things(db, company_id, kind, granted, field="grant")
    await hold_things(db, company_id, kind, revoked, field="revoke")
    done = await _revoke(db, company_id, publisher_id, kind, "= any", revoked)
    return GrantsChanged(granted=await grant(db, company_id, publisher_id, kind, granted), revoked=done)


async def hold_things(db: asyncpg.Connection, company_id: int, kind: Kind[G], ids: Sequence[int], *, field: str) -> None:
    """Keep these from being removed until the transaction ends; raises NotFound, naming the field, unless all are there."""
    rows = await db.fetch(
        f"""
        select id
        from {kind.things}
        where company_id = $1
          and id = any($2)
          and removed_at is null
        order by id
        for share
        """,  # noqa: S608 - a kind is made of literals
        company_id,
        ids,
    )
    if missing := set(ids) - {row["id"] for row in rows}:
        raise NotFound(f"There is nothing with the id {min(missing)} here.", field=field)


async def grant(db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], ids: Sequence[int]) -> list[int]:
    """Grant what isn't granted of these, once publisher and things are held; which that were.

    A grant begins when its transaction does, but not before the one before it ended, for which the transaction may have waited.
    """
    rows = await db.fetch(
        f"""
        insert into {kind.grants} (company_id, publisher_id, {kind.thing_id}{kind.copied}, granted_at)
        select $1,
               $2,
               id{kind.copied},
               greatest(
                 now(),
                 (
                   select max(revoked_at)
                   from {kind.grants}
                   where company_id = $1
                     and publisher_id = $2
                     and {kind.thing_id} = things.id
                 )
               )
        from {kind.things} things
        where company_id = $1
          and id = any($3)
          and not exists (
            select from {kind.grants}
            where company_id = $1
              and publisher_id = $2
              and {kind.thing_id} = things.id
              and revoked_at is null
          )
        order by id
        returning {kind.thing_id} as id
        """,  # noqa: S608 - a kind is made of literals
        company_id,
        publisher_id,
        ids,
    )
    return [row["id"] for row in rows]


async def _revoke(
    db: asyncpg.Connection, company_id: int, publisher_id: int, kind: Kind[G], among: str, ids: Sequence[int]
) -> list[int]:
    """Revoke the publisher's grants whose thing is, `= any`, or isn't, `<> all`, among the ids; of which things that were."""
    rows = await db.fetch(
        f"""
        update {kind.grants}
        set revoked_at = greatest(now(), granted_at)
        where company_id = $1
          and publisher_id = $2
          and revoked_at is null
          and {kind.thing_id} {among} ($3)
        returning {kind.thing_id} as id
        """,  # noqa: S608 - a kind is made of literals
        company_id,
        publisher_id,
        ids,
    )
    return sorted(row["id"] for row in rows)


async def is_campaign_granted(db: asyncpg.Connection, company_id: int, publisher_id: int, campaign_id: int) -> bool:
    """Whether the publisher may use the campaign now."""
    granted: bool = await db.fetchval(
        """
        select exists (
          select from campaign_grants
          where company_id = $1
            and publisher_id = $2
            and campaign_id = $3
            and revoked_at is null
        )
        """,
        company_id,
        publisher_id,
        campaign_id,
    )
    return granted
