"""The rooms of tracking numbers: filters, making them beyond a cap as a manager, and under it as a collaborator."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person, permit

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    return ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)


async def test_numbers_are_filtered_and_named(owner: ConsoleBrowser, manager: Manager) -> None:
    things = await manager.create_one_of_each()
    other = await manager.create("campaigns", name="Other")
    await manager.create("numbers", number="+13035550100", campaign_id=other["id"], pool=True)
    path = f"/companies/{manager.company_id}/numbers"
    page = await owner.open(path)
    assert things["number"]["number"] in page.text
    assert "Publisher" in page.text
    found = await owner.open(f"{path}?campaign_id={other['id']}&search=(303)")
    assert "+13035550100" in found.text
    assert things["number"]["number"] not in found.text
    assert "No tracking number is like that" in (await owner.open(f"{path}?search=999999")).text
    wrong = await owner.open(f"{path}?campaign_id=x")
    assert 'id="wrong-campaign_id"' in wrong.body


async def test_a_manager_goes_beyond_the_cap_and_is_told(owner: ConsoleBrowser, manager: Manager) -> None:
    publisher = await manager.create("publishers", name="Publisher", number_cap=0)
    campaign = await manager.create("campaigns", name="Campaign")
    new = await owner.open(f"/companies/{manager.company_id}/numbers/new?campaign_id={campaign['id']}")
    made = await owner.fill(new, "create", number="(800) 555-0123", publisher_id=str(publisher["id"]))
    page = await owner.open(made.leads_to)
    assert "beyond the publisher's number cap of 0" in page.text
    assert "+18005550123" in page.text
    moved = await owner.fill(page, "change", publisher_id="", pool=["false", "true"])
    number = await manager.get(f"numbers/{moved.leads_to.rpartition('/')[2]}")
    assert (number["publisher_id"], number["pool"]) == (None, True)
    again = await owner.fill(new, "create", number="+18005550123")
    assert again.status == 409
    assert 'id="wrong-number"' in again.body


async def test_a_collaborator_makes_numbers_up_to_the_cap(db: asyncpg.Connection, door: Door, manager: Manager) -> None:
    publisher = await manager.create("publishers", name="Lead forms", number_cap=1)
    granted = await manager.create("campaigns", name="Granted")
    await manager.create("campaigns", name="Secret")
    await manager.change(f"publishers/{publisher['id']}/campaigns", grant=[granted["id"]])
    person = await add_person(db, door, manager.company_id, publisher_ids=[publisher["id"]])
    browser = ConsoleBrowser(door, person.own_headers)
    path = f"/companies/{manager.company_id}/numbers"
    assert "No tracking number is granted to you yet" in (await browser.open(path)).text
    assert (await browser.open(f"{path}/new")).status == 403

    await permit(db, manager.company_id, "publisher", publisher["id"], "publisher", {"create_numbers": "allow"})
    new = await browser.open(f"{path}/new")
    assert "0 of 1 used" in new.text
    assert "Secret" not in new.text
    assert "pool" not in new.form("create").fields
    made = await browser.fill(new, "create", number="+18005550123")
    assert "granted to you" in browser.notice
    assert "+18005550123" in (await browser.open(made.leads_to)).text
    full = await browser.open(f"{path}/new")
    assert "1 of 1 used" in full.text
    assert "Ask your account manager to raise the cap" in full.text
    refused = await browser.fill(full, "create", number="+18005550124")
    assert refused.status == 409
    assert "number cap is 1" in refused.text
    assert refused.form("create").fields["number"] == ["+18005550124"]
