"""What is granted to a publisher: campaigns, in which it may make numbers, and tracking numbers, the calls of which it sees."""

from typing import TypeVar

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import grants, publishers
from admin.store.grants import CAMPAIGNS, NUMBERS, Kind
from schemas.admin.fields import Id
from schemas.admin.grants import (
    CampaignGrant,
    CampaignSet,
    GrantsChange,
    GrantsChanged,
    GrantsQuery,
    NumberGrant,
    NumberSet,
)
from schemas.admin.pages import Page
from shared.errors import InvalidField

G = TypeVar("G")


async def list_campaign_grants(ask: Ask, company_id: Id, publisher_id: Id, query: GrantsQuery) -> Page[CampaignGrant]:
    """The campaigns granted to a publisher, the oldest grant first; with `available` those that aren't.

    A grant counts from `granted_at` on, up to but without `revoked_at`.
    """
    rows = await _fetch(ask, company_id, publisher_id, CAMPAIGNS, query)
    return make_page(rows, query, lambda grant: (grant.id or grant.campaign_id,))


async def put_campaign_grants(ask: Ask, company_id: Id, publisher_id: Id, body: CampaignSet) -> GrantsChanged:
    """Grant these campaigns to a publisher and revoke all others; what is granted already keeps its date."""
    return await grants.replace(ask.db, company_id, publisher_id, CAMPAIGNS, body.campaign_ids)


async def change_campaign_grants(ask: Ask, company_id: Id, publisher_id: Id, body: GrantsChange) -> GrantsChanged:
    """Grant some campaigns to a publisher and revoke others."""
    return await _change(ask, company_id, publisher_id, CAMPAIGNS, body)


async def list_number_grants(ask: Ask, company_id: Id, publisher_id: Id, query: GrantsQuery) -> Page[NumberGrant]:
    """The tracking numbers granted to a publisher, the oldest grant first; with `available` those that aren't.

    It sees calls that came through them from `granted_at` on, up to but without `revoked_at`.
    """
    rows = await _fetch(ask, company_id, publisher_id, NUMBERS, query)
    return make_page(rows, query, lambda grant: (grant.id or grant.number_id,))


async def put_number_grants(ask: Ask, company_id: Id, publisher_id: Id, body: NumberSet) -> GrantsChanged:
    """Grant these tracking numbers to a publisher and revoke all others; what is granted already keeps its date."""
    return await grants.replace(ask.db, company_id, publisher_id, NUMBERS, body.number_ids)


async def change_number_grants(ask: Ask, company_id: Id, publisher_id: Id, body: GrantsChange) -> GrantsChanged:
    """Grant some tracking numbers to a publisher and revoke others."""
    return await _change(ask, company_id, publisher_id, NUMBERS, body)


async def _fetch(ask: Ask, company_id: int, publisher_id: int, kind: Kind[G], query: GrantsQuery) -> list[G]:
    if query.history and query.available:
        raise InvalidField("Ask for the history or for what is available.", field="available")
    await publishers.get(ask.db, company_id, publisher_id)
    fetch = grants.fetch_available if query.available else grants.fetch_page
    return await fetch(ask.db, company_id, publisher_id, kind, query, after_id=read_id_cursor(query))


async def _change(ask: Ask, company_id: int, publisher_id: int, kind: Kind[G], body: GrantsChange) -> GrantsChanged:
    if both := set(body.grant) & set(body.revoke):
        raise InvalidField(f"{min(both)} can't be granted and revoked at once.", field="revoke")
    return await grants.change(ask.db, company_id, publisher_id, kind, granted=body.grant, revoked=body.revoke)
