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
from tests.integration.admin.things import IN_COMPANY, QUERIES, body_of, make_things, name_of

ABOUT_A_THING = [route for route in IN_COMPANY if len(route.ids) > 1 and "number" not in route.ids]
"""Routes with an id that belongs to a company; a caller number belongs to none."""

IN_BODIES = [
    ("create_number", "campaign_id", "campaign_id"),
    ("create_number", "publisher_id", "publisher_id"),
    ("change_number", "campaign_id", "campaign_id"),
    ("change_number", "publisher_id", "publisher_id"),
    ("put_campaign_grants", "campaign_ids", "campaign_id"),
    ("put_number_grants", "number_ids", "number_id"),
    ("change_campaign_grants", "grant", "campaign_id"),
    ("change_campaign_grants", "revoke", "campaign_id"),
    ("change_number_grants", "grant", "number_id"),
    ("change_number_grants", "revoke", "number_id"),
    ("create_collaborator", "publisher_ids", "publisher_id"),
    ("create_collaborator", "buyer_ids", "buyer_id"),
    ("change_collaborator", "publisher_ids", "publisher_id"),
    ("change_collaborator", "buyer_ids", "buyer_id"),
]
"""Each field of a body that holds ids, and of what."""

IN_QUERIES = [
    ("calls", "campaign_id"),
    ("calls", "publisher_id"),
    ("calls", "answered_by"),
    ("reports", "campaign_id"),
    ("reports", "publisher_id"),
    ("reports", "answered_by"),
    ("numbers", "campaign_id"),
    ("numbers", "publisher_id"),
    ("collaborators", "publisher_id"),
    ("collaborators", "buyer_id"),
    ("postback-keys", "publisher_id"),
    ("postback-log", "publisher_id"),
    ("postback-log", "postback_key_id"),
]


async def find_leaks(manager: Manager, route: Route, own: dict[str, Any], foreign: dict[str, Any]) -> list[str]:
    """The paths with another company's id, each of them in turn and all together, that are answered with anything but 404."""
    paths = {route.path.format(**own | {field: foreign[field]}) for field in route.ids} | {route.path.format(**foreign)}
    leaks = []
    for path in sorted(paths):
        reply = await manager.ask(route.method, path, body_of(route, own), **QUERIES.get(name_of(route), {}))
        if reply.status != 404:
            leaks.append(path)
    return leaks


async def test_a_condition_on_the_company_that_is_missing_leaks_nothing_through_the_second_wall(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, foreign = await make_things(manager, db), await make_things(neighbour, db)
    monkeypatch.setattr(Database, "of_company", of_company_carelessly)
    for route in ABOUT_A_THING:
        assert await find_leaks(manager, route, own, foreign) == [], name_of(route)


async def test_the_search_for_leaks_finds_a_missing_condition_on_the_company(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with without_walls(db):
        own, foreign = await make_things(manager, db), await make_things(neighbour, db)
        for route in ABOUT_A_THING:
            if name_of(route) == "remove_campaign":
                foreign["campaign_id"] = foreign["empty"]
            with monkeypatch.context() as patched:
                patched.setattr(Database, "of_company", of_company_carelessly)
                found = await find_leaks(manager, route, own, foreign)
            assert len(found) == 1, f"{name_of(route)}: an id of another company under one's own"
            if route.method == "DELETE":
                foreign = await make_things(neighbour, db)


async def test_the_search_for_leaks_finds_a_missing_permission_check(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.route.check_may", lambda *_, **__: None)
    async with without_walls(db):  # from the start: a statement that is prepared keeps its walls
        own, foreign = await make_things(manager, db), await make_things(neighbour, db)
        for route in IN_COMPANY:
            if route.method == "GET" and "number" not in route.ids:
                assert await find_leaks(manager, route, own, foreign), name_of(route)


async def test_an_id_of_another_company_in_a_body_is_not_found(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    for handler, field, noun in IN_BODIES:
        with subtests.test(handler, field=field):
            own, foreign = await make_things(manager, db), await make_things(neighbour, db)
            route = next(route for route in ROUTES if name_of(route) == handler)
            body = body_of(route, own) if handler.startswith("create") else {}
            of_another, of_ours = (ids[noun] if field.endswith("_id") else [ids[noun]] for ids in (foreign, own))
            before = await dump(db)
            refused = await manager.ask(route.method, route.path.format(**own), body | {field: of_another})
            assert refused.problem == (404, "not_found", field)
            assert await dump(db) == before
            taken = await manager.ask(route.method, route.path.format(**own), body | {field: of_ours})
            assert taken.status == route.status


async def test_an_id_of_another_company_in_a_query_is_not_found(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    own, foreign = await make_things(manager, db), await make_things(neighbour, db)
    own["answered_by"], foreign["answered_by"] = own["buyer_id"], foreign["buyer_id"]
    for noun, field in IN_QUERIES:
        with subtests.test(noun, field=field):
            more = {"group_by": "day"} if noun == "reports" else {}
            assert (await manager.ask("GET", noun, **more, **{field: foreign[field]})).problem == (404, "not_found", field)
            await manager.get(noun, **more, **{field: own[field]})


def test_every_id_in_a_body_or_query_is_tried() -> None:
    in_bodies = {
        (name_of(route), field) for route in ROUTES if route.body for field in route.body.__struct_fields__ if is_id(field)
    }
    assert in_bodies == {(handler, field) for handler, field, _ in IN_BODIES}
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
    return (field.endswith(("_id", "_ids")) or field in ("answered_by", "grant", "revoke")) and field not in (
        "actor_id",
        "object_id",
    )


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


async def test_what_cannot_be_an_id_is_not_found(manager: Manager, subtests: pytest.Subtests) -> None:
    for company_id in ("0", "-1", "9223372036854775808", "1e3", "٣", "%00", "x", "2f6d6c7b-0000-4000-8000-00000000abcd"):
        with subtests.test(company_id):
            assert (await manager.ask("GET", f"/v1/companies/{company_id}/publishers")).problem == (404, "not_found", None)
            assert (await manager.ask("GET", f"publishers/{company_id}")).problem == (404, "not_found", None)
