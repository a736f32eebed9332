"""Postback keys: making one, its posting link shown once, its settings, and a box in which a postback is tried."""

from typing import Any, Final

from msgspec import UNSET

from admin.handlers import postback_keys, publishers
from admin.ingest_client import INGEST
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.publishers import PUBLISHER
from admin.pages.said import Said
from admin.route import Ask, Visit, open_transaction
from admin.store import companies
from schemas.admin.fields import Id, PageQuery
from schemas.admin.postback_keys import NewPostbackKey, PostbackKeyChange, PostbackKeyWithSecret, Rotation
from shared.errors import InvalidField

KEYS = PUBLISHER + "/postback-keys"
KEY = "/companies/{company_id}/postback-keys/{postback_key_id}"


async def show_keys(ask: Ask, company_id: Id, publisher_id: Id, query: PageQuery) -> Context:
    return {
        "publisher": await publishers.show_publisher(ask, company_id, publisher_id),
        "page": await postback_keys.list_postback_keys_of_publisher(ask, company_id, publisher_id, query),
    }


async def show_new_key(ask: Ask, company_id: Id, publisher_id: Id) -> Context:
    await postback_keys.list_postback_keys_of_publisher(ask, company_id, publisher_id, PageQuery(limit=1))
    return {
        "publisher": await publishers.show_publisher(ask, company_id, publisher_id),
        "company": await companies.get(ask.db, company_id),
    }


async def create_key(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Shown:
    new = said.read(NewPostbackKey, key=said.text("key") or UNSET, **_read_settings(said))
    made = await postback_keys.create_postback_key(ask, company_id, publisher_id, new)
    return await _show_secret(ask, company_id, made, rotated=False)


async def show_key(ask: Ask, company_id: Id, postback_key_id: Id) -> Context:
    key = await postback_keys.show_postback_key(ask, company_id, postback_key_id)
    return {"key": key, "publisher": await publishers.show_publisher(ask, company_id, key.publisher_id)}


async def change_key(ask: Ask, said: Said, company_id: Id, postback_key_id: Id) -> Done:
    change = said.read(PostbackKeyChange, **_read_settings(said))
    await postback_keys.change_postback_key(ask, company_id, postback_key_id, change)
    return Done(_address(company_id, postback_key_id), "Saved. It counts within a second.")


async def pause_key(ask: Ask, said: Said, company_id: Id, postback_key_id: Id) -> Done:
    await postback_keys.change_postback_key(ask, company_id, postback_key_id, PostbackKeyChange(paused=True))
    return Done(_address(company_id, postback_key_id), "Paused: its postbacks are refused until you resume it.")


async def resume_key(ask: Ask, said: Said, company_id: Id, postback_key_id: Id) -> Done:
    await postback_keys.change_postback_key(ask, company_id, postback_key_id, PostbackKeyChange(paused=False))
    return Done(_address(company_id, postback_key_id), "Resumed: its postbacks are taken again.")


async def rotate_key(ask: Ask, said: Said, company_id: Id, postback_key_id: Id) -> Shown:
    rotation = said.read(Rotation, grace_seconds=said.seconds("grace_seconds"))
    made = await postback_keys.rotate_postback_key(ask, company_id, postback_key_id, rotation)
    return await _show_secret(ask, company_id, made, rotated=True)


async def revoke_key(ask: Ask, said: Said, company_id: Id, postback_key_id: Id) -> Done:
    key = await postback_keys.show_postback_key(ask, company_id, postback_key_id)
    await postback_keys.revoke_postback_key(ask, company_id, postback_key_id)
    return Done(f"/companies/{company_id}/publishers/{key.publisher_id}/postback-keys", "The postback key is revoked.")


async def try_key(ask: Visit, said: Said, company_id: Id, postback_key_id: Id) -> Shown:
    """Post a tag as the publisher would. Only this key's own secrets go out, so that nobody else's are tried from here."""
    secret, name = said.text("key"), said.text("tag_name")
    for field, typed in (("key", secret), ("caller_number", said.text("caller_number")), ("tag_name", name)):
        if not typed:
            raise InvalidField("This is needed.", field=field)
    async with open_transaction(ask) as inner:
        key = await postback_keys.check_secret(inner, company_id, postback_key_id, secret)
        publisher = await publishers.show_publisher(inner, company_id, key.publisher_id)
    fields = {name: said.text("tag_value"), "caller_number": said.text("caller_number")}
    origin = key.allowed_origins[0] if key.allowed_origins else None
    reply = await ask.app[INGEST].post(secret, fields, origin=origin)
    return Shown("postback_key_tried.html", {"key": key, "publisher": publisher, "reply": reply, "typed": said.typed()})


async def show_instructions(ask: Ask, company_id: Id, postback_key_id: Id) -> Context:
    return await show_key(ask, company_id, postback_key_id) | {"ingest_url": ask.ingest_public_url}


async def _show_secret(ask: Ask, company_id: int, made: PostbackKeyWithSecret, *, rotated: bool) -> Shown:
    publisher = await publishers.show_publisher(ask, company_id, made.publisher_id)
    context: Context = {"key": made, "publisher": publisher, "ingest_url": ask.ingest_public_url, "rotated": rotated}
    return Shown("postback_key_made.html", context, status=200 if rotated else 201)


def _read_settings(said: Said) -> dict[str, Any]:
    """The fields that a form types otherwise: durations with their units, and lists one a line, none being no limit."""
    durations = ("storage_duration_seconds", "end_call_cutoff_seconds")
    settings: dict[str, Any] = {name: said.seconds(name) if said.text(name) else UNSET for name in durations}
    for name in ("allowed_origins", "allowed_networks"):
        lines = said.lines(name)
        settings[name] = None if lines == [] else lines
    return settings


def _address(company_id: int, postback_key_id: int) -> str:
    return f"/companies/{company_id}/postback-keys/{postback_key_id}"


USE: Final = "use_postback_keys"
PAGES = (
    Page(KEYS, "postback_keys.html", show_keys, USE),
    Page(KEYS + "/new", "postback_key_new.html", show_new_key, USE, forms=(Form("create", create_key, USE),)),
    Page(
        KEY,
        "postback_key.html",
        show_key,
        USE,
        forms=(
            Form("change", change_key, USE),
            Form("pause", pause_key, USE),
            Form("resume", resume_key, USE),
            Form("rotate", rotate_key, USE),
            Form("revoke", revoke_key, USE),
            Form("try", try_key, USE),
        ),
    ),
    Page(KEY + "/instructions", "postback_instructions.html", show_instructions, USE),
)
