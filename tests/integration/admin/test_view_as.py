"""A manager who looks at things as a collaborator does: only looks, sees what they see, and is in the audit log."""

import asyncio
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.auth import VIEW_AS
from admin.routes import ROUTES
from tests.integration.admin.manager import Manager, add_call
from tests.integration.admin.persons import Person, add_person, visitor

Door = TestClient[Any, Any]


@pytest.fixture
async def superuser(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="superuser")


@pytest.fixture
async def buyer(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    """Somebody who acts as a buyer."""
    made = await manager.create("buyers", name="Insurer")
    return await add_person(db, door, manager.company_id, buyer_ids=[made["id"]])


async def views(db: asyncpg.Connection) -> list[tuple[str, str]]:
    """By whom and as whom things were looked at."""
    rows = await db.fetch("select actor ->> 'name' as name, object_id from audit_log where action = 'viewed_as' order by id")
    return [(row["name"], row["object_id"]) for row in rows]


async def test_a_manager_sees_what_the_collaborator_sees(
    manager: Manager, superuser: Person, buyer: Person, db: asyncpg.Connection
) -> None:
    buyer_id = (await manager.get("buyers"))["items"][0]["id"]
    await add_call(db, manager.company_id, answered_by=buyer_id, payout_cents=5, publisher_id=7)
    await add_call(db, manager.company_id)
    token = Person(manager.door, manager.company_id, manager.headers(None))
    for looker in (superuser.viewing_as(buyer.id), token.viewing_as(buyer.id)):
        for path in ("calls", "buyers", "publishers"):
            assert await looker.get(path) == await buyer.get(path)
        assert await looker.status("GET", "collaborators") == 403
        assert await looker.status("GET", "permissions") == 403
    assert len((await superuser.get("calls"))["items"]) == 2, "without the header they are themselves"


async def test_a_manager_only_looks(manager: Manager, superuser: Person, buyer: Person, db: asyncpg.Connection) -> None:
    """Whatever changes something is refused, in the other's name and in their own."""
    looker = superuser.viewing_as(buyer.id)
    before = await db.fetchval("select count(*) from audit_log")
    changing = [route for route in ROUTES if route.method != "GET" and route.action is not None]
    for route in changing:
        ids = dict.fromkeys(route.ids, 1) | {"company_id": manager.company_id}
        reply = await looker.ask(route.method, route.path.format(**ids), {})
        expected = (403, "read_only", None) if "{company_id}" in route.path else (403, "not_permitted", None)
        assert reply.problem == expected, route.path
    assert len(changing) > 20
    assert await db.fetchval("select count(*) from audit_log where action <> 'viewed_as'") == before


async def test_only_managers_do_and_only_as_collaborators_of_theirs(
    manager: Manager, neighbour: Manager, superuser: Person, buyer: Person, db: asyncpg.Connection, door: Door
) -> None:
    owner = await add_person(db, door, manager.company_id, role="owner")
    foreign = await add_person(db, door, neighbour.company_id)
    gone = await add_person(db, door, manager.company_id)
    await manager.remove(f"collaborators/{gone.id}")
    for somebody in (owner.id, superuser.id, foreign.id, gone.id, 2**62):
        assert (await superuser.viewing_as(somebody).ask("GET", "calls")).problem == (404, "not_found", None)
    for text in ("x", "-1", "1.5", "٣", "9" * 30, "1 or 1=1"):
        looker = Person(door, manager.company_id, superuser.own_headers | {VIEW_AS: text})
        assert (await looker.ask("GET", "calls")).problem == (404, "not_found", None), text
    other = await add_person(db, door, manager.company_id)
    assert (await buyer.viewing_as(other.id).ask("GET", "calls")).problem == (403, "not_permitted", None)
    assert (await buyer.viewing_as(buyer.id).ask("GET", "calls")).problem == (403, "not_permitted", None)
    nobody = Person(door, manager.company_id, visitor(door, manager.company_id).own_headers | {VIEW_AS: str(buyer.id)})
    assert (await nobody.ask("GET", "calls")).status == 401
    assert await views(db) == []


async def test_it_is_in_the_audit_log_once_an_hour(
    manager: Manager, superuser: Person, buyer: Person, db: asyncpg.Connection, door: Door
) -> None:
    """Also when a page asks for many things at once."""
    await asyncio.gather(*(superuser.status("GET", "calls") for _ in range(20)))  # every connection is open by now
    looker = superuser.viewing_as(buyer.id)
    assert set(await asyncio.gather(*(looker.status("GET", "calls") for _ in range(20)))) == {200}
    assert await views(db) == [(await name_of(db, superuser), str(buyer.id))]
    await age_views(db, "59 minutes")
    await looker.get("calls")
    assert len(await views(db)) == 1
    await age_views(db, "2 minutes")
    await looker.get("calls")
    assert len(await views(db)) == 2
    second = await add_person(db, door, manager.company_id, role="superuser")
    await second.viewing_as(buyer.id).get("calls")
    assert [name for name, _ in await views(db)][-1] == await name_of(db, second), "each manager for themselves"


async def name_of(db: asyncpg.Connection, person: Person) -> str:
    return str(await db.fetchval("select name from users where id = $1", person.user_id))


async def age_views(db: asyncpg.Connection, interval: str) -> None:
    """Make the notes older, behind the trigger that refuses it."""
    await db.execute("alter table audit_log disable trigger append_only")
    await db.execute(f"update audit_log set at = at - interval '{interval}' where action = 'viewed_as'")
    await db.execute("alter table audit_log enable trigger append_only")
