"""Engine keys: the list, making one, its secret shown once, and one of them."""

from typing import Final

from admin.handlers import engine_keys
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.engine_keys import EngineKeyChange, NewEngineKey
from schemas.admin.fields import Id, PageQuery
from schemas.admin.postback_keys import Rotation

KEYS = "/companies/{company_id}/engine-keys"
KEY = KEYS + "/{engine_key_id}"


async def show_keys(ask: Ask, company_id: Id, query: PageQuery) -> Context:
    return {"page": await engine_keys.list_engine_keys(ask, company_id, query)}


async def show_new_key(ask: Ask, company_id: Id) -> Context:
    return {}


async def create_key(ask: Ask, said: Said, company_id: Id) -> Shown:
    made = await engine_keys.create_engine_key(ask, company_id, said.read(NewEngineKey, scopes=said.texts("scopes")))
    return Shown("engine_key_made.html", {"key": made, "rotated": False}, status=201)


async def show_key(ask: Ask, company_id: Id, engine_key_id: Id) -> Context:
    return {"key": await engine_keys.show_engine_key(ask, company_id, engine_key_id)}


async def change_key(ask: Ask, said: Said, company_id: Id, engine_key_id: Id) -> Done:
    change = said.read(EngineKeyChange, scopes=said.texts("scopes"))
    await engine_keys.change_engine_key(ask, company_id, engine_key_id, change)
    return Done(_address(company_id, engine_key_id), "Saved. It counts within a second.")


async def pause_key(ask: Ask, said: Said, company_id: Id, engine_key_id: Id) -> Done:
    await engine_keys.change_engine_key(ask, company_id, engine_key_id, EngineKeyChange(paused=True))
    return Done(_address(company_id, engine_key_id), "Paused: its requests are refused until you resume it.")


async def resume_key(ask: Ask, said: Said, company_id: Id, engine_key_id: Id) -> Done:
    await engine_keys.change_engine_key(ask, company_id, engine_key_id, EngineKeyChange(paused=False))
    return Done(_address(company_id, engine_key_id), "Resumed: its requests are answered again.")


async def rotate_key(ask: Ask, said: Said, company_id: Id, engine_key_id: Id) -> Shown:
    rotation = said.read(Rotation, grace_seconds=said.seconds("grace_seconds"))
    made = await engine_keys.rotate_engine_key(ask, company_id, engine_key_id, rotation)
    return Shown("engine_key_made.html", {"key": made, "rotated": True})


async def revoke_key(ask: Ask, said: Said, company_id: Id, engine_key_id: Id) -> Done:
    await engine_keys.revoke_engine_key(ask, company_id, engine_key_id)
    return Done(f"/companies/{company_id}/engine-keys", "The engine key is revoked.")


def _address(company_id: int, engine_key_id: int) -> str:
    return f"/companies/{company_id}/engine-keys/{engine_key_id}"


CHANGE: Final = "change_engine_keys"
PAGES = (
    Page(KEYS, "engine_keys.html", show_keys, "see_engine_keys"),
    Page(KEYS + "/new", "engine_key_new.html", show_new_key, CHANGE, forms=(Form("create", create_key, CHANGE),)),
    Page(
        KEY,
        "engine_key.html",
        show_key,
        "see_engine_keys",
        forms=(
            Form("change", change_key, CHANGE),
            Form("pause", pause_key, CHANGE),
            Form("resume", resume_key, CHANGE),
            Form("rotate", rotate_key, CHANGE),
            Form("revoke", revoke_key, CHANGE),
        ),
    ),
)
