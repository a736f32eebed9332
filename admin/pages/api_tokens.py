"""API tokens: the list with whose they are, making one, its secret shown once, and one of them."""

from typing import Final

from admin.handlers import api_tokens
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask
from admin.store import collaborators
from schemas.admin.api_tokens import ApiToken, ApiTokenChange, NewApiToken
from schemas.admin.fields import Id, PageQuery
from shared.errors import NotFound

TOKENS = "/companies/{company_id}/api-tokens"
TOKEN = TOKENS + "/{api_token_id}"


async def show_tokens(ask: Ask, company_id: Id, query: PageQuery) -> Context:
    page = await api_tokens.list_api_tokens(ask, company_id, query)
    return {"page": page, "names": await _names_of(ask, company_id, page.items)}


async def show_new_token(ask: Ask, company_id: Id) -> Context:
    return {}


async def create_token(ask: Ask, said: Said, company_id: Id) -> Shown:
    made = await api_tokens.create_api_token(ask, company_id, said.read(NewApiToken))
    return Shown("api_token_made.html", {"token": made, "public_url": ask.settings.public_url}, status=201)


async def show_token(ask: Ask, company_id: Id, api_token_id: Id) -> Context:
    token = await api_tokens.show_api_token(ask, company_id, api_token_id)
    return {"token": token, "names": await _names_of(ask, company_id, [token])}


async def change_token(ask: Ask, said: Said, company_id: Id, api_token_id: Id) -> Done:
    await api_tokens.change_api_token(ask, company_id, api_token_id, said.read(ApiTokenChange))
    return Done(f"/companies/{company_id}/api-tokens/{api_token_id}", "Saved.")


async def revoke_token(ask: Ask, said: Said, company_id: Id, api_token_id: Id) -> Done:
    await api_tokens.revoke_api_token(ask, company_id, api_token_id)
    return Done(f"/companies/{company_id}/api-tokens", "The API token is revoked.")


async def _names_of(ask: Ask, company_id: int, tokens: list[ApiToken]) -> dict[int, str]:
    """Whose the tokens are, by id; a collaborator's are all their own."""
    names = {} if ask.actor.collaborator_id is None else {ask.actor.collaborator_id: ask.actor.name}
    for collaborator_id in {token.collaborator_id for token in tokens if token.collaborator_id is not None} - names.keys():
        try:
            names[collaborator_id] = (await collaborators.get(ask.db, company_id, collaborator_id)).name
        except NotFound:
            continue
    return names


USE: Final = "use_api_tokens"
PAGES = (
    Page(TOKENS, "api_tokens.html", show_tokens, USE),
    Page(TOKENS + "/new", "api_token_new.html", show_new_token, USE, forms=(Form("create", create_token, USE),)),
    Page(TOKEN, "api_token.html", show_token, USE, forms=(Form("change", change_token, USE), Form("revoke", revoke_token, USE))),
)
