"""Letting people in: the list of collaborators, inviting, changing and removing them, and looking with their eyes."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.auth import VIEW_AS_COOKIE
from admin.pages.acts_as import MOST_TICKS
from tests.integration.admin.html_page import ConsoleBrowser, HtmlPage
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="owner")


@pytest.fixture
def browser(door: Door, owner: Person) -> ConsoleBrowser:
    return ConsoleBrowser(door, owner.own_headers)


def root(manager: Manager) -> str:
    return f"/companies/{manager.company_id}"


async def test_the_list_shows_everybody_and_filters(
    manager: Manager, owner: Person, browser: ConsoleBrowser, db: asyncpg.Connection
) -> None:
    publisher, buyer = await manager.create("publishers", name="<i>Leads</i>"), await manager.create("buyers", name="Insurer")
    await manager.create("collaborators", name="Ida", email="ida@example.com", publisher_ids=[publisher["id"]])
    await add_person(db, manager.door, manager.company_id, buyer_ids=[buyer["id"]])
    await add_person(db, manager.door, manager.company_id, publisher_ids=[publisher["id"]])
    page = await browser.open(root(manager) + "/collaborators")
    for said in ("Invited", "No Permissions", "Connected", "<i>Leads</i>", "Insurer", "sees everything"):
        assert said in page.text
    assert "<i>Leads" not in page.body
    only = await browser.open(root(manager) + "/collaborators?status=invited&role=")
    assert "Ida" in only.text
    assert "Insurer" not in only.text
    of_buyer = await browser.open(root(manager) + f"/collaborators?buyer_id={buyer['id']}")
    assert "Who act as the buyer Insurer" in of_buyer.text
    nobody = await browser.open(root(manager) + "/collaborators?status=connected&role=superuser")
    assert "No collaborator is like that." in nobody.text
    for wrong in ("buyer_id=x", "buyer_id=999999", "status=asleep", "cursor=x"):
        assert (await browser.open(root(manager) + f"/collaborators?{wrong}")).status == 200


async def test_somebody_is_invited_and_what_was_typed_stays(manager: Manager, browser: ConsoleBrowser) -> None:
    publisher, buyer = await manager.create("publishers", name="Leads"), await manager.create("buyers", name="Insurer")
    page = await browser.open(root(manager) + f"/collaborators/new?publisher_id={publisher['id']}")
    assert page.form("invite").fields["publisher_ids"] == ["", str(publisher["id"])]
    typed: dict[str, Any] = {"name": "Ida", "role": "superuser", "buyer_ids": ["", str(buyer["id"])]}
    wrong = await browser.fill(page, "invite", email="no address", **typed)
    assert wrong.status == 422
    kept = wrong.form("invite").fields
    assert (kept["name"], kept["email"], kept["role"]) == (["Ida"], ["no address"], ["superuser"])
    assert (kept["publisher_ids"], kept["buyer_ids"]) == (["", str(publisher["id"])], ["", str(buyer["id"])])
    done = await browser.fill(wrong, "invite", email="Ida@Example.com", role="collaborator")
    one = (await manager.walk("collaborators"))[-1]
    assert done.leads_to == root(manager) + f"/collaborators/{one['id']}"
    assert (one["email"], one["publisher_ids"], one["buyer_ids"]) == ("ida@example.com", [publisher["id"]], [buyer["id"]])
    assert browser.notice == "A letter with the invite is on its way to ida@example.com."
    again = await browser.fill(wrong, "invite", email="ida@example.com", role="collaborator")
    assert (again.status, "is a collaborator of this company already" in again.text) == (409, True)


async def test_of_many_publishers_a_search_finds_those_to_tick(
    manager: Manager, browser: ConsoleBrowser, db: asyncpg.Connection
) -> None:
    await db.execute(
        "insert into publishers (company_id, name) select $1, 'Publisher ' || n from generate_series(1, 200) as n",
        manager.company_id,
    )
    last = int(await db.fetchval("select max(id) from publishers"))
    page = await browser.open(root(manager) + "/collaborators/new")
    assert "There are more than are shown" in page.text
    assert len(page.body.encode()) < 100_000
    assert page.body.count('name="publisher_ids" value="') == MOST_TICKS + 1
    address = root(manager) + "/collaborators/new?do=find"
    found = await browser.send(address, page.form("invite").fields | {"name": "Ida", "publisher_ids_search": "Publisher 200"})
    assert f'value="{last}"' in found.body
    assert found.form("invite").fields["name"] == ["Ida"]
    ticked = found.form("invite").fields | {"publisher_ids": ["", str(last)], "publisher_ids_search": "Publisher 7"}
    still = await browser.send(address, ticked)
    assert still.form("invite").fields["publisher_ids"] == ["", str(last)]
    assert await manager.walk("collaborators", limit=200) == [
        one for one in await manager.walk("collaborators") if one["name"] != "Ida"
    ]


async def test_one_is_changed_invited_again_withdrawn_and_removed(manager: Manager, browser: ConsoleBrowser) -> None:
    publisher = await manager.create("publishers", name="Leads")
    made = await manager.create("collaborators", name="Ida", email="ida@example.com", publisher_ids=[publisher["id"]])
    address = root(manager) + f"/collaborators/{made['id']}"

    async def look() -> HtmlPage:
        page = await browser.open(address)
        assert page.status == 200
        return page

    changed = await browser.fill(await look(), "change", name="Ida B", publisher_ids=[""])
    assert changed.leads_to == address
    one = await manager.get(f"collaborators/{made['id']}")
    assert (one["name"], one["publisher_ids"]) == ("Ida B", [])
    gone = await browser.fill(await look(), "change", name="Ida C", buyer_ids=["", "999999"])
    assert (gone.status, "There is no such buyer." in gone.text, gone.form("change").fields["name"]) == (404, True, ["Ida C"])
    assert (await browser.fill(await look(), "resend")).leads_to == address
    assert (await browser.fill(await look(), "withdraw")).leads_to == address
    page = await look()
    assert "The invite was withdrawn." in page.text
    assert not page.has_form("withdraw")
    assert (await browser.fill(page, "remove")).leads_to == root(manager) + "/collaborators"
    assert (await browser.open(address)).status == 404


async def test_the_last_owner_stays(manager: Manager, owner: Person, browser: ConsoleBrowser) -> None:
    page = await browser.open(root(manager) + f"/collaborators/{owner.id}")
    assert "role" not in page.form("change").fields, "nobody changes their own role"
    kept = await browser.fill(page, "remove")
    assert (kept.status, "A company always has an owner" in kept.text) == (409, True)


async def test_only_an_owner_is_offered_to_make_owners(
    door: Door, manager: Manager, owner: Person, db: asyncpg.Connection
) -> None:
    superuser = await add_person(db, door, manager.company_id, role="superuser")
    for person, offered in ((owner, True), (superuser, False)):
        page = await ConsoleBrowser(door, person.own_headers).open(root(manager) + "/collaborators/new")
        assert ('<option value="owner"' in page.body) is offered
    browser = ConsoleBrowser(door, superuser.own_headers)
    page = await browser.open(root(manager) + "/collaborators/new")
    refused = await browser.fill(page, "invite", name="Ida", email="ida@example.com", role="owner")
    assert (refused.status, "Only an owner makes owners." in refused.text) == (403, True)


async def test_a_collaborator_and_a_stranger_come_to_none_of_this(
    door: Door, manager: Manager, neighbour: Manager, owner: Person, db: asyncpg.Connection
) -> None:
    collaborator = await add_person(db, door, manager.company_id)
    stranger = await add_person(db, door, neighbour.company_id, role="owner")
    pages = ("collaborators", "collaborators/new", f"collaborators/{owner.id}", f"collaborators/{owner.id}/permissions")
    more = (f"collaborators/{owner.id}/effective-permissions", "permissions", "audit-log", "view-as")
    for path in pages + more:
        for person, status in ((collaborator, 403), (stranger, 404)):
            page = await ConsoleBrowser(door, person.own_headers).open(f"{root(manager)}/{path}")
            assert page.status == status, path
    for form in (
        "collaborators/new?do=invite",
        f"collaborators/{owner.id}?do=remove",
        "permissions?do=for-buyers",
        "view-as?do=start",
    ):
        for person, status in ((collaborator, 403), (stranger, 404)):
            page = await ConsoleBrowser(door, person.own_headers).send(f"{root(manager)}/{form}", {"name": "Ida"})
            assert page.status == status, form


# --- with somebody else's eyes


async def test_a_manager_looks_with_a_collaborators_eyes_until_they_stop(
    door: Door, manager: Manager, browser: ConsoleBrowser, db: asyncpg.Connection
) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    seen = await add_person(db, door, manager.company_id, buyer_ids=[buyer["id"]])
    page = await browser.open(root(manager) + f"/collaborators/{seen.id}")
    assert (await browser.fill(page, "start")).leads_to == root(manager)
    name = await db.fetchval("select name from collaborators where id = $1", seen.id)
    looking = await browser.open(root(manager))
    assert f"You see what {name} sees" in looking.text
    assert not {f"{root(manager)}/collaborators", f"{root(manager)}/audit-log"} & set(looking.links)
    assert (await browser.open(root(manager) + "/collaborators")).status == 403
    refused = await browser.send(root(manager) + f"/buyers/{buyer['id']}?do=change", {"name": "Mine"})
    assert (refused.status, "You are only looking" in refused.text) == (403, True)
    assert await db.fetchval("select count(*) from audit_log where action = 'viewed_as'") == 1
    assert (await browser.fill(looking, "stop")).leads_to == root(manager)
    assert VIEW_AS_COOKIE not in browser.cookies
    assert (await browser.open(root(manager) + "/collaborators")).status == 200


async def test_the_cookie_of_viewing_counts_in_its_company_and_for_managers_alone(
    door: Door, manager: Manager, neighbour: Manager, owner: Person, db: asyncpg.Connection
) -> None:
    seen = await add_person(db, door, manager.company_id)
    theirs = await add_person(db, door, neighbour.company_id)
    await add_person(db, door, neighbour.company_id, role="owner", user_id=owner.user_id)
    browser = ConsoleBrowser(door, owner.own_headers)
    browser.cookies[VIEW_AS_COOKIE] = f"{manager.company_id}.{seen.id}"
    assert "You see what" in (await browser.open(root(manager))).text
    browser.cookies[VIEW_AS_COOKIE] = f"{manager.company_id}.{theirs.id}"
    assert "You see what" not in (await browser.open(root(neighbour))).text
    browser.cookies[VIEW_AS_COOKIE] = f"{manager.company_id}.{seen.id}"
    assert "You see what" not in (await browser.open("/me")).text
    for cookie in (f"{manager.company_id}.{owner.id}", f"{manager.company_id}.999999", f"{manager.company_id}.x", "x"):
        browser.cookies[VIEW_AS_COOKIE] = cookie
        assert "You see what" not in (await browser.open(root(manager))).text, cookie
    other = await add_person(db, door, manager.company_id)
    low = ConsoleBrowser(door, other.own_headers)
    low.cookies[VIEW_AS_COOKIE] = f"{manager.company_id}.{seen.id}"
    page = await low.open(root(manager))
    assert (page.status, "You see what" in page.text) == (200, False)
    token = {"Authorization": f"Bearer {manager.token}", "Cookie": f"{VIEW_AS_COOKIE}={manager.company_id}.{seen.id}"}
    door.session.cookie_jar.clear()
    async with door.get(f"/v1{root(manager)}/collaborators", headers=token) as reply:
        assert reply.status == 200, "with a token the cookie says nothing"


async def test_who_cannot_be_viewed_as_is_refused(manager: Manager, owner: Person, browser: ConsoleBrowser) -> None:
    page = await browser.open(root(manager) + "/view-as")
    assert "There is no collaborator whose eyes" in page.text
    for collaborator_id, status in ((owner.id, 403), (999999, 404), ("x", 422)):
        assert (await browser.send(root(manager) + "/view-as?do=start", {"collaborator_id": collaborator_id})).status == status
    assert VIEW_AS_COOKIE not in browser.cookies
