"""Campaigns: the list, and one of them with its tracking numbers."""

from admin.handlers import campaigns, numbers
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.campaigns import CampaignChange, NewCampaign
from schemas.admin.fields import Id, SearchQuery
from schemas.admin.numbers import TrackingNumbersQuery

CAMPAIGNS = "/companies/{company_id}/campaigns"
CAMPAIGN = CAMPAIGNS + "/{campaign_id}"
SHOWN = 10


async def show_campaigns(ask: Ask, company_id: Id, query: SearchQuery) -> Context:
    return {"page": await campaigns.list_campaigns(ask, company_id, query)}


async def show_new_campaign(ask: Ask, company_id: Id) -> Context:
    return {}


async def create_campaign(ask: Ask, said: Said, company_id: Id) -> Done:
    made = await campaigns.create_campaign(ask, company_id, said.read(NewCampaign, payout_cents=said.cents("payout_cents")))
    return Done(f"/companies/{company_id}/campaigns/{made.id}", "The campaign is made. Next, give it tracking numbers.")


async def show_campaign(ask: Ask, company_id: Id, campaign_id: Id) -> Context:
    campaign = await campaigns.show_campaign(ask, company_id, campaign_id)
    some = TrackingNumbersQuery(campaign_id=campaign_id, limit=SHOWN)
    return {"campaign": campaign, "numbers": await numbers.list_numbers(ask, company_id, some)}


async def change_campaign(ask: Ask, said: Said, company_id: Id, campaign_id: Id) -> Done:
    change = said.read(CampaignChange, payout_cents=said.cents("payout_cents"))
    await campaigns.change_campaign(ask, company_id, campaign_id, change)
    return Done(f"/companies/{company_id}/campaigns/{campaign_id}", "Saved.")


async def remove_campaign(ask: Ask, said: Said, company_id: Id, campaign_id: Id) -> Done:
    await campaigns.remove_campaign(ask, company_id, campaign_id)
    return Done(f"/companies/{company_id}/campaigns", "The campaign is removed.")


PAGES = (
    Page(CAMPAIGNS, "campaigns.html", show_campaigns, "see_setup"),
    Page(
        CAMPAIGNS + "/new",
        "campaign_new.html",
        show_new_campaign,
        "change_setup",
        forms=(Form("create", create_campaign, "change_setup"),),
    ),
    Page(
        CAMPAIGN,
        "campaign.html",
        show_campaign,
        "see_setup",
        forms=(Form("change", change_campaign, "change_setup"), Form("remove", remove_campaign, "change_setup")),
    ),
)
