"""API tokens of the company's and of collaborators' own: whose they are, who has to do with them, what they may."""

from typing import Any

import asyncpg
import pytest

from tests.integration.admin.manager import JsonObject, Manager
from tests.integration.admin.persons import Person, add_person, permit


@pytest.fixture
async def world(manager: Manager) -> dict[str, JsonObject]:
    return await manager.create_one_of_each()


@pytest.fixture
async def person(manager: Manager, db: asyncpg.Connection, world: dict[str, JsonObject]) -> Person:
    return await add_person(db, manager.door, manager.company_id, publisher_ids=[world["publisher"]["id"]])


@pytest.fixture
async def stranger(manager: Manager, db: asyncpg.Connection, world: dict[str, JsonObject]) -> Person:
    """Another collaborator of the same publisher."""
    return await add_person(db, manager.door, manager.company_id, publisher_ids=[world["publisher"]["id"]])


async def test_a_collaborator_makes_lists_renames_and_revokes_their_own(manager: Manager, person: Person) -> None:
    made = await person.create("api-tokens", name="Own")
    assert made["collaborator_id"] == person.id
    shown = {field: value for field, value in made.items() if field != "token"}
    assert (await person.get("api-tokens"))["items"] == [shown]
    address = f"api-tokens/{made['id']}"
    assert await person.get(address) == shown
    assert await person.change(address, name="Renamed") == shown | {"name": "Renamed"}
    assert (await person.ask("GET", "publishers", token=made["token"])).status == 200
    await person.remove(address)
    assert (await person.ask("GET", "publishers", token=made["token"])).problem == (401, "invalid_api_token", None)


async def test_tokens_of_the_company_and_of_others_dont_exist_for_a_collaborator(
    manager: Manager, person: Person, stranger: Person, world: dict[str, JsonObject]
) -> None:
    theirs = await stranger.create("api-tokens", name="Theirs")
    for token_id in (theirs["id"], world["api_token"]["id"], 10**15):
        for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
            assert (await person.ask(method, f"api-tokens/{token_id}", body)).problem == (404, "not_found", None)
    assert (await person.get("api-tokens"))["items"] == []
    assert (await stranger.get(f"api-tokens/{theirs['id']}"))["name"] == "Theirs"


async def test_a_manager_sees_and_revokes_a_collaborators_token_but_doesnt_rename_it(manager: Manager, person: Person) -> None:
    made = await person.create("api-tokens", name="Own")
    address = f"api-tokens/{made['id']}"
    assert (await manager.get(address))["collaborator_id"] == person.id
    owners = [token["collaborator_id"] for token in await manager.walk("api-tokens", limit=1)]
    assert owners == [None, None, person.id]
    assert (await manager.ask("PATCH", address, {"name": "x"})).problem == (403, "not_permitted", None)
    await manager.remove(address)
    assert (await person.ask("GET", "publishers", token=made["token"])).status == 401


async def test_a_manager_who_signed_in_makes_the_companys_tokens(manager: Manager, db: asyncpg.Connection) -> None:
    for role in ("owner", "superuser"):
        boss = await add_person(db, manager.door, manager.company_id, role=role)
        made = await boss.create("api-tokens", name=role)
        assert made["collaborator_id"] is None
        await boss.change(f"api-tokens/{made['id']}", name="Renamed")
        assert (await manager.ask("GET", "", token=made["token"])).status == 200


async def test_a_collaborators_token_revokes_itself_and_the_companys_never(manager: Manager, person: Person) -> None:
    made = await person.create("api-tokens", name="Own")
    assert (await person.ask("DELETE", f"api-tokens/{made['id']}", token=made["token"])).status == 204
    me = await manager.get("/v1/me")
    assert (await manager.ask("DELETE", f"api-tokens/{me['api_token_id']}")).problem == (409, "api_token_in_use", None)


async def test_a_token_is_never_more_than_its_collaborator(
    manager: Manager, db: asyncpg.Connection, person: Person, world: dict[str, JsonObject]
) -> None:
    made = await person.create("api-tokens", name="Own")
    token = made["token"]

    async def ask(method: str, path: str, body: Any = None) -> int:
        return (await person.ask(method, path, body, token=token)).status

    publisher_id = world["publisher"]["id"]
    assert await ask("GET", f"publishers/{publisher_id}") == 200
    for method, path in (("POST", "publishers"), ("PATCH", ""), ("GET", "audit-log"), ("GET", "engine-keys")):
        assert await ask(method, path, None if method == "GET" else {"name": "x"}) == 403
    second = await person.ask("POST", "api-tokens", {"name": "Second"}, token=token)
    assert second.body["collaborator_id"] == person.id, "a token makes tokens of the same collaborator"
    await permit(db, manager.company_id, "publisher", publisher_id, "publisher", {"use_api": "deny"})
    assert await ask("GET", f"publishers/{publisher_id}") == 404, "as nobody that it may speak for"
    assert await ask("GET", "api-tokens") == 403
    assert (await person.get("publishers"))["items"] != [], "in the browser nothing has changed"
    assert (await person.ask("POST", "api-tokens", {"name": "x"})).problem == (403, "not_permitted", None)
    await permit(db, manager.company_id, "publisher", publisher_id, "publisher", {})
    await db.execute("update collaborators set publisher_ids = '{}' where id = $1", person.id)
    assert await ask("GET", f"publishers/{publisher_id}") == 404
    await db.execute("update collaborators set removed_at = now() where id = $1", person.id)
    assert await ask("GET", "publishers") == 401


async def test_a_token_acts_in_its_own_company_alone(manager: Manager, neighbour: Manager, person: Person) -> None:
    made = await person.create("api-tokens", name="Own")
    reply = await person.ask("GET", f"/v1/companies/{neighbour.company_id}/publishers", token=made["token"])
    assert reply.problem == (404, "not_found", None)
