"""Looking at a company with a collaborator's eyes, until one stops."""

from admin.auth import VIEW_AS_COOKIE
from admin.errors import NotPermitted
from admin.handlers import collaborators
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.collaborators import CollaboratorsQuery
from schemas.admin.fields import Body, Id


class Viewed(Body, frozen=True, kw_only=True):
    """With whose eyes."""

    collaborator_id: Id


async def show_view_as(ask: Ask, company_id: Id) -> Context:
    return {"page": await collaborators.list_collaborators(ask, company_id, CollaboratorsQuery(role="collaborator", limit=200))}


async def start(ask: Ask, said: Said, company_id: Id) -> Done:
    viewed = said.read(Viewed)
    one = await collaborators.show_collaborator(ask, company_id, viewed.collaborator_id)
    if one.role != "collaborator":
        raise NotPermitted("Owners and superusers see everything: only a collaborator can be viewed as.")
    ask.cookies[VIEW_AS_COOKIE] = f"{company_id}.{one.id}"
    return Done(f"/companies/{company_id}")


async def stop(ask: Ask, said: Said, company_id: Id) -> Done:
    ask.cookies[VIEW_AS_COOKIE] = None
    return Done(f"/companies/{company_id}", "You see things with your own eyes again.")


PAGES = (
    Page(
        "/companies/{company_id}/view-as",
        "view_as.html",
        show_view_as,
        "see_collaborators",
        forms=(Form("start", start, "see_collaborators"), Form("stop", stop, "see_self")),
    ),
)
