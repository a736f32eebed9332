"""API tokens: the company's, which managers have to do with, and those of collaborators' own."""

import msgspec

from admin.errors import NotPermitted
from admin.paging import make_page, read_id_cursor
from admin.permissions import Actor
from admin.route import Ask
from admin.store import api_tokens
from schemas.admin.api_tokens import ApiToken, ApiTokenChange, ApiTokenWithSecret, NewApiToken
from schemas.admin.fields import Id, PageQuery
from schemas.admin.pages import Page
from shared.errors import NotFound
from shared.secret import hash_secret, new_secret


async def list_api_tokens(ask: Ask, company_id: Id, query: PageQuery) -> Page[ApiToken]:
    """The API tokens, oldest first; a collaborator's are their own."""
    rows = await api_tokens.fetch_page(
        ask.db, company_id, after_id=read_id_cursor(query), limit=query.limit, collaborator_id=_owner(ask.actor)
    )
    return make_page(rows, query, lambda token: (token.id,))


async def create_api_token(ask: Ask, company_id: Id, body: NewApiToken) -> ApiTokenWithSecret:
    """Make an API token, the company's or a collaborator's own; its secret is shown in this reply only."""
    secret = new_secret("at")
    made = await api_tokens.insert(ask.db, company_id, body.name, hash_secret(secret), collaborator_id=_owner(ask.actor))
    return ApiTokenWithSecret(**msgspec.structs.asdict(made), token=secret)


async def show_api_token(ask: Ask, company_id: Id, api_token_id: Id) -> ApiToken:
    """An API token, without its secret."""
    return await _get(ask, company_id, api_token_id)


async def change_api_token(ask: Ask, company_id: Id, api_token_id: Id, body: ApiTokenChange) -> ApiToken:
    """Rename an API token; a collaborator's own is renamed by nobody else."""
    if (await _get(ask, company_id, api_token_id)).collaborator_id != _owner(ask.actor):
        raise NotPermitted
    return await api_tokens.change(ask.db, company_id, api_token_id, body)


async def revoke_api_token(ask: Ask, company_id: Id, api_token_id: Id) -> None:
    """Revoke an API token for ever, at once. One of the company's can't revoke itself, so that one always works."""
    token = await _get(ask, company_id, api_token_id)
    if token.collaborator_id is None:
        await api_tokens.hold_companys(ask.db, company_id, api_token_id, asked_by=_companys_own(ask.actor))
    await api_tokens.revoke(ask.db, company_id, api_token_id)


async def _get(ask: Ask, company_id: int, api_token_id: int) -> ApiToken:
    """The API token; raises NotFound, for a collaborator also for one that isn't their own. Whose a token is never changes."""
    token = await api_tokens.get(ask.db, company_id, api_token_id)
    if not ask.actor.is_manager and token.collaborator_id != ask.actor.collaborator_id:
        raise NotFound
    return token


def _owner(actor: Actor) -> int | None:
    """Whose tokens the actor makes: their own, or a manager the company's."""
    return None if actor.is_manager else actor.collaborator_id


def _companys_own(actor: Actor) -> int | None:
    """The company's token that asks, if it is one of them."""
    return actor.api_token_id if actor.collaborator_id is None else None
