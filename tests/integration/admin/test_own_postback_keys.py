"""The postback keys that collaborators set up for publishers they act as."""

from typing import Any

import asyncpg
import pytest

from tests.integration.admin.hiring import World, allow, hire, make_granted
from tests.integration.admin.manager import Manager


@pytest.fixture
async def own(manager: Manager) -> World:
    """What our collaborators have to do with; campaign and number are granted to the publisher."""
    return await make_granted(manager)


@pytest.fixture
async def other(manager: Manager) -> World:
    """As much of the same company that is none of their business."""
    return await make_granted(manager)


async def test_a_publisher_sets_up_its_own_postback_keys(
    manager: Manager, db: asyncpg.Connection, own: World, other: World
) -> None:
    await allow(manager, db, "publisher", own, create_postback_keys="allow")
    person = await hire(manager, db, publishers=[own])
    keys = f"publishers/{own['publisher']['id']}/postback-keys"
    made = await person.create(keys, name="Own", storage_duration_seconds=60, rate_limit_per_second=None, allow_read_back=True)
    assert made["key"] in made["posting_url"]
    address = f"postback-keys/{made['id']}"
    change = {"name": "Renamed", "end_call_cutoff_seconds": 5, "paused": True, "allowed_networks": ["203.0.113.0/24"]}
    changed = await person.change(address, **change)
    assert changed == await person.get(address)
    assert changed.items() >= change.items()
    mine = [own["postback_key"]["id"], made["id"]]
    for listed in (await person.walk(keys, limit=1), await person.walk("postback-keys")):
        assert [key["id"] for key in listed] == mine
    assert (await person.ask("POST", f"{address}/rotate", {})).body["key"] != made["key"]
    await person.remove(address)


async def test_how_much_is_taken_from_a_key_is_for_managers_to_say(manager: Manager, db: asyncpg.Connection, own: World) -> None:
    await allow(manager, db, "publisher", own, create_postback_keys="allow")
    person = await hire(manager, db, publishers=[own])
    address = f"postback-keys/{own['postback_key']['id']}"
    await manager.change(address, rate_limit_per_second=5)
    refusal = (403, "not_permitted", "rate_limit_per_second")
    for rate in (5, 1000, None):
        assert (await person.ask("PATCH", address, {"rate_limit_per_second": rate, "name": "x"})).problem == refusal
    body = {"name": "x", "rate_limit_per_second": 1}
    assert (await person.ask("POST", f"publishers/{own['publisher']['id']}/postback-keys", body)).problem == refusal
    assert (await manager.get(address)).items() >= {"rate_limit_per_second": 5, "name": "Postback key"}.items()


async def test_postback_keys_of_others_dont_exist(manager: Manager, db: asyncpg.Connection, own: World, other: World) -> None:
    third = await make_granted(manager)
    await allow(manager, db, "publisher", own, create_postback_keys="allow")
    person = await hire(manager, db, publishers=[own, third])
    body: Any
    for world in (other, third):
        address = f"postback-keys/{world['postback_key']['id']}"
        for method, path, body in (
            ("GET", address, None),
            ("PATCH", address, {"name": "x", "rate_limit_per_second": 1}),
            ("DELETE", address, None),
            ("POST", f"{address}/rotate", {}),
        ):
            assert (await person.ask(method, path, body)).problem == (404, "not_found", None)
    for method, body in (("GET", None), ("POST", {"name": "x"})):
        keys = "publishers/{}/postback-keys"
        stranger = await person.ask(method, keys.format(other["publisher"]["id"]), body)
        assert stranger.problem == (404, "not_found", None)
        unpermitted = await person.ask(method, keys.format(third["publisher"]["id"]), body)
        assert unpermitted.problem == (403, "not_permitted", None)
    assert [key["id"] for key in (await person.get("postback-keys"))["items"]] == [own["postback_key"]["id"]]
    for stranger_id in (other["publisher"]["id"], 10**15):
        reply = await person.ask("GET", "postback-keys", publisher_id=stranger_id)
        assert reply.problem == (404, "not_found", "publisher_id")
    assert (await person.get("postback-keys", publisher_id=third["publisher"]["id"]))["items"] == []


async def test_who_may_make_no_postback_keys_has_nothing_to_do_with_them(
    manager: Manager, db: asyncpg.Connection, own: World
) -> None:
    person = await hire(manager, db, publishers=[own], buyers=[own])
    keys = f"publishers/{own['publisher']['id']}/postback-keys"
    address = f"postback-keys/{own['postback_key']['id']}"
    for method, path in (("GET", keys), ("POST", keys), ("GET", "postback-keys"), ("GET", address), ("DELETE", address)):
        assert (await person.ask(method, path)).problem == (403, "not_permitted", None)
