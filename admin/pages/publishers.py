"""Publishers: the list, one of them with its tabs, and who acts as it."""

from admin.handlers import collaborators, companies, permissions, publishers
from admin.pages.page import Context, Done, Form, Page
from admin.pages.permissions import list_toggles, read_of_publishers
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.collaborators import CollaboratorsQuery
from schemas.admin.fields import Id, PageQuery, SearchQuery
from schemas.admin.publishers import NewPublisher, PublisherChange

PUBLISHERS = "/companies/{company_id}/publishers"
PUBLISHER = PUBLISHERS + "/{publisher_id}"


async def show_publishers(ask: Ask, company_id: Id, query: SearchQuery) -> Context:
    return {"page": await publishers.list_publishers(ask, company_id, query)}


async def show_new_publisher(ask: Ask, company_id: Id) -> Context:
    return {"company": await companies.show_company(ask, company_id)}


async def create_publisher(ask: Ask, said: Said, company_id: Id) -> Done:
    made = await publishers.create_publisher(ask, company_id, said.read(NewPublisher))
    return Done(f"/companies/{company_id}/publishers/{made.id}", "The publisher is made. Next, give it a postback key.")


async def show_publisher(ask: Ask, company_id: Id, publisher_id: Id) -> Context:
    return {"publisher": await publishers.show_publisher(ask, company_id, publisher_id)}


async def change_publisher(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    await publishers.change_publisher(ask, company_id, publisher_id, said.read(PublisherChange))
    return Done(f"/companies/{company_id}/publishers/{publisher_id}", "Saved.")


async def remove_publisher(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    await publishers.remove_publisher(ask, company_id, publisher_id)
    return Done(f"/companies/{company_id}/publishers", "The publisher is removed, and its postback keys are revoked.")


async def show_collaborators(ask: Ask, company_id: Id, publisher_id: Id, query: PageQuery) -> Context:
    who = CollaboratorsQuery(publisher_id=publisher_id, cursor=query.cursor, limit=query.limit)
    return {
        "publisher": await publishers.show_publisher(ask, company_id, publisher_id),
        "page": await collaborators.list_collaborators(ask, company_id, who),
    }


async def show_permissions(ask: Ask, company_id: Id, publisher_id: Id) -> Context:
    said = await permissions.show_permissions_of_publisher(ask, company_id, publisher_id)
    company = await permissions.show_permissions(ask, company_id)
    return {
        "publisher": await publishers.show_publisher(ask, company_id, publisher_id),
        "toggles": list_toggles("publisher", said, company.for_publishers),
    }


async def change_permissions(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    await permissions.change_permissions_of_publisher(ask, company_id, publisher_id, read_of_publishers(said))
    return Done(f"/companies/{company_id}/publishers/{publisher_id}/permissions", "Saved, from their next request on.")


PAGES = (
    Page(PUBLISHERS, "publishers.html", show_publishers, "see_setup"),
    Page(
        PUBLISHERS + "/new",
        "publisher_new.html",
        show_new_publisher,
        "change_setup",
        forms=(Form("create", create_publisher, "change_setup"),),
    ),
    Page(
        PUBLISHER,
        "publisher.html",
        show_publisher,
        "see_setup",
        forms=(Form("change", change_publisher, "change_setup"), Form("remove", remove_publisher, "change_setup")),
    ),
    Page(
        PUBLISHER + "/permissions",
        "publisher_permissions.html",
        show_permissions,
        "see_permissions",
        forms=(Form("permissions", change_permissions, "change_permissions"),),
    ),
    Page(PUBLISHER + "/collaborators", "publisher_collaborators.html", show_collaborators, "see_collaborators"),
)
