"""Campaigns."""

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import campaigns
from schemas.admin.campaigns import Campaign, CampaignChange, NewCampaign
from schemas.admin.fields import Id, SearchQuery
from schemas.admin.pages import Page


async def list_campaigns(ask: Ask, company_id: Id, query: SearchQuery) -> Page[Campaign]:
    """The campaigns, oldest first; a collaborator's are those granted to publishers they act as."""
    sight, paid = ask.actor.sight(), ask.actor.sight("view_payout")
    rows = await campaigns.fetch_page(ask.db, company_id, sight, paid, query, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda campaign: (campaign.id,))


async def create_campaign(ask: Ask, company_id: Id, body: NewCampaign) -> Campaign:
    """Make a campaign."""
    return await campaigns.insert(ask.db, company_id, body)


async def show_campaign(ask: Ask, company_id: Id, campaign_id: Id) -> Campaign:
    """A campaign."""
    return await campaigns.get(ask.db, company_id, ask.actor.sight(), ask.actor.sight("view_payout"), campaign_id)


async def change_campaign(ask: Ask, company_id: Id, campaign_id: Id, body: CampaignChange) -> Campaign:
    """Change a campaign."""
    return await campaigns.change(ask.db, company_id, campaign_id, body)


async def remove_campaign(ask: Ask, company_id: Id, campaign_id: Id) -> None:
    """Remove a campaign, once no tracking number belongs to it; it is granted to nobody then, and its calls keep naming it."""
    await campaigns.remove(ask.db, company_id, campaign_id)
