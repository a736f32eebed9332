"""Campaigns."""

import asyncpg
from msgspec import UNSET, UnsetType

from admin.errors import CampaignInUse
from admin.permissions import Sight
from admin.store.conditions import holding
from schemas.admin.campaigns import Campaign, CampaignChange, NewCampaign
from schemas.admin.fields import SearchQuery, given, said
from shared.errors import NotFound

_GRANTED_TO = """(
            {} or exists (
              select from campaign_grants
              where company_id = campaigns.company_id
                and campaign_id = campaigns.id
                and publisher_id = any({})
                and revoked_at is null
            )
          )"""


async def fetch_page(
    db: asyncpg.Connection, company_id: int, sight: Sight, paid: Sight, query: SearchQuery, *, after_id: int
) -> list[Campaign]:
    """At most `query.limit + 1` after `after_id` of the campaigns granted to who is in sight, the oldest first.

    The payout of those is shown that are granted to who is in `paid`.
    """
    pattern = holding(query.search)
    return await _fetch(db, company_id, sight, paid, "id > $2", after_id, limit=query.limit + 1, pattern=pattern)


async def get(db: asyncpg.Connection, company_id: int, sight: Sight, paid: Sight, campaign_id: int) -> Campaign:
    """The campaign; raises NotFound, also for one that isn't granted to who is in sight."""
    found = await _fetch(db, company_id, sight, paid, "id = $2", campaign_id, limit=1)
    if not found:
        raise NotFound
    return found[0]


async def _fetch(
    db: asyncpg.Connection,
    company_id: int,
    sight: Sight,
    paid: Sight,
    clause: str,
    campaign_id: int,
    *,
    limit: int,
    pattern: str | UnsetType = UNSET,
) -> list[Campaign]:
    rows = await db.fetch(
        f"""
        select id, name, payout_cents, created_at, {_GRANTED_TO.format("$5", "$6")} as shows_payout
        from campaigns
        where company_id = $1
          and {clause}
          and removed_at is null
          and {_GRANTED_TO.format("$3", "$4")}
          and ($8::text is null or name ilike $8)
        order by id
        limit $7
        """,  # noqa: S608 - the clauses are literals, what they compare with travels as arguments
        company_id,
        campaign_id,
        sight.everything,
        sight.publisher_ids,
        paid.everything,
        paid.publisher_ids,
        limit,
        None if isinstance(pattern, UnsetType) else pattern,
    )
    return [_as_seen(row) for row in rows]


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


def _as_seen(row: asyncpg.Record) -> Campaign:
    """The campaign, without its payout where that is hidden."""
    fields = dict(row)
    if not fields.pop("shows_payout"):
        fields |= {"payout_cents": None, "hidden": ["payout_cents"]}
    return Campaign(**fields)
