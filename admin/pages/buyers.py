"""Buyers: the list, one of them with its tabs, and who acts as it."""

from admin.handlers import buyers, collaborators, permissions
from admin.pages.page import Context, Done, Form, Page
from admin.pages.permissions import list_toggles, read_of_buyers
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.buyers import BuyerChange, NewBuyer
from schemas.admin.collaborators import CollaboratorsQuery
from schemas.admin.fields import Id, PageQuery, SearchQuery

BUYERS = "/companies/{company_id}/buyers"
BUYER = BUYERS + "/{buyer_id}"


async def show_buyers(ask: Ask, company_id: Id, query: SearchQuery) -> Context:
    return {"page": await buyers.list_buyers(ask, company_id, query)}


async def show_new_buyer(ask: Ask, company_id: Id) -> Context:
    return {}


async def create_buyer(ask: Ask, said: Said, company_id: Id) -> Done:
    made = await buyers.create_buyer(ask, company_id, said.read(NewBuyer, price_cents=said.cents("price_cents")))
    return Done(f"/companies/{company_id}/buyers/{made.id}", "The buyer is made.")


async def show_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> Context:
    return {
        "buyer": await buyers.show_buyer(ask, company_id, buyer_id),
        "changeable": frozenset() if ask.actor.viewing_as else buyers.changeable(ask.actor, buyer_id),
    }


async def change_buyer(ask: Ask, said: Said, company_id: Id, buyer_id: Id) -> Done:
    change = said.read(BuyerChange, price_cents=said.cents("price_cents"))
    await buyers.change_buyer(ask, company_id, buyer_id, change)
    return Done(f"/companies/{company_id}/buyers/{buyer_id}", "Saved.")


async def remove_buyer(ask: Ask, said: Said, company_id: Id, buyer_id: Id) -> Done:
    await buyers.remove_buyer(ask, company_id, buyer_id)
    return Done(f"/companies/{company_id}/buyers", "The buyer is removed.")


async def show_collaborators(ask: Ask, company_id: Id, buyer_id: Id, query: PageQuery) -> Context:
    who = CollaboratorsQuery(buyer_id=buyer_id, cursor=query.cursor, limit=query.limit)
    return {
        "buyer": await buyers.show_buyer(ask, company_id, buyer_id),
        "page": await collaborators.list_collaborators(ask, company_id, who),
    }


async def show_permissions(ask: Ask, company_id: Id, buyer_id: Id) -> Context:
    said = await permissions.show_permissions_of_buyer(ask, company_id, buyer_id)
    company = await permissions.show_permissions(ask, company_id)
    return {
        "buyer": await buyers.show_buyer(ask, company_id, buyer_id),
        "toggles": list_toggles("buyer", said, company.for_buyers),
    }


async def change_permissions(ask: Ask, said: Said, company_id: Id, buyer_id: Id) -> Done:
    await permissions.change_permissions_of_buyer(ask, company_id, buyer_id, read_of_buyers(said))
    return Done(f"/companies/{company_id}/buyers/{buyer_id}/permissions", "Saved, from their next request on.")


PAGES = (
    Page(BUYERS, "buyers.html", show_buyers, "see_setup"),
    Page(
        BUYERS + "/new", "buyer_new.html", show_new_buyer, "change_setup", forms=(Form("create", create_buyer, "change_setup"),)
    ),
    Page(
        BUYER,
        "buyer.html",
        show_buyer,
        "see_setup",
        forms=(Form("change", change_buyer, "edit_buyers"), Form("remove", remove_buyer, "change_setup")),
    ),
    Page(
        BUYER + "/permissions",
        "buyer_permissions.html",
        show_permissions,
        "see_permissions",
        forms=(Form("permissions", change_permissions, "change_permissions"),),
    ),
    Page(BUYER + "/collaborators", "buyer_collaborators.html", show_collaborators, "see_collaborators"),
)
