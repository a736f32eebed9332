"""No route of one company reaches into another. The route table makes the attempts: a route that isn't tried here fails."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from admin.database import Database
from admin.route import Route
from admin.routes import ROUTES
from tests.integration.admin.manager import Manager, add_call, add_postback
from tests.integration.admin.test_keys import dump
from tests.integration.admin.test_row_security import of_company_carelessly, without_walls

BODIES: dict[str, Any] = {
    "change_company": {"name": "Taken over"},
    "create_publisher": {"name": "x"},
    "change_publisher": {"name": "Taken over"},
    "put_campaign_grants": {"campaign_ids": []},
    "change_campaign_grants": {},
    "put_number_grants": {"number_ids": []},
    "change_number_grants": {},
    "create_buyer": {"name": "x"},
    "change_buyer": {"name": "Taken over"},
    "create_campaign": {"name": "x"},
    "change_campaign": {"name": "Taken over"},
    "create_number": {"number": "+12025550133", "campaign_id": "OWN campaign"},
    "change_number": {"pool": True},
    "create_postback_key": {"name": "x"},
    "change_postback_key": {"name": "Taken over"},
    "rotate_postback_key": {"grace_seconds": 0},
    "create_engine_key": {"name": "x"},
    "change_engine_key": {"name": "Taken over"},
    "rotate_engine_key": {"grace_seconds": 0},
    "create_api_token": {"name": "x"},
    "change_api_token": {"name": "Taken over"},
}
"""A body that would do harm, by handler."""

OF_NOBODY = {"show_me", "list_companies"}
"""Routes without an id: they answer from the token alone."""

IN_BODIES = [
    ("create_number", "campaign_id"),
    ("create_number", "publisher_id"),
    ("change_number", "campaign_id"),
    ("change_number", "publisher_id"),
]
IN_QUERIES = [
    ("calls", "campaign_id"),
    ("calls", "publisher_id"),
    ("calls", "answered_by"),
    ("numbers", "campaign_id"),
    ("numbers", "publisher_id"),
    ("postback-keys", "publisher_id"),
    ("postback-log", "publisher_id"),
    ("postback-log", "postback_key_id"),
]


def name_of(route: Route) -> str:
    return route.handler.__name__


async def ids_of(manager: Manager, db: asyncpg.Connection) -> dict[str, Any]:
    """One of each that a company has, by the name that its id has in paths, bodies and queries."""
    ids: dict[str, Any] = {f"{noun}_id": made["id"] for noun, made in (await manager.create_one_of_each()).items()}
    ids |= {"company_id": manager.company_id, "answered_by": ids["buyer_id"]}
    ids["call_uuid"] = await add_call(db, manager.company_id, publisher_id=ids["publisher_id"])
    ids["postback_id"] = await add_postback(
        db, manager.company_id, publisher_id=ids["publisher_id"], call_uuids=[ids["call_uuid"]]
    )
    return ids


@pytest.mark.parametrize("route", [route for route in ROUTES if name_of(route) not in OF_NOBODY], ids=name_of)
async def test_what_belongs_to_another_company_is_not_found_and_stays_as_it_is(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, route: Route
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    before = await dump(db)
    assert await find_leaks(manager, route, own, foreign) == []
    assert await dump(db) == before
    if route.method != "DELETE" or name_of(route) == "remove_buyer":
        reply = await manager.ask(route.method, route.path.format(**own), body_of(route, own))
        assert reply.status == route.status, "the same attempt works at home, so it wasn't refused for another reason"


def body_of(route: Route, own: dict[str, Any]) -> Any:
    body = BODIES[name_of(route)] if route.body else None
    return body | {"campaign_id": own["campaign_id"]} if body and "campaign_id" in body else body


async def find_leaks(manager: Manager, route: Route, own: dict[str, Any], foreign: dict[str, Any]) -> list[str]:
    """The paths with another company's id, each of them in turn and all together, that are answered with anything but 404."""
    paths = {route.path.format(**own | {field: foreign[field]}) for field in route.ids} | {route.path.format(**foreign)}
    leaks = []
    for path in sorted(paths):
        reply = await manager.ask(route.method, path, body_of(route, own))
        if reply.status != 404:
            leaks.append(path)
    return leaks


async def test_a_condition_on_the_company_that_is_missing_leaks_nothing_through_the_second_wall(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    monkeypatch.setattr(Database, "of_company", of_company_carelessly)
    for route in (route for route in ROUTES if len(route.ids) > 1):
        assert await find_leaks(manager, route, own, foreign) == [], name_of(route)


async def test_the_search_for_leaks_finds_a_missing_condition_on_the_company(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    async with without_walls(db):
        for route in (route for route in ROUTES if len(route.ids) > 1):
            if name_of(route) == "remove_campaign":
                await neighbour.remove(f"numbers/{foreign['number_id']}")
            with monkeypatch.context() as patched:
                patched.setattr(Database, "of_company", of_company_carelessly)
                found = await find_leaks(manager, route, own, foreign)
            assert len(found) == 1, f"{name_of(route)}: an id of another company under one's own"
            if route.method == "DELETE":
                foreign = await ids_of(neighbour, db)


async def test_the_search_for_leaks_finds_a_missing_permission_check(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    monkeypatch.setattr("admin.route.check_may", lambda *_, **__: None)
    async with without_walls(db):
        for route in ROUTES:
            if route.method == "GET" and route.ids:
                assert await find_leaks(manager, route, own, foreign), name_of(route)


@pytest.mark.parametrize(("handler", "field"), IN_BODIES)
async def test_an_id_of_another_company_in_a_body_is_not_found(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, handler: str, field: str
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    route = next(route for route in ROUTES if name_of(route) == handler)
    body = {"number": "+12025550133", "campaign_id": own["campaign_id"]} if handler == "create_number" else {}
    before = await dump(db)
    reply = await manager.ask(route.method, route.path.format(**own), body | {field: foreign[field]})
    assert reply.problem == (404, "not_found", field)
    assert await dump(db) == before
    assert (await manager.ask(route.method, route.path.format(**own), body | {field: own[field]})).status == route.status


@pytest.mark.parametrize(("noun", "field"), IN_QUERIES)
async def test_an_id_of_another_company_in_a_query_is_not_found(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, noun: str, field: str
) -> None:
    own, foreign = await ids_of(manager, db), await ids_of(neighbour, db)
    assert (await manager.ask("GET", noun, **{field: foreign[field]})).problem == (404, "not_found", field)
    await manager.get(noun, **{field: own[field]})


def test_every_id_in_a_body_or_query_is_tried() -> None:
    in_bodies = {
        (name_of(route), field) for route in ROUTES if route.body for field in route.body.__struct_fields__ if is_id(field)
    }
    assert in_bodies == set(IN_BODIES)
    in_queries = {
        (route.path.rpartition("/")[2], field)
        for route in ROUTES
        if route.query
        for field in route.query.__struct_fields__
        if is_id(field)
    }
    assert in_queries == set(IN_QUERIES)


def is_id(field: str) -> bool:
    """Whether it names something of a company; the audit log's ids are of any kind, and find what was written under them."""
    return (field.endswith("_id") or field == "answered_by") and field not in ("actor_id", "object_id")


async def test_a_cursor_of_another_company_leads_nowhere_but_home(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection
) -> None:
    for one in (manager, neighbour, manager, neighbour):
        await one.create_one_of_each()
        await add_call(db, one.company_id)
        await add_postback(db, one.company_id)
    for noun in (
        "publishers",
        "buyers",
        "campaigns",
        "numbers",
        "postback-keys",
        "engine-keys",
        "api-tokens",
        "calls",
        "postback-log",
    ):
        id_of = "call_uuid" if noun == "calls" else "id"
        foreign = await neighbour.get(noun, limit=1)
        mine = {item[id_of] for item in await manager.walk(noun)}
        after = await manager.walk(noun, cursor=foreign["next_cursor"])
        assert {item[id_of] for item in after} <= mine, noun


async def test_filters_by_caller_call_and_tag_find_nothing_of_another_company(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection
) -> None:
    await add_call(db, neighbour.company_id, call_uuid="theirs", tags={"zip": "10001"}, status="in_progress")
    await add_postback(db, neighbour.company_id, call_uuids=["theirs"], outcome="refused", code="no_tags")
    filters: dict[str, list[dict[str, str]]] = {
        "calls": [
            {},
            {"caller_number": "+12025550100"},
            {"tag_name": "zip"},
            {"tag_value": "10001"},
            {"tag_name": "zip", "tag_value": "10001"},
            {"status": "in_progress"},
            {"from": "2026-01-01T00:00:00Z"},
        ],
        "postback-log": [
            {},
            {"caller_number": "+12025550100"},
            {"call_uuid": "theirs"},
            {"outcome": "refused"},
            {"code": "no_tags"},
        ],
    }
    for noun, queries in filters.items():
        for query in queries:
            assert (await manager.get(noun, **query))["items"] == [], query
            assert len((await neighbour.get(noun, **query))["items"]) == 1, query


async def test_a_call_shows_no_postback_of_another_company(manager: Manager, neighbour: Manager, db: asyncpg.Connection) -> None:
    theirs = await add_postback(db, neighbour.company_id, call_uuids=["shared"])
    source = {"publisher_id": 1, "postback_key_id": 1, "postback_id": str(theirs), "posted_at": "2026-03-01T12:00:00.000Z"}
    await add_call(db, manager.company_id, call_uuid="shared", tags={"a": "b"}, attribution={"a": source})
    await add_call(db, neighbour.company_id, call_uuid="shared")
    assert (await manager.get("calls/shared"))["timeline"] == []
    assert [UUID(entry["postback"]["id"]) for entry in (await neighbour.get("calls/shared"))["timeline"]] == [theirs]


@pytest.mark.parametrize(
    "company_id", ["0", "-1", "9223372036854775808", "1e3", "٣", "%00", "x", "2f6d6c7b-0000-4000-8000-00000000abcd"]
)
async def test_what_cannot_be_an_id_is_not_found(manager: Manager, company_id: str) -> None:
    assert (await manager.ask("GET", f"/v1/companies/{company_id}/publishers")).problem == (404, "not_found", None)
    assert (await manager.ask("GET", f"publishers/{company_id}")).problem == (404, "not_found", None)
