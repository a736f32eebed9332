"""The rooms of buyers: what managers change, and what those who act as a buyer may."""

from typing import Any

import asyncpg
from aiohttp.test_utils import TestClient

from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person, permit

Door = TestClient[Any, Any]


async def test_a_manager_makes_and_changes_a_buyer(db: asyncpg.Connection, door: Door, manager: Manager) -> None:
    owner = ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)
    root = f"/companies/{manager.company_id}"
    made = await owner.fill(await owner.open(f"{root}/buyers/new"), "create", name="Insurer", price_cents="25")
    page = await owner.open(made.leads_to)
    assert "25.00" in page.text
    assert "takes calls" in page.text
    await owner.fill(page, "change", paused=["false", "true"])
    buyer = (await manager.get("buyers"))["items"][0]
    assert (buyer["price_cents"], buyer["paused"]) == (2500, True)
    assert "paused" in (await owner.open(made.leads_to)).text
    assert (await owner.send(f"{made.leads_to}?do=remove", {})).leads_to == f"{root}/buyers"


async def test_who_acts_as_a_buyer_is_offered_what_they_may_change(db: asyncpg.Connection, door: Door, manager: Manager) -> None:
    buyer = await manager.create("buyers", name="Insurer", price_cents=2500)
    person = await add_person(db, door, manager.company_id, buyer_ids=[buyer["id"]])
    browser = ConsoleBrowser(door, person.own_headers)
    path = f"/companies/{manager.company_id}/buyers/{buyer['id']}"
    assert not (await browser.open(path)).has_form("change")
    assert (await browser.send(f"{path}?do=change", {"paused": "true"})).status == 403

    await permit(db, manager.company_id, "buyer", buyer["id"], "buyer", {"pause_buyer": "allow", "view_revenue": "deny"})
    page = await browser.open(path)
    assert page.form("change").fields == {"paused": ["false"]}
    assert "hidden" in page.text
    assert "25.00" not in page.text
    assert (await browser.fill(page, "change", paused=["false", "true"])).leads_to == path
    assert (await manager.get(f"buyers/{buyer['id']}"))["paused"] is True
    refused = await browser.send(f"{path}?do=change", {"name": "Renamed"})
    assert refused.status == 403
    assert (await manager.get(f"buyers/{buyer['id']}"))["name"] == "Insurer"


async def test_a_manager_with_their_eyes_is_offered_nothing(db: asyncpg.Connection, door: Door, manager: Manager) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    await permit(db, manager.company_id, "buyer", buyer["id"], "buyer", {"edit_buyer": "allow"})
    person = await add_person(db, door, manager.company_id, buyer_ids=[buyer["id"]])
    owner = ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)
    path = f"/companies/{manager.company_id}/buyers/{buyer['id']}"
    page = await owner.open(path, Callstamp_View_As=str(person.id))
    assert page.status == 200
    assert not page.has_form("change")


async def test_a_buyers_permissions_are_changed(db: asyncpg.Connection, door: Door, manager: Manager) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    owner = ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)
    path = f"/companies/{manager.company_id}/buyers/{buyer['id']}/permissions"
    await owner.fill(await owner.open(path), "permissions", pause_buyer="allow")
    assert (await manager.get(f"buyers/{buyer['id']}/permissions"))["pause_buyer"] == "allow"
