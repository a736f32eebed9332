"""The rooms of postback keys: the posting link shown once, settings, and the box in which a postback is tried."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from admin.app import create_app
from admin.settings import AdminSettings
from tests.integration.admin.html_page import ConsoleBrowser, HtmlPage
from tests.integration.admin.manager import Manager, make_manager
from tests.integration.admin.persons import add_person, permit
from tests.service_processes import PATIENT_MS, as_admin
from tests.world import DoorServer

Door = TestClient[Any, Any]
OWN = "0198C2F4-7c1e-4b1a-9f3e-2d6a5b8c7e10"


class Ingest:
    """What is posted to it, and the reply that it gives."""

    def __init__(self) -> None:
        self.posted: list[tuple[dict[str, str], Any]] = []
        self.body = '{"tag_values":{"zip":"<b>94110</b>"},"status":"call not found, tags stored"}'

    async def answer(self, request: web.Request) -> web.Response:
        self.posted.append((dict(request.headers), await request.json()))
        headers = {"Callstamp-Outcome": "stored", "Server-Secret": "hidden"}
        return web.Response(text=self.body, headers=headers, content_type="application/json")


@pytest.fixture
def ingest() -> Ingest:
    return Ingest()


@pytest.fixture
async def door(postgres_url: str, aiohttp_client: Any, ingest: Ingest) -> AsyncIterator[Door]:
    """Admin, whose test box posts to an ingest that keeps what it is sent."""
    app = web.Application()
    app.router.add_post("/data_writing", ingest.answer)
    async with TestServer(app) as server:
        settings = AdminSettings(
            postgres_url=as_admin(postgres_url),
            postgres_connections=4,
            database_timeout_ms=PATIENT_MS,
            ingest_url=str(server.make_url("/")),
        )
        yield await aiohttp_client(DoorServer(create_app(settings, ingest_public_url="https://post.example")))


@pytest.fixture
async def manager(postgres_url: str, door: Door) -> Manager:
    return await make_manager(as_admin(postgres_url), door, "Acme")


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    return ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)


@pytest.fixture
async def keys(manager: Manager) -> str:
    """The address of a publisher's postback keys."""
    publisher = await manager.create("publishers", name="Lead forms")
    return f"/companies/{manager.company_id}/publishers/{publisher['id']}/postback-keys"


def key_address(keys: str, key_id: int) -> str:
    return f"{keys.partition('/publishers/')[0]}/postback-keys/{key_id}"


async def make_key(owner: ConsoleBrowser, keys: str, **typed: Any) -> HtmlPage:
    return await owner.fill(await owner.open(f"{keys}/new"), "create", **{"name": "Web form"} | typed)


async def test_a_new_key_shows_its_posting_link_once(owner: ConsoleBrowser, manager: Manager, keys: str) -> None:
    assert "no postback key yet" in (await owner.open(keys)).text
    new = await owner.open(f"{keys}/new")
    assert new.form("create").fields["storage_duration_seconds"] == ["2"]
    made = await make_key(
        owner,
        keys,
        storage_duration_seconds="90",
        storage_duration_seconds_unit="minutes",
        apply_once=["false", "true"],
        allowed_networks="203.0.113.0/24\r\n2001:db8::/32",
    )
    assert made.status == 201
    assert "https://post.example/data_writing?key=cs_pk_" in made.text
    assert "/v1/postbacks" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    [key] = (await manager.get("postback-keys"))["items"]
    assert (key["storage_duration_seconds"], key["end_call_cutoff_seconds"]) == (5400, 3600)
    assert key["apply_once"] is True
    assert key["also_store"] is False
    assert key["allowed_networks"] == ["203.0.113.0/24", "2001:db8::/32"]
    assert key["allowed_origins"] is None
    for path in (keys, key_address(keys, key["id"]), f"{key_address(keys, key['id'])}/instructions"):
        page = await owner.open(path)
        assert page.status == 200
        assert "Web form" in page.text
        assert "cs_pk_" not in page.body


async def test_what_is_wrong_with_a_key_stands_beside_its_field(owner: ConsoleBrowser, keys: str) -> None:
    for field, typed in {
        "name": " ",
        "storage_duration_seconds": "91",
        "allowed_networks": "203.0.113.9/24",
        "allowed_origins": "http://www.example.com",
        "rate_limit_per_second": "0",
        "key": "not a uuid",
    }.items():
        page = await make_key(owner, keys, **{field: typed})
        assert page.status == 422, field
        assert f'id="wrong-{field}"' in page.body, field
        assert page.form("create").fields[field] == [typed.strip()]
    brought = await make_key(owner, keys, key=OWN)
    assert OWN.lower() in brought.text
    assert 'id="wrong-key"' in (await make_key(owner, keys, key=OWN)).body


async def test_a_key_is_changed_paused_rotated_and_revoked(owner: ConsoleBrowser, manager: Manager, keys: str) -> None:
    await make_key(owner, keys, allowed_origins="https://www.example.com")
    [key] = (await manager.get("postback-keys"))["items"]
    path = key_address(keys, key["id"])
    page = await owner.open(path)
    assert page.form("change").fields["allowed_origins"] == ["https://www.example.com"]
    clash = await owner.fill(page, "change", allow_read_back=["false", "true"])
    assert clash.status == 422
    assert "can't have allow_read_back" in clash.text
    await owner.fill(page, "change", allowed_origins="", end_call_cutoff_seconds="0", rate_limit_per_second="5")
    await owner.fill(page, "pause")
    changed = await manager.get(f"postback-keys/{key['id']}")
    assert (changed["allowed_origins"], changed["end_call_cutoff_seconds"], changed["rate_limit_per_second"]) == (None, 0, 5)
    assert changed["paused"] is True
    assert (await owner.open(path)).has_form("resume")

    rotated = await owner.fill(page, "rotate", grace_seconds="2")
    assert rotated.text.count("cs_pk_") > 1
    assert "The old secret works until" in rotated.text
    too_long = await owner.fill(page, "rotate", grace_seconds="31")
    assert 'id="wrong-grace_seconds"' in too_long.body
    assert (await owner.fill(page, "revoke")).leads_to == keys
    assert (await owner.open(path)).status == 404


async def test_the_test_box_posts_as_the_publisher_would_and_shows_the_reply(
    owner: ConsoleBrowser, keys: str, ingest: Ingest
) -> None:
    made = await make_key(owner, keys, key=OWN, allowed_origins="https://www.example.com")
    reply = await owner.fill(made, "try", caller_number="+1 555 123 0000", tag_name="zip", tag_value="94110")
    assert reply.status == 200
    [(headers, fields)] = ingest.posted
    assert headers["Authorization"] == f"Bearer {OWN.lower()}"
    assert headers["Origin"] == "https://www.example.com"
    assert fields == {"zip": "94110", "caller_number": "+1 555 123 0000"}
    assert "call not found, tags stored" in reply.text
    assert "Callstamp-Outcome" in reply.text
    assert "Server-Secret" not in reply.text
    assert "<b>94110</b>" in reply.text
    assert "<b>94110</b>" not in reply.body


async def test_the_test_box_takes_only_this_keys_own_secrets(
    owner: ConsoleBrowser, manager: Manager, keys: str, ingest: Ingest
) -> None:
    await make_key(owner, keys, key=OWN)
    other = await manager.create("/".join(keys.split("/")[3:]), name="Another")
    path = key_address(keys, other["id"])
    for typed, said in ((OWN, "isn't a secret of this postback key"), ("", "This is needed"), ("x\r\ny", "isn't a secret")):
        page = await owner.fill(await owner.open(path), "try", key=typed)
        assert page.status == 422
        assert 'id="wrong-key"' in page.body
        assert said in page.text
    assert ingest.posted == []
    assert (await owner.fill(await owner.open(path), "try", key=other["key"])).status == 200
    assert len(ingest.posted) == 1


async def test_an_ingest_that_gives_no_reply_is_said(db: asyncpg.Connection, postgres_url: str, aiohttp_client: Any) -> None:
    nowhere = "http://127.0.0.1:9"
    settings = AdminSettings(postgres_url=as_admin(postgres_url), database_timeout_ms=PATIENT_MS, ingest_url=nowhere)
    door = await aiohttp_client(DoorServer(create_app(settings)))
    manager = await make_manager(as_admin(postgres_url), door, "Acme")
    owner = ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)
    publisher = await manager.create("publishers", name="Publisher")
    made = await make_key(owner, f"/companies/{manager.company_id}/publishers/{publisher['id']}/postback-keys")
    assert "Ingest gave no reply" in (await owner.fill(made, "try")).text


async def test_a_long_reply_is_cut(owner: ConsoleBrowser, keys: str, ingest: Ingest) -> None:
    ingest.body = "x" * 1_000_000
    made = await make_key(owner, keys)
    assert (await owner.fill(made, "try")).text.count("x") < 70_000


async def test_a_collaborator_makes_keys_where_they_are_permitted_to(
    db: asyncpg.Connection, door: Door, manager: Manager, keys: str
) -> None:
    publisher_id = int(keys.split("/")[4])
    other = await manager.create("publishers", name="Another")
    person = await add_person(db, door, manager.company_id, publisher_ids=[publisher_id, other["id"]])
    browser = ConsoleBrowser(door, person.own_headers)
    assert (await browser.open(keys)).status == 403
    await permit(db, manager.company_id, "publisher", publisher_id, "publisher", {"create_postback_keys": "allow"})
    new = await browser.open(f"{keys}/new")
    assert new.status == 200
    assert "rate_limit_per_second" not in new.form("create").fields
    made = await browser.fill(new, "create", name="Mine")
    assert made.status == 201
    assert "https://post.example/data_writing?key=cs_pk_" in made.text
    [key] = (await manager.get("postback-keys"))["items"]
    assert key["storage_duration_seconds"] == 172_800
    page = await browser.open(key_address(keys, key["id"]))
    assert (await browser.fill(page, "change", name="Renamed")).status == 303
    theirs = keys.replace(f"/publishers/{publisher_id}/", f"/publishers/{other['id']}/")
    assert (await browser.open(theirs)).status == 403
    assert (await browser.open(f"{theirs}/new")).status == 403
