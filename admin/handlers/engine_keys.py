"""Engine keys."""

import msgspec

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import engine_keys
from schemas.admin.engine_keys import EngineKey, EngineKeyChange, EngineKeyWithSecret, NewEngineKey
from schemas.admin.fields import Id, PageQuery
from schemas.admin.pages import Page
from schemas.admin.postback_keys import Rotation
from shared.secret import hash_secret, new_secret


async def list_engine_keys(ask: Ask, company_id: Id, query: PageQuery) -> Page[EngineKey]:
    """The engine keys, oldest first."""
    rows = await engine_keys.fetch_page(ask.db, company_id, after_id=read_id_cursor(query), limit=query.limit)
    return make_page(rows, query, lambda key: (key.id,))


async def create_engine_key(ask: Ask, company_id: Id, body: NewEngineKey) -> EngineKeyWithSecret:
    """Make an engine key; its secret is shown in this reply only."""
    secret = new_secret("ek")
    made = await engine_keys.insert(ask.db, company_id, body, hash_secret(secret))
    return EngineKeyWithSecret(**msgspec.structs.asdict(made), key=secret)


async def show_engine_key(ask: Ask, company_id: Id, engine_key_id: Id) -> EngineKey:
    """An engine key, without its secret."""
    return await engine_keys.get(ask.db, company_id, engine_key_id)


async def change_engine_key(ask: Ask, company_id: Id, engine_key_id: Id, body: EngineKeyChange) -> EngineKey:
    """Change, pause or resume an engine key; it works within a second."""
    return await engine_keys.change(ask.db, company_id, engine_key_id, body)


async def rotate_engine_key(ask: Ask, company_id: Id, engine_key_id: Id, body: Rotation) -> EngineKeyWithSecret:
    """Give an engine key a new secret, shown in this reply only; the old one works on for `grace_seconds`.

    At most two secrets work at a time: rotating again ends the oldest at once.
    """
    secret = new_secret("ek")
    await engine_keys.rotate(ask.db, company_id, engine_key_id, hash_secret(secret), grace_seconds=body.grace_seconds)
    key = await engine_keys.get(ask.db, company_id, engine_key_id)
    return EngineKeyWithSecret(**msgspec.structs.asdict(key), key=secret)


async def revoke_engine_key(ask: Ask, company_id: Id, engine_key_id: Id) -> None:
    """Revoke an engine key for ever, within a second; pausing it is the way that leads back."""
    await engine_keys.revoke(ask.db, company_id, engine_key_id)
