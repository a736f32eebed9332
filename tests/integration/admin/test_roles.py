"""Who makes and unmakes whom: owners, superusers and collaborators, also when they do it to each other at once."""

import asyncio
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.roles import Standing
from tests.integration.admin.locks import wait_until_held_up
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="owner")


@pytest.fixture
async def superuser(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="superuser")


async def roles(db: asyncpg.Connection, company_id: int) -> dict[int, str]:
    rows = await db.fetch("select id, role from collaborators where company_id = $1 and removed_at is null", company_id)
    return {row["id"]: row["role"] for row in rows}


async def test_only_an_owner_makes_and_unmakes_owners(
    manager: Manager, owner: Person, superuser: Person, db: asyncpg.Connection
) -> None:
    before = await roles(db, manager.company_id)
    invited = await owner.create("collaborators", name="Second", email="second@example.com", role="owner")
    for other in (superuser, manager):
        body = {"name": "x", "email": "x@example.com", "role": "owner"}
        assert (await other.ask("POST", "collaborators", body)).problem == (403, "not_permitted", "role")
        for somebody in (owner.id, invited["id"]):
            assert (await other.ask("DELETE", f"collaborators/{somebody}")).problem == (403, "not_permitted", None)
            for role in ("superuser", "collaborator"):
                reply = await other.ask("PATCH", f"collaborators/{somebody}", {"role": role})
                assert reply.problem == (403, "not_permitted", None)
        assert (await other.ask("DELETE", f"collaborators/{invited['id']}/invite")).problem == (403, "not_permitted", None)
        assert (
            await other.status("PATCH", f"collaborators/{owner.id}", {"name": "Renamed"}) == 200 if other is superuser else True
        )
    for other in (superuser, manager):
        reply = await other.ask("PATCH", f"collaborators/{superuser.id}", {"role": "owner"})
        assert reply.problem == (403, "not_permitted", "role")
    assert await roles(db, manager.company_id) == before | {invited["id"]: "owner"}
    assert (await owner.change(f"collaborators/{superuser.id}", role="owner"))["role"] == "owner"
    assert (await superuser.change(f"collaborators/{owner.id}", role="superuser"))["role"] == "superuser", "now they may"


async def test_a_superuser_does_everything_else(manager: Manager, superuser: Person) -> None:
    made = await superuser.create("collaborators", name="Jane", email="jane@example.com", role="superuser")
    assert (await superuser.change(f"collaborators/{made['id']}", role="collaborator"))["role"] == "collaborator"
    assert (await superuser.change(f"collaborators/{made['id']}", role="superuser"))["role"] == "superuser"
    await superuser.remove(f"collaborators/{made['id']}")


async def test_nobody_changes_their_own_role(owner: Person, superuser: Person, manager: Manager, db: asyncpg.Connection) -> None:
    before = await roles(db, manager.company_id)
    for person in (owner, superuser):
        for role in {"owner", "superuser", "collaborator"} - {before[person.id]}:
            reply = await person.ask("PATCH", f"collaborators/{person.id}", {"role": role})
            assert reply.problem == (403, "not_permitted", "role")
        assert (await person.change(f"collaborators/{person.id}", name="Me", role=before[person.id]))["name"] == "Me"
    assert await roles(db, manager.company_id) == before


async def test_the_last_owner_stays(manager: Manager, owner: Person, db: asyncpg.Connection, door: Door) -> None:
    """Who was only invited to be an owner isn't one yet."""
    invited = await owner.create("collaborators", name="Second", email="second@example.com", role="owner")
    assert (await owner.ask("DELETE", f"collaborators/{owner.id}")).problem == (409, "last_owner", None)
    await owner.remove(f"collaborators/{invited['id']}")
    second = await add_person(db, door, manager.company_id, role="owner")
    await owner.remove(f"collaborators/{owner.id}")
    assert (await second.ask("DELETE", f"collaborators/{second.id}")).problem == (409, "last_owner", None)
    assert await owner.status("GET", "collaborators") == 404


@pytest.mark.parametrize("way", ["remove", "demote"])
async def test_of_owners_who_unmake_each_other_at_once_one_is_left(
    manager: Manager, db: asyncpg.Connection, door: Door, way: str
) -> None:
    owners = [await add_person(db, door, manager.company_id, role="owner") for _ in range(4)]

    async def unmake(one: Person, other: Person) -> int:
        address = f"collaborators/{other.id}"
        return await (one.status("DELETE", address) if way == "remove" else one.status("PATCH", address, {"role": "superuser"}))

    pairs = [(one, other) for one in owners for other in owners if one is not other]
    statuses = await asyncio.gather(*(unmake(*pair) for pair in pairs))
    assert set(statuses) <= {200, 204, 403, 404, 409}
    assert list((await roles(db, manager.company_id)).values()).count("owner") == 1


async def test_without_the_locked_look_at_roles_all_owners_are_unmade(
    manager: Manager, db: asyncpg.Connection, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: with roles as each found them at first, nobody is the last."""
    owners = [await add_person(db, door, manager.company_id, role="owner") for _ in range(2)]
    both = asyncio.Barrier(2)

    async def stale(*_: object) -> dict[int, Standing]:
        await both.wait()
        return {owner.id: Standing("owner", True) for owner in owners}

    monkeypatch.setattr("admin.store.collaborators.hold_standings", stale)
    one, other = owners
    await asyncio.gather(one.status("DELETE", f"collaborators/{other.id}"), other.status("DELETE", f"collaborators/{one.id}"))
    assert await roles(db, manager.company_id) == {}


async def test_a_role_that_is_taken_meanwhile_gives_nothing_away(
    manager: Manager, owner: Person, db: asyncpg.Connection, door: Door
) -> None:
    """Whoever is being demoted or removed makes no owner with a request that was let in before."""
    for taken in ("role = 'superuser'", "removed_at = now()"):
        falling = await add_person(db, door, manager.company_id, role="owner")
        friend = await add_person(db, door, manager.company_id)
        async with db.transaction():
            await db.execute(f"update collaborators set {taken} where id = $1", falling.id)
            asking = asyncio.create_task(falling.status("PATCH", f"collaborators/{friend.id}", {"role": "owner"}))
            await wait_until_held_up(asking, db)
        assert await asking == 403
        assert (await roles(db, manager.company_id))[friend.id] == "collaborator"


async def test_a_change_of_role_and_of_whom_they_act_as_takes_effect_with_the_next_request(
    manager: Manager, db: asyncpg.Connection, door: Door
) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    person = await add_person(db, door, manager.company_id, role="superuser")
    assert await person.status("GET", "collaborators") == 200
    await manager.change(f"collaborators/{person.id}", role="collaborator")
    assert await person.status("GET", "collaborators") == 403
    assert await person.status("GET", "calls") == 403
    await manager.change(f"collaborators/{person.id}", buyer_ids=[buyer["id"]])
    assert await person.status("GET", "calls") == 200
