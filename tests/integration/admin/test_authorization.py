"""The authorization matrix (guarantees 31, 33): every route of the router, for every role, about what is theirs, another's and nobody's."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp.test_utils import TestClient

from admin import permissions
from admin.app import create_app
from admin.permissions import Action, Actor
from admin.route import Route
from admin.routes import ROUTES
from admin.settings import AdminSettings
from tests.databases import Databases
from tests.integration.admin.authorization import (
    ABOUT_ONESELF,
    COLUMNS,
    GONE,
    MANAGERS_ONLY,
    NO,
    OPEN_TO_ALL,
    TABLE,
    YES,
)
from tests.integration.admin.manager import CALLER, Manager, make_manager
from tests.integration.admin.persons import EVERYTHING, Person, add_person, permit, visitor
from tests.integration.admin.test_keys import dump
from tests.integration.admin.things import IN_COMPANY, QUERIES, body_of, make_things, name_of
from tests.service_processes import PATIENT_MS, as_admin
from tests.world import DoorServer

NOWHERE = {
    "call_uuid": "nowhere",
    "postback_id": "00000000-0000-4000-8000-000000000000",
    "number": CALLER,
}
MERGER_AWAY = 503
"""What a manager is told of a caller's file here, where no merger runs: they came that far."""


def test_every_route_has_its_row_and_no_row_is_without_a_route() -> None:
    assert {name_of(route) for route in IN_COMPANY} == TABLE.keys()
    assert {name_of(route) for route in ROUTES if route.action is None} == OPEN_TO_ALL
    assert {name_of(route) for route in ROUTES} - TABLE.keys() - OPEN_TO_ALL == ABOUT_ONESELF
    assert all(len(row) == len(COLUMNS) for row in TABLE.values())


class World(msgspec.Struct):
    """A company with two of each thing: `own` is its publisher's and buyer's, `others` is somebody else's; and all its people."""

    managers: dict[str, Manager]
    people: dict[str, Person]
    own: dict[str, Any]
    others: dict[str, Any]
    stranger: Manager
    foreign: dict[str, Any]

    def use(self, door: Any) -> "World":
        """Let everybody in this world send their requests there. Returns the world."""
        for who in (*self.managers.values(), *self.people.values(), self.stranger):
            who.door = door
        return self


MOST_WORLDS = 8
"""A test needs a new one for each of the roles that may change something: three managers and at most five collaborators."""

TakeWorld = Callable[[], World]


async def make_worlds(postgres_url: str) -> list[World]:
    """Fill a template database with as many worlds as a test can need."""
    app = create_app(AdminSettings(postgres_url=as_admin(postgres_url), postgres_connections=2, database_timeout_ms=PATIENT_MS))
    async with TestClient(DoorServer(app)) as door:
        db = await asyncpg.connect(postgres_url)
        worlds = [await make_world(postgres_url, door, db) for _ in range(MOST_WORLDS)]
        await db.execute("update sessions set seen_at = seen_at - interval '10 minutes'")  # as on a machine that is slow
        await db.close()
    return worlds


async def make_world(postgres_url: str, door: Any, db: asyncpg.Connection) -> World:
    one = await make_manager(as_admin(postgres_url), door, "Acme")
    company_id = one.company_id
    own, others = await make_things(one, db), await make_things(one, db)
    stranger = await make_manager(as_admin(postgres_url), door, "Elsewhere")
    as_publisher, as_buyer = {"publisher_ids": [own["publisher_id"]]}, {"buyer_ids": [own["buyer_id"]]}
    acts_as: list[dict[str, Any]] = [as_publisher, as_publisher, as_buyer, as_buyer, {}]
    people = {column: await add_person(db, door, company_id, **acts) for column, acts in zip(COLUMNS, acts_as, strict=True)}
    for column, kind in (("publisher with everything", "publisher"), ("buyer with everything", "buyer")):
        await permit(db, company_id, "collaborator", people[column].id, kind, EVERYTHING[kind])  # type: ignore[arg-type]
    managers = {
        "token": one,
        "owner": await add_person(db, door, company_id, role="owner"),
        "superuser": await add_person(db, door, company_id, role="superuser"),
    }
    return World(managers, people, own, others, stranger, await make_things(stranger, db))


@pytest.fixture
def worlds(databases: Databases) -> list[World]:
    """The worlds of the template, made once per test process."""
    filled: list[World] = databases.fill_template("people_of_companies", make_worlds)
    return filled


@pytest.fixture
def postgres_url(databases: Databases, worlds: list[World]) -> Iterator[str]:
    """A database in which all worlds are as they were made."""
    url = databases.clone("people_of_companies")
    yield url
    databases.drop(url)


@pytest.fixture
def take_world(worlds: list[World], door: Any) -> TakeWorld:
    """Returns a world that this test hasn't touched, with each call another one."""
    untouched = iter(worlds)
    return lambda: next(untouched).use(door)


async def ask(who: Manager, route: Route, ids: dict[str, Any], body: Any = None) -> int:
    if name_of(route) == "remove_campaign":
        ids = ids | {"campaign_id": ids.get("empty", ids["campaign_id"])}
    query = QUERIES.get(name_of(route), {})
    reply = await who.ask(route.method, route.path.format(**ids), body if body is not None else body_of(route, ids), **query)
    return reply.status


async def own_ids(db: asyncpg.Connection, route: Route, ids: dict[str, Any], who: Manager) -> dict[str, Any]:
    """The ids with a token of their own in place of the company's, where it is about tokens."""
    if "api_token_id" not in route.ids or not isinstance(who, Person):
        return ids
    row = await db.fetchval(
        """
        insert into api_tokens (company_id, name, secret_hash, collaborator_id)
        select company_id, 'Own', sha256(gen_random_uuid()::text::bytea), id
        from collaborators
        where id = $1
          and role = 'collaborator'
        returning id
        """,
        who.id,
    )
    return ids | {"api_token_id": row or ids["api_token_id"]}


async def find_differences(db: asyncpg.Connection, route: Route, take_world: TakeWorld) -> list[str]:
    """Where the service does something else than the table says."""
    differences: list[str] = []

    def expect(who: str, said: int, wanted: tuple[int, ...]) -> None:
        if said not in wanted:
            differences.append(f"{name_of(route)}: {who} got {said} instead of {wanted}")

    row = dict(zip(COLUMNS, TABLE[name_of(route)], strict=True))
    done = (route.status, MERGER_AWAY) if "number" in route.ids else (route.status,)
    statuses = {YES: done, NO: (403,), GONE: (404,)}
    has_object = len(route.ids) > 1 and "number" not in route.ids

    world = take_world()
    before = await dump(db)
    expect("a visitor", await ask(visitor(world.stranger.door, 0), route, world.own), (401,))
    expect("a stranger", await ask(world.stranger, route, world.own), (404,))
    for column, wanted in row.items():
        who = world.people[column]
        if wanted != YES:
            expect(column, await ask(who, route, world.own), statuses[wanted])
        if has_object:
            refused = (403,) if wanted == NO else (404,)
            expect(f"{column}, another's", await ask(who, route, world.others, body_of(route, world.own)), refused)
            nothing = (
                world.own | {"empty": 10**15} | {name: NOWHERE.get(name, 10**15) for name in route.ids if name != "company_id"}
            )
            expect(f"{column}, nobody's", await ask(who, route, nothing, body_of(route, world.own)), refused)
            elsewhere = world.foreign | {"company_id": world.own["company_id"]}
            expect(f"{column}, another company's", await ask(who, route, elsewhere, body_of(route, world.own)), refused)
        expect(f"{column}, another company", await ask(who, route, world.foreign, body_of(route, world.own)), (404,))
    for name, who in world.managers.items():
        expect(f"{name}, another company", await ask(who, route, world.foreign, body_of(route, world.own)), (404,))
        if has_object:
            elsewhere = world.foreign | {"company_id": world.own["company_id"]}
            expect(f"{name}, another company's", await ask(who, route, elsewhere, body_of(route, world.own)), (404,))
    if await dump(db) != before:
        differences.append(f"{name_of(route)}: something was changed by who may not")

    may = list(world.managers) + [column for column, wanted in row.items() if wanted == YES]
    for name in may:
        if route.method != "GET" and name != may[0]:
            world = take_world()
        who = (world.managers | world.people)[name]
        expect(name, await ask(who, route, await own_ids(db, route, world.own, who)), done)
    return differences


def by_resource(routes: Iterable[Route]) -> dict[str, list[Route]]:
    """The routes by what they are about, such as `publishers`: those that change nothing can share a database."""
    found: dict[str, list[Route]] = {}
    for route in routes:
        found.setdefault(([*route.path.split("/"), "company"])[4], []).append(route)
    return found


READING = by_resource(route for route in IN_COMPANY if route.method == "GET")


@pytest.mark.parametrize("resource", READING)
async def test_each_role_may_read_what_the_table_says_and_nothing_else(
    db: asyncpg.Connection, resource: str, take_world: TakeWorld
) -> None:
    assert [await find_differences(db, route, take_world) for route in READING[resource]] == [[]] * len(READING[resource])


@pytest.mark.parametrize("route", [route for route in IN_COMPANY if route.method != "GET"], ids=name_of)
async def test_each_role_may_change_what_the_table_says_and_nothing_else(
    db: asyncpg.Connection, route: Route, take_world: TakeWorld
) -> None:
    assert await find_differences(db, route, take_world) == []


@pytest.mark.parametrize("resource", by_resource(IN_COMPANY))
async def test_who_views_as_a_collaborator_sees_as_much_and_changes_nothing(
    db: asyncpg.Connection, resource: str, take_world: TakeWorld
) -> None:
    world = take_world()
    owner = world.managers["owner"]
    assert isinstance(owner, Person)
    for route in by_resource(IN_COMPANY)[resource]:
        for column, wanted in zip(COLUMNS, TABLE[name_of(route)], strict=True):
            viewing = owner.viewing_as(world.people[column].id)
            status = await ask(viewing, route, await own_ids(db, route, world.own, world.people[column]))
            refused = (name_of(route), column)
            if route.method == "GET":
                assert status == {YES: route.status, NO: 403, GONE: 404}[wanted], refused
            else:
                assert status == 403, refused


@pytest.mark.parametrize("route", [route for route in ROUTES if name_of(route) in ABOUT_ONESELF], ids=name_of)
async def test_what_is_about_oneself_needs_somebody(manager: Manager, route: Route) -> None:
    path = route.path.format(session_id=1)
    assert (await visitor(manager.door, 0).ask(route.method, path, {} if route.body else None)).problem[:2] == (
        401,
        "invalid_api_token",
    )


def route_named(name: str) -> Route:
    return next(route for route in ROUTES if name_of(route) == name)


@pytest.fixture
def a_permission_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(actor: Actor, action: Action, company_id: int | None, *, changes: bool = False) -> None:
        """In place of check_may."""

    monkeypatch.setattr("admin.route.check_may", lenient)


@pytest.mark.usefixtures("a_permission_is_not_asked")
@pytest.mark.parametrize("name", ["change_company", "list_audit_log", "change_permissions", "create_publisher"])
async def test_the_matrix_finds_a_permission_that_is_not_asked(db: asyncpg.Connection, take_world: TakeWorld, name: str) -> None:
    assert await find_differences(db, route_named(name), take_world) != []


@pytest.fixture
def turned_default(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = permissions.DEFAULTS["publisher"]
    turned = permissions.DEFAULTS | {"publisher": {**defaults, "create_postback_keys": "allow"}}  # type: ignore[operator]
    monkeypatch.setattr(permissions, "DEFAULTS", turned)


@pytest.mark.usefixtures("turned_default")
async def test_the_matrix_finds_a_default_that_was_turned(db: asyncpg.Connection, take_world: TakeWorld) -> None:
    assert await find_differences(db, route_named("list_postback_keys"), take_world) != []


async def test_the_matrix_finds_a_thing_that_is_shown_to_others(
    db: asyncpg.Connection, take_world: TakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions.Sight, "check_publisher", lambda *_, **__: None)
    assert await find_differences(db, route_named("show_publisher"), take_world) != []


def test_the_matrix_is_written_for_each_kind_of_refusal() -> None:
    """So that no column is a copy of another by mistake."""
    columns = list(zip(*TABLE.values(), strict=True))
    assert len(set(columns)) == len(COLUMNS)
    assert {cell for row in TABLE.values() for cell in row} == {YES, NO, GONE}
    assert MANAGERS_ONLY in TABLE.values()
