"""What is said of one publisher's permissions, or one buyer's: the level that wins over the others."""

from admin.handlers import buyers, permissions, publishers
from admin.pages.page import Context, Done, Form, Page
from admin.pages.permissions import list_toggles, read_of_buyers, read_of_publishers
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.fields import Id

_OF_PUBLISHER = "/companies/{company_id}/publishers/{publisher_id}/permissions"
_OF_BUYER = "/companies/{company_id}/buyers/{buyer_id}/permissions"
_CHANGED = "The change is made, from now on."


async def show_of_publisher(ask: Ask, company_id: Id, publisher_id: Id) -> Context:
    said = await permissions.show_permissions_of_publisher(ask, company_id, publisher_id)
    of_company = await permissions.show_permissions(ask, company_id)
    publisher = await publishers.show_publisher(ask, company_id, publisher_id)
    return {"publisher": publisher, "toggles": list_toggles("publisher", said, of_company.for_publishers)}


async def change_of_publisher(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    await permissions.change_permissions_of_publisher(ask, company_id, publisher_id, read_of_publishers(said))
    return Done(_OF_PUBLISHER.format(company_id=company_id, publisher_id=publisher_id), _CHANGED)


async def show_of_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> Context:
    said = await permissions.show_permissions_of_buyer(ask, company_id, buyer_id)
    of_company = await permissions.show_permissions(ask, company_id)
    buyer = await buyers.show_buyer(ask, company_id, buyer_id)
    return {"buyer": buyer, "toggles": list_toggles("buyer", said, of_company.for_buyers)}


async def change_of_buyer(ask: Ask, said: Said, company_id: Id, buyer_id: Id) -> Done:
    await permissions.change_permissions_of_buyer(ask, company_id, buyer_id, read_of_buyers(said))
    return Done(_OF_BUYER.format(company_id=company_id, buyer_id=buyer_id), _CHANGED)


PAGES = (
    Page(
        _OF_PUBLISHER,
        "publisher_permissions.html",
        show_of_publisher,
        "see_permissions",
        forms=(Form("change", change_of_publisher, "change_permissions"),),
    ),
    Page(
        _OF_BUYER,
        "buyer_permissions.html",
        show_of_buyer,
        "see_permissions",
        forms=(Form("change", change_of_buyer, "change_permissions"),),
    ),
)
