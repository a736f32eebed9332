"""A caller's file and its erasure in the console; the number is in no address."""

import pytest

from tests.integration.admin.lookers import XSS, Looker
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person
from tests.integration.erasing import EMAIL, internal, leave_traces, manager
from tests.world import CALLER, World

__all__ = ["internal", "manager"]  # fixtures


@pytest.fixture
async def owner(world: World, manager: Manager) -> Looker:
    return Looker(await add_person(world.postgres, manager.door, world.company.id, role="owner"))


async def test_a_number_is_looked_up_and_the_file_shown(world: World, owner: Looker) -> None:
    await leave_traces(world, CALLER)
    await world.post({XSS: XSS})
    await world.drain()
    page = await owner.fill(await owner.see("/callers"), "look", number="(555) 123-0000")
    assert page.status == 200
    assert f"The file of {CALLER}" in page.text
    assert EMAIL in page.text
    assert XSS in page.text
    assert XSS not in page.body
    assert f"{owner.root}/calls/open-0000" in page.links
    assert not any(CALLER[1:] in link for link in page.links)
    assert len(page.body) < 100_000


async def test_what_is_no_number_is_said_beside_it_and_stays(owner: Looker) -> None:
    for typed in ("12", "", "x" * 80, "anonymous"):
        page = await owner.fill(await owner.see("/callers"), "look", number=typed)
        assert page.status == 422
        assert 'id="wrong-number"' in page.body
        assert page.form("look").fields["number"] == [typed]


async def test_an_erasure_is_asked_for_once_more_and_shows_its_receipt(world: World, owner: Looker) -> None:
    await leave_traces(world, CALLER)
    await world.drain()
    page = await owner.fill(await owner.see("/callers"), "look", number=CALLER)
    assert "This can't be taken back." in page.text
    page = await owner.fill(page, "erase")
    assert page.status == 200
    assert "This is receipt 1" in page.text
    assert "+*******0000" in page.text
    assert EMAIL not in page.text


async def test_only_managers_have_this_room(world: World, manager: Manager, owner: Looker) -> None:
    person = await add_person(
        world.postgres,
        manager.door,
        world.company.id,
        publisher_ids=[world.company.publisher_id],
        buyer_ids=[world.company.buyer_id],
    )
    collaborator = Looker(person)
    await collaborator.see("/callers", 403)
    for does in ("look", "erase"):
        page = await collaborator.send(f"{collaborator.root}/callers?do={does}", {"number": CALLER})
        assert page.status == 403


async def test_nothing_is_pretended_while_the_merger_is_away(owner: Looker, internal: object) -> None:
    page = await owner.see("/callers")
    await internal.close()  # type: ignore[attr-defined]
    assert (await owner.fill(page, "look", number=CALLER)).status == 503
