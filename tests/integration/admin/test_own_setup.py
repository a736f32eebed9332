"""What collaborators see of the setup, and what they set up themselves: their publishers, buyers, campaigns, numbers and keys."""

from typing import Any

import asyncpg
import pytest

from tests.integration.admin.hiring import World, allow, hire, make_granted
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, permit


@pytest.fixture
async def own(manager: Manager) -> World:
    """What our collaborators have to do with; campaign and number are granted to the publisher."""
    return await make_granted(manager)


@pytest.fixture
async def other(manager: Manager) -> World:
    """As much of the same company that is none of their business."""
    return await make_granted(manager)


async def seen(person: Person) -> dict[str, list[int]]:
    return {noun: [item["id"] for item in await person.walk(noun)] for noun in ("publishers", "buyers", "campaigns", "numbers")}


# --- lists and details


async def test_a_publisher_sees_itself_and_what_is_granted_to_it(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    person = await hire(manager, db, publishers=[own])
    ids = {noun: [own[noun.removesuffix("s")]["id"]] for noun in ("publishers", "campaigns", "numbers")}
    assert await seen(person) == ids | {"buyers": []}
    for noun, (thing,) in ids.items():
        assert await person.get(f"{noun}/{thing}") == (await person.get(noun))["items"][0]
    for noun in (*ids, "buyers"):
        thing = other[noun.removesuffix("s")]["id"]
        replies = [await person.ask("GET", f"{noun}/{id_}") for id_ in (thing, 10**15)]
        assert [reply.problem for reply in replies] == [(404, "not_found", None)] * 2
        assert len({reply.text for reply in replies}) == 1, "what isn't theirs can't be told from what isn't there"
    assert (await person.ask("GET", f"buyers/{own['buyer']['id']}")).status == 404


async def test_a_buyer_sees_itself(manager: Manager, db: asyncpg.Connection, own: World, other: World) -> None:
    person = await hire(manager, db, buyers=[own])
    assert await seen(person) == {"publishers": [], "buyers": [own["buyer"]["id"]], "campaigns": [], "numbers": []}
    assert (await person.get(f"buyers/{own['buyer']['id']}"))["price_cents"] == 1500
    for path in (f"buyers/{other['buyer']['id']}", f"campaigns/{own['campaign']['id']}", f"numbers/{own['number']['id']}"):
        assert (await person.ask("GET", path)).status == 404


async def test_an_id_that_a_publisher_and_a_buyer_have_opens_nothing_of_the_other(
    manager: Manager, db: asyncpg.Connection, own: World
) -> None:
    assert own["publisher"]["id"] == own["buyer"]["id"] == 1, "otherwise this shows nothing"
    as_buyer, as_publisher = await hire(manager, db, buyers=[own]), await hire(manager, db, publishers=[own])
    assert (await as_buyer.ask("GET", "publishers/1")).status == 404
    assert (await as_publisher.ask("GET", "buyers/1")).status == 404


async def test_who_acts_as_several_sees_all_of_theirs(manager: Manager, db: asyncpg.Connection, own: World, other: World) -> None:
    person = await hire(manager, db, publishers=[own, other], buyers=[other])
    assert [len(ids) for ids in (await seen(person)).values()] == [2, 1, 2, 2]
    nobody = await hire(manager, db)
    assert [len(ids) for ids in (await seen(nobody)).values()] == [0, 0, 0, 0]


async def test_what_was_revoked_is_seen_no_longer(manager: Manager, db: asyncpg.Connection, own: World) -> None:
    person = await hire(manager, db, publishers=[own])
    for noun in ("campaigns", "numbers"):
        thing = own[noun.removesuffix("s")]["id"]
        await manager.change(f"publishers/{own['publisher']['id']}/{noun}", revoke=[thing])
        assert (await person.get(noun))["items"] == []
        assert (await person.ask("GET", f"{noun}/{thing}")).status == 404


async def test_pages_of_a_collaborator_are_full_of_what_they_see(manager: Manager, db: asyncpg.Connection, own: World) -> None:
    worlds = [own, *[await make_granted(manager) for _ in range(4)]]
    person = await hire(manager, db, publishers=worlds[::2], buyers=worlds[1::2])
    for noun, mine in (
        ("publishers", worlds[::2]),
        ("buyers", worlds[1::2]),
        ("campaigns", worlds[::2]),
        ("numbers", worlds[::2]),
    ):
        assert len((await person.get(noun, limit=2))["items"]) == 2
        walked = [item["id"] for item in await person.walk(noun, limit=1)]
        assert walked == [world[noun.removesuffix("s")]["id"] for world in mine]


# --- hidden fields


async def test_the_payout_is_shown_through_a_publisher_that_may_see_it_and_has_the_campaign(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    await allow(manager, db, "publisher", own, view_payout="deny")
    person = await hire(manager, db, publishers=[own, other])
    campaigns = {item["id"]: (item["payout_cents"], item["hidden"]) for item in (await person.get("campaigns"))["items"]}
    assert campaigns == {own["campaign"]["id"]: (None, ["payout_cents"]), other["campaign"]["id"]: (700, [])}
    address = f"campaigns/{own['campaign']['id']}"
    assert (await person.get(address))["payout_cents"] is None
    await manager.change(f"publishers/{other['publisher']['id']}/campaigns", grant=[own["campaign"]["id"]])
    assert ((await person.get(address))["payout_cents"], (await person.get(address))["hidden"]) == (700, [])
    assert (await manager.get(address))["payout_cents"] == 700


async def test_the_price_is_shown_to_a_buyer_that_may_see_revenue(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    await allow(manager, db, "buyer", own, view_revenue="deny", edit_buyer="allow")
    person = await hire(manager, db, buyers=[own, other])
    buyers = {item["id"]: (item["price_cents"], item["hidden"]) for item in (await person.get("buyers"))["items"]}
    assert buyers == {own["buyer"]["id"]: (None, ["price_cents"]), other["buyer"]["id"]: (1500, [])}
    address = f"buyers/{own['buyer']['id']}"
    assert (await person.get(address))["price_cents"] is None
    assert (await person.change(address, name="Renamed"))["price_cents"] is None, "a change tells no more than a look"


async def test_whose_a_number_is_isnt_told_where_that_is_another(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    lent = other["number"]["id"]
    await manager.change(f"publishers/{own['publisher']['id']}/numbers", grant=[lent])
    person = await hire(manager, db, publishers=[own])
    numbers = {item["id"]: (item["publisher_id"], item["hidden"]) for item in (await person.get("numbers"))["items"]}
    assert numbers == {own["number"]["id"]: (own["publisher"]["id"], []), lent: (None, ["publisher_id"])}
    assert (await person.get(f"numbers/{lent}"))["hidden"] == ["publisher_id"]
    for stranger in (other["publisher"]["id"], 10**15):
        assert (await person.ask("GET", "numbers", publisher_id=stranger)).problem == (404, "not_found", "publisher_id")
    mine = await person.get("numbers", publisher_id=own["publisher"]["id"])
    assert [item["id"] for item in mine["items"]] == [own["number"]["id"]]


async def test_a_filter_tells_nothing_of_campaigns_that_arent_seen(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    person = await hire(manager, db, publishers=[own])
    foreign = await neighbour.create("campaigns", name="Foreign")
    for campaign in (other["campaign"]["id"], foreign["id"], 10**15):
        assert (await person.get("numbers", campaign_id=campaign))["items"] == []
    assert len((await person.get("numbers", campaign_id=own["campaign"]["id"]))["items"]) == 1


# --- buyers


@pytest.mark.parametrize(("toggle", "field", "value"), [("edit_buyer", "name", "Renamed"), ("pause_buyer", "paused", True)])
async def test_a_buyer_is_renamed_and_paused_by_who_may(
    manager: Manager, db: asyncpg.Connection, own: World, other: World, toggle: str, field: str, value: Any
) -> None:
    person = await hire(manager, db, buyers=[own, other])
    address = f"buyers/{own['buyer']['id']}"
    assert (await person.ask("PATCH", address, {field: value})).problem == (403, "not_permitted", None)
    await allow(manager, db, "buyer", own, **{toggle: "allow"})
    before = await manager.get(address)
    fields = {"name": "Taken", "price_cents": 1, "paused": True}
    for taken in fields.keys() - {field}:
        for body in ({taken: fields[taken]}, {taken: fields[taken], field: value}):
            assert (await person.ask("PATCH", address, body)).problem == (403, "not_permitted", taken)
    assert (await person.ask("PATCH", address, {"price_cents": None})).problem == (403, "not_permitted", "price_cents")
    refused = await person.ask("PATCH", f"buyers/{other['buyer']['id']}", {field: value})
    assert refused.problem == (403, "not_permitted", field), "what holds for one of theirs doesn't for another"
    assert await manager.get(address) == before
    assert await person.change(address, **{field: value}) == before | {field: value}


async def test_nobody_changes_a_buyer_that_they_dont_act_as(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    await permit(db, manager.company_id, "company", 0, "buyer", {"edit_buyer": "allow", "pause_buyer": "allow"})
    person = await hire(manager, db, publishers=[other], buyers=[own])
    for stranger in (other["buyer"]["id"], 10**15):
        assert (await person.ask("PATCH", f"buyers/{stranger}", {"name": "x"})).problem == (404, "not_found", None)
    for method, path, body in (("DELETE", f"buyers/{own['buyer']['id']}", None), ("POST", "buyers", {"name": "x"})):
        assert (await person.ask(method, path, body)).problem == (403, "not_permitted", None)


# --- what only managers do


async def test_whatever_collaborators_are_allowed_the_rest_is_for_managers(
    manager: Manager, db: asyncpg.Connection, own: World, subtests: pytest.Subtests
) -> None:
    for kind, toggles in (("publisher", ("create_numbers", "create_postback_keys")), ("buyer", ("edit_buyer", "pause_buyer"))):
        await permit(db, manager.company_id, "company", 0, kind, dict.fromkeys(toggles, "allow"))  # type: ignore[arg-type] # a pair
    person = await hire(manager, db, publishers=[own], buyers=[own])
    ids = {noun: thing["id"] for noun, thing in own.items()}
    for method, path in (
        ("POST", "publishers"),
        ("PATCH", "publishers/{publisher}"),
        ("DELETE", "publishers/{publisher}"),
        ("GET", "publishers/{publisher}/campaigns"),
        ("PUT", "publishers/{publisher}/campaigns"),
        ("PATCH", "publishers/{publisher}/campaigns"),
        ("GET", "publishers/{publisher}/numbers"),
        ("PUT", "publishers/{publisher}/numbers"),
        ("PATCH", "publishers/{publisher}/numbers"),
        ("POST", "campaigns"),
        ("PATCH", "campaigns/{campaign}"),
        ("DELETE", "campaigns/{campaign}"),
        ("PATCH", "numbers/{number}"),
        ("DELETE", "numbers/{number}"),
        ("GET", "engine-keys"),
        ("POST", "engine-keys"),
        ("GET", "audit-log"),
        ("PATCH", ""),
    ):
        with subtests.test(f"{method} {path}"):
            reply = await person.ask(method, path.format(**ids), None if method in ("GET", "DELETE") else {})
            assert reply.problem == (403, "not_permitted", None)
