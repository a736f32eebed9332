"""API tokens."""

import msgspec

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import api_tokens
from schemas.admin.api_tokens import ApiToken, ApiTokenChange, ApiTokenWithSecret, NewApiToken
from schemas.admin.fields import Id, PageQuery
from schemas.admin.pages import Page
from shared.secret import hash_secret, new_secret


async def list_api_tokens(ask: Ask, company_id: Id, query: PageQuery) -> Page[ApiToken]:
    """The API tokens, oldest first."""
    rows = await api_tokens.fetch_page(ask.db, company_id, after_id=read_id_cursor(query), limit=query.limit)
    return make_page(rows, query, lambda token: (token.id,))


async def create_api_token(ask: Ask, company_id: Id, body: NewApiToken) -> ApiTokenWithSecret:
    """Make an API token; its secret is shown in this reply only."""
    secret = new_secret("at")
    made = await api_tokens.insert(ask.db, company_id, body.name, hash_secret(secret))
    return ApiTokenWithSecret(**msgspec.structs.asdict(made), token=secret)


async def show_api_token(ask: Ask, company_id: Id, api_token_id: Id) -> ApiToken:
    """An API token, without its secret."""
    return await api_tokens.get(ask.db, company_id, api_token_id)


async def change_api_token(ask: Ask, company_id: Id, api_token_id: Id, body: ApiTokenChange) -> ApiToken:
    """Rename an API token."""
    return await api_tokens.change(ask.db, company_id, api_token_id, body)


async def revoke_api_token(ask: Ask, company_id: Id, api_token_id: Id) -> None:
    """Revoke another API token for ever, at once. A token can't revoke itself, so that one always works."""
    await api_tokens.revoke(ask.db, company_id, api_token_id, asked_by=ask.actor.api_token_id)
