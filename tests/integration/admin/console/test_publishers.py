"""The rooms of publishers and campaigns: finding, making, changing and removing them, as managers and as those who act as them."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person, permit

Door = TestClient[Any, Any]
NASTY = '<script>alert(1)</script> & "quotes"'


@pytest.fixture
def root(manager: Manager) -> str:
    return f"/companies/{manager.company_id}"


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    person = await add_person(db, door, manager.company_id, role="owner")
    return ConsoleBrowser(door, person.own_headers)


async def test_an_empty_list_says_why_and_what_to_do(owner: ConsoleBrowser, root: str) -> None:
    for noun in ("publishers", "buyers", "campaigns", "numbers", "engine-keys"):
        page = await owner.open(f"{root}/{noun}")
        assert page.status == 200
        assert "yet" in page.text
        assert f"{root}/{noun}/new" in page.links


async def test_a_publisher_is_made_found_changed_and_removed(owner: ConsoleBrowser, root: str) -> None:
    new = await owner.open(f"{root}/publishers/new")
    made = await owner.fill(new, "create", name=NASTY, afid="77", number_cap="")
    page = await owner.open(made.leads_to)
    assert "The publisher is made" in page.text
    assert NASTY in page.text
    assert "<script>alert" not in page.body
    assert "the company's default" in page.text

    changed = await owner.fill(page, "change", number_cap="3", afid="")
    assert "its own" in (await owner.open(changed.leads_to)).text
    listed = await owner.open(f"{root}/publishers?search=SCRIPT")
    assert made.leads_to in listed.links
    assert "0 of 3" in listed.text
    nothing = await owner.open(f"{root}/publishers?search=nobody")
    assert "No publisher's name holds “nobody”" in nothing.text

    removed = await owner.send(f"{made.leads_to}?do=remove", {})
    assert removed.leads_to == f"{root}/publishers"
    assert (await owner.open(made.leads_to)).status == 404


async def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    owner: ConsoleBrowser, manager: Manager, root: str
) -> None:
    await manager.create("publishers", name="There", afid="77")
    new = await owner.open(f"{root}/publishers/new")
    taken = await owner.fill(new, "create", name="Lead forms", afid="77", number_cap="4")
    assert taken.status == 409
    assert 'id="wrong-afid"' in taken.body
    assert taken.form("create").fields == {"name": ["Lead forms"], "afid": ["77"], "number_cap": ["4"]}
    nameless = await owner.fill(new, "create", name=" ")
    assert nameless.status == 422
    assert 'id="wrong-name"' in nameless.body


async def test_a_campaign_takes_money_as_people_type_it(owner: ConsoleBrowser, manager: Manager, root: str) -> None:
    new = await owner.open(f"{root}/campaigns/new")
    made = await owner.fill(new, "create", name="Auto", payout_cents="12.5")
    campaign = (await manager.get("campaigns"))["items"][0]
    assert campaign["payout_cents"] == 1250
    page = await owner.open(made.leads_to)
    assert page.form("change").fields["payout_cents"] == ["12.50"]
    wrong = await owner.fill(page, "change", payout_cents="twelve")
    assert wrong.status == 422
    assert "Type an amount such as 12.50." in wrong.text
    assert wrong.form("change").fields["payout_cents"] == ["twelve"]
    await owner.fill(page, "change", payout_cents="")
    assert (await manager.get(f"campaigns/{campaign['id']}"))["payout_cents"] is None


async def test_a_campaign_with_numbers_says_why_it_stays(owner: ConsoleBrowser, manager: Manager, root: str) -> None:
    things = await manager.create_one_of_each()
    page = await owner.send(f"{root}/campaigns/{things['campaign']['id']}?do=remove", {})
    assert page.status == 409
    assert things["number"]["number"] in page.text


async def test_a_collaborator_sees_their_publisher_and_changes_nothing(
    db: asyncpg.Connection, door: Door, manager: Manager, root: str
) -> None:
    mine = await manager.create("publishers", name="Mine")
    other = await manager.create("publishers", name="Another")
    campaign = await manager.create("campaigns", name="Granted", payout_cents=1200)
    await manager.change(f"publishers/{mine['id']}/campaigns", grant=[campaign["id"]])
    await permit(db, manager.company_id, "publisher", mine["id"], "publisher", {"view_payout": "deny"})
    person = await add_person(db, door, manager.company_id, publisher_ids=[mine["id"]])
    browser = ConsoleBrowser(door, person.own_headers)

    listed = await browser.open(f"{root}/publishers")
    assert "Mine" in listed.text
    assert "Another" not in listed.text
    assert f"{root}/publishers/new" not in listed.links
    page = await browser.open(f"{root}/publishers/{mine['id']}")
    assert page.status == 200
    assert not page.has_form("change")
    assert f"{root}/publishers/{mine['id']}/numbers" not in page.links
    assert "hidden" in (await browser.open(f"{root}/campaigns/{campaign['id']}")).text
    assert (await browser.open(f"{root}/publishers/{other['id']}")).status == 404
    for path in ("publishers/new", f"publishers/{mine['id']}/campaigns", "settings", "engine-keys"):
        assert (await browser.open(f"{root}/{path}")).status == 403, path
    assert (await browser.send(f"{root}/publishers/{mine['id']}?do=change", {"name": "Renamed"})).status == 403


async def test_another_company_has_nothing_here(owner: ConsoleBrowser, neighbour: Manager) -> None:
    publisher = await neighbour.create("publishers", name="Theirs")
    page = await owner.open(f"/companies/{neighbour.company_id}/publishers/{publisher['id']}")
    assert page.status == 404
    assert "Theirs" not in page.text


async def test_a_publishers_people_are_listed_with_the_way_to_invite_more(
    owner: ConsoleBrowser, manager: Manager, root: str
) -> None:
    publisher = await manager.create("publishers", name="Publisher")
    path = f"{root}/publishers/{publisher['id']}/collaborators"
    assert "Nobody acts as this publisher yet" in (await owner.open(path)).text
    await manager.create("collaborators", name="Jane Roe", email="jane@leads.example", publisher_ids=[publisher["id"]])
    page = await owner.open(path)
    assert "Jane Roe" in page.text
    assert "Invited" in page.text
    assert f"{root}/collaborators/new?publisher_id={publisher['id']}" in page.links


async def test_a_publishers_permissions_say_what_they_inherit_and_change(
    owner: ConsoleBrowser, manager: Manager, root: str
) -> None:
    publisher = await manager.create("publishers", name="Publisher")
    await manager.change("permissions", for_publishers={"view_revenue": "allow"})
    path = f"{root}/publishers/{publisher['id']}/permissions"
    page = await owner.open(path)
    assert "allow, from the company" in page.text
    done = await owner.fill(page, "permissions", view_revenue="deny", tag_names="list", tag_names_listed="zip\r\nstate")
    assert done.leads_to == path
    said = await manager.get(f"publishers/{publisher['id']}/permissions")
    assert (said["view_revenue"], said["tag_names"], said["view_payout"]) == ("deny", ["zip", "state"], "inherit")
