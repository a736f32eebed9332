"""Permissions as forms, what applies to a collaborator, and the audit log that tells of changes."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.pages.permissions import WORDS
from admin.toggles import DEFAULTS
from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def browser(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    """An owner's."""
    return ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)


def root(manager: Manager) -> str:
    return f"/companies/{manager.company_id}"


def test_each_toggle_has_words() -> None:
    assert {name for toggles in DEFAULTS.values() for name in toggles} == WORDS.keys()


async def test_the_company_says_what_its_publishers_may(manager: Manager, browser: ConsoleBrowser) -> None:
    page = await browser.open(root(manager) + "/permissions")
    assert "inherit (masked, by default)" in page.text
    said = page.form("for-publishers").fields
    said.pop("tag_names_listed")
    assert said == {name: ["inherit"] for name in DEFAULTS["publisher"]}
    typed = {
        "view_revenue": "allow",
        "view_caller_number": "none",
        "tag_names": "list",
        "tag_names_listed": "zip\r\n\r\n state \r\n",
    }
    assert (await browser.fill(page, "for-publishers", **typed)).leads_to == root(manager) + "/permissions"
    now = (await manager.get("permissions"))["for_publishers"]
    assert {name: now[name] for name in ("view_revenue", "view_caller_number", "tag_names", "view_payout")} == {
        "view_revenue": "allow",
        "view_caller_number": "none",
        "tag_names": ["zip", "state"],
        "view_payout": "inherit",
    }
    page = await browser.open(root(manager) + "/permissions")
    assert page.form("for-publishers").fields["tag_names_listed"][0].split() == ["zip", "state"]
    back = await browser.fill(page, "for-publishers", view_revenue="inherit", tag_names="inherit")
    assert back.status == 303
    assert (await manager.get("permissions"))["for_publishers"]["tag_names"] == "inherit"


async def test_what_is_wrong_stands_beside_the_toggle_and_the_rest_stays(manager: Manager, browser: ConsoleBrowser) -> None:
    page = await browser.open(root(manager) + "/permissions")
    typed = {"view_revenue": "allow", "tag_names": "list", "tag_names_listed": "zip\nzip"}
    wrong = await browser.fill(page, "for-buyers", **typed)
    assert (wrong.status, "A tag name is given twice." in wrong.text) == (422, True)
    kept = wrong.form("for-buyers").fields
    assert (kept["view_revenue"], kept["tag_names"], kept["tag_names_listed"][0].split()) == (["allow"], ["list"], ["zip", "zip"])
    assert wrong.form("for-publishers").fields["view_revenue"] == ["inherit"], "the other form stays as it was"
    assert (await browser.fill(page, "for-buyers", view_revenue="perhaps")).status == 422


async def test_a_collaborators_own_permissions_inherit_from_the_company(
    manager: Manager, browser: ConsoleBrowser, db: asyncpg.Connection
) -> None:
    await manager.change("permissions", for_publishers={"view_buyer": "allow", "tag_names": ["<b>zip</b>"]})
    publishers = [await manager.create("publishers", name=name) for name in ("Leads", "Media")]
    await manager.change(f"publishers/{publishers[0]['id']}/permissions", view_revenue="allow")
    person = await add_person(db, manager.door, manager.company_id, publisher_ids=[one["id"] for one in publishers])
    address = root(manager) + f"/collaborators/{person.id}"
    page = await browser.open(f"{address}/permissions")
    assert "inherit (allow, from the company)" in page.text
    assert "inherit (<b>zip</b>, from the company)" in page.text
    assert "<b>zip" not in page.body
    assert (await browser.fill(page, "for-publishers", view_payout="deny")).leads_to == f"{address}/permissions"
    effective = await browser.open(f"{address}/effective-permissions")
    for said in (
        "allow from the company",
        "deny from the collaborator",
        "allow from the publisher: Leads",
        "deny by default: Media",
    ):
        assert said in effective.text


async def test_of_managers_and_of_nobodys_people_no_toggles_are_shown(
    manager: Manager, browser: ConsoleBrowser, db: asyncpg.Connection
) -> None:
    nobody = await add_person(db, manager.door, manager.company_id)
    boss = await add_person(db, manager.door, manager.company_id, role="superuser")
    for person, tab, said in (
        (boss, "permissions", "may everything"),
        (boss, "effective-permissions", "may everything"),
        (nobody, "effective-permissions", "acts as nobody yet"),
    ):
        assert said in (await browser.open(root(manager) + f"/collaborators/{person.id}/{tab}")).text


# --- the audit log


async def test_the_audit_log_tells_who_changed_what(manager: Manager, browser: ConsoleBrowser) -> None:
    publisher = await manager.create("publishers", name="<u>Leads</u>", number_cap=3)
    await manager.change(f"publishers/{publisher['id']}", number_cap=5)
    await manager.change("permissions", for_buyers={"view_payout": "allow"})
    await manager.remove(f"publishers/{publisher['id']}")
    page = await browser.open(root(manager) + "/audit-log")
    assert page.status == 200
    for said in ("created publisher <u>Leads</u>", "number cap 3 → became 5", "view payout", "removed publisher", "API token"):
        assert said in page.text, said
    assert "<u>" not in page.body
    only = await browser.open(root(manager) + "/audit-log?object=publisher&action=changed&within=hour&actor_kind=")
    assert "number cap" in only.text
    assert "view payout" not in only.text
    nothing = await browser.open(root(manager) + "/audit-log?object=engine_key")
    assert "No change was like that." in nothing.text


async def test_the_audit_log_names_what_was_granted_to_whom(manager: Manager, browser: ConsoleBrowser) -> None:
    publisher = await manager.create("publishers", name="<u>Leads</u>")
    campaign = await manager.create("campaigns", name="Auto insurance")
    await manager.change(f"publishers/{publisher['id']}/campaigns", grant=[campaign["id"]])
    await manager.change(f"publishers/{publisher['id']}/permissions", view_payout="deny")
    await manager.create("collaborators", name="Jane", email="jane@leads.example", publisher_ids=[publisher["id"]])
    page = await browser.open(root(manager) + "/audit-log")
    for said in (
        "created campaign grant Auto insurance to <u>Leads</u>",
        "publisher id <u>Leads</u>",
        "publisher ids <u>Leads</u>",
        "said by the publisher <u>Leads</u>",
    ):
        assert said in page.text, said
    await manager.change(f"publishers/{publisher['id']}/campaigns", revoke=[campaign["id"]])
    await manager.remove(f"publishers/{publisher['id']}")
    gone = await browser.open(root(manager) + "/audit-log")
    assert "removed campaign grant Auto insurance to <u>Leads</u>" in gone.text
    assert "said by the publisher <u>Leads</u>" in gone.text, "a name outlives what it was given to"


async def test_the_audit_log_is_paged_and_a_wrong_filter_is_said(manager: Manager, browser: ConsoleBrowser) -> None:
    for number in range(60):
        await manager.create("buyers", name=f"Buyer number {number}")
    first = await browser.open(root(manager) + "/audit-log?object=buyer")
    more = next(link for link in first.links if "cursor=" in link)
    second = await browser.open(root(manager) + "/audit-log" + more)
    assert ("Buyer number 59" in first.text, "Buyer number 59" in second.text, "Buyer number 0" in second.text) == (
        True,
        False,
        True,
    )
    for wrong in ("from=yesterday", "actor_id=x", "object=A+shoe", "object_id=%00", "cursor=x"):
        page = await browser.open(root(manager) + f"/audit-log?{wrong}")
        assert page.status == 200, wrong
        assert 'class="wrong' in page.body, wrong
