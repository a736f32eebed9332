"""Campaigns."""

import asyncpg

from admin.errors import CampaignInUse
from schemas.admin.campaigns import Campaign, CampaignChange, NewCampaign
from schemas.admin.fields import given, said
from shared.errors import NotFound


async def fetch_page(db: asyncpg.Connection, company_id: int, *, after_id: int, limit: int) -> list[Campaign]:
    """At most `limit + 1` campaigns after `after_id`, the oldest first."""
    rows = await db.fetch(
        """
        select id, name, payout_cents, created_at
        from campaigns
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
    return [Campaign(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, campaign_id: int) -> Campaign:
    """The campaign; raises NotFound."""
    row = await db.fetchrow(
        """
        select id, name, payout_cents, created_at
        from campaigns
        where company_id = $1
          and id = $2
          and removed_at is null
        """,
        company_id,
        campaign_id,
    )
    if row is None:
        raise NotFound
    return Campaign(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewCampaign) -> Campaign:
    """Make a campaign."""
    row = await db.fetchrow(
        """
        insert into campaigns (company_id, name, payout_cents)
        values ($1, $2, $3)
        returning id, name, payout_cents, created_at
        """,
        company_id,
        new.name,
        new.payout_cents,
    )
    return Campaign(**row)


async def change(db: asyncpg.Connection, company_id: int, campaign_id: int, change: CampaignChange) -> Campaign:
    """The campaign as it is once `change` is made; raises NotFound."""
    row = await db.fetchrow(
        """
        update campaigns
        set name = coalesce($3, name),
            payout_cents = case when $4 then $5 else payout_cents end
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id, name, payout_cents, created_at
        """,
        company_id,
        campaign_id,
        given(change.name),
        *said(change.payout_cents),
    )
    if row is None:
        raise NotFound
    return Campaign(**row)


async def hold(db: asyncpg.Connection, company_id: int, campaign_id: int) -> None:
    """Keep the campaign from being removed until the transaction ends; raises NotFound."""
    held = await db.fetchval(
        """
        select id
        from campaigns
        where company_id = $1
          and id = $2
          and removed_at is null
        for share
        """,
        company_id,
        campaign_id,
    )
    if held is None:
        raise NotFound("There is no such campaign.", field="campaign_id")


async def remove(db: asyncpg.Connection, company_id: int, campaign_id: int) -> None:
    """Remove the campaign; raises NotFound, and CampaignInUse while tracking numbers belong to it.

    The update comes first: it waits for whoever holds the campaign for a new number, and the check after it sees that number.
    """
    removed = await db.fetchval(
        """
        update campaigns
        set removed_at = now()
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        campaign_id,
    )
    if removed is None:
        raise NotFound
    in_use = await db.fetchval(
        """
        select exists (
          select from tracking_numbers
          where company_id = $1
            and campaign_id = $2
            and removed_at is null
        )
        """,
        company_id,
        campaign_id,
    )
    if in_use:
        raise CampaignInUse
