"""The audit log: one row for each thing that somebody changes, in the same transaction, for good, and without a secret in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from admin.database import Database
from admin.permissions import Actor
from admin.routes import ROUTES
from shared.errors import Unavailable
from shared.secret import hash_secret, new_secret
from tests.integration.admin.changes import CHANGES, TABLES, fill, make_world
from tests.integration.admin.manager import Door, Manager, make_manager
from tests.integration.admin.persons import add_person, permit, visitor
from tests.integration.admin.test_keys import dump
from tests.service_processes import as_admin

WHERE_ERASURE_IS = {"erase_caller"}
"""What needs the merger, and is tried there."""


def test_every_change_in_a_company_is_tried() -> None:
    changing = {route.handler.__name__ for route in ROUTES if route.method != "GET" and "company_id" in route.ids}
    assert changing == CHANGES.keys() | WHERE_ERASURE_IS


async def rows_after(db: asyncpg.Connection, last: int) -> list[asyncpg.Record]:
    return list(await db.fetch("select *, xmin::text from audit_log where id > $1 order by id", last))


async def last_row(db: asyncpg.Connection) -> int:
    return int(await db.fetchval("select coalesce(max(id), 0) from audit_log"))


async def test_a_change_leaves_one_row_for_each_thing_in_the_same_transaction(
    door: Door, postgres_url: str, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    for name in CHANGES:
        with subtests.test(name):
            await check_rows_of_a_change(await make_manager(as_admin(postgres_url), door, "Acme"), db, name)


async def check_rows_of_a_change(manager: Manager, db: asyncpg.Connection, name: str) -> None:
    """Makes a change in a company where nothing else happens and looks at what the audit log says of it."""
    method, path, body, expected = CHANGES[name]
    ids = await make_world(manager, db)
    last = await last_row(db)
    reply = await manager.ask(method, path.format(**ids), fill(body, ids))
    assert reply.status < 300, reply
    rows = await rows_after(db, last)
    assert sorted(f"{row['object']} {row['action']}" for row in rows) == sorted(expected)
    assert {row["company_id"] for row in rows} == {manager.company_id}
    token_id = (await manager.get("/v1/me"))["api_token_id"]
    entries = (await manager.get("audit-log", limit=len(rows)))["items"]
    assert [entry["actor"] for entry in entries] == [{"kind": "api_token", "id": token_id, "name": "first token"}] * len(rows)
    for row in rows:
        if table := TABLES.get(row["object"]):
            thing = await db.fetchrow(f"select xmin::text, * from {table} where id = $1", int(row["object_id"]))
            assert thing["xmin"] == row["xmin"], "one transaction wrote both"


async def test_without_its_trigger_a_change_would_leave_nothing(manager: Manager, db: asyncpg.Connection) -> None:
    await db.execute("drop trigger audit on buyers")
    last = await last_row(db)
    await manager.create("buyers", name="Unseen")
    assert await rows_after(db, last) == []


@asynccontextmanager
async def of_company_that_fails(self: Database, company_id: int, actor: Actor | None = None) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that does all its work and breaks at the end."""
    async with real_of_company(self, company_id, actor) as db:
        yield db
        raise Unavailable


real_of_company = Database.of_company


async def test_what_is_rolled_back_leaves_nothing(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await make_world(manager, db)
    before = await dump(db)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "of_company", of_company_that_fails)
        for name, (method, path, body, _) in CHANGES.items():
            assert (await manager.ask(method, path.format(**ids), fill(body, ids))).status == 503, name
    assert await dump(db) == before
    last = await last_row(db)
    assert (await manager.ask("DELETE", f"campaigns/{ids['campaign']}")).status == 409
    assert await rows_after(db, last) == []


async def test_a_change_that_changes_nothing_leaves_nothing(manager: Manager, db: asyncpg.Connection) -> None:
    ids = await make_world(manager, db)
    last = await last_row(db)
    await manager.change(f"publishers/{ids['publisher']}", name="Publisher")
    await manager.change(f"publishers/{ids['publisher']}/numbers", grant=[ids["number"]])
    await manager.change(f"postback-keys/{ids['postback_key']}")
    assert await rows_after(db, last) == []


async def test_a_row_says_what_was_there_and_what_is(manager: Manager) -> None:
    publisher = await manager.create("publishers", name="Before", afid="7")
    await manager.change(f"publishers/{publisher['id']}", name="After", number_cap=2)
    await manager.remove(f"publishers/{publisher['id']}")
    removed, changed, created = (await manager.get("audit-log", object="publisher", object_id=publisher["id"]))["items"]
    assert (created["old"], created["new"].items() >= {"name": "Before", "afid": "7"}.items()) == (None, True)
    assert (changed["old"], changed["new"]) == ({"name": "Before", "number_cap": None}, {"name": "After", "number_cap": 2})
    assert (removed["action"], removed["old"], list(removed["new"])) == ("removed", {"removed_at": None}, ["removed_at"])
    assert created["at"] < changed["at"] < removed["at"]


async def test_a_rotation_says_how_long_the_old_secret_works(manager: Manager) -> None:
    ids = {noun: made["id"] for noun, made in (await manager.create_one_of_each()).items()}
    for kind in ("postback_key", "engine_key"):
        path = f"{kind.replace('_', '-')}s/{ids[kind]}/rotate"
        for grace_seconds in (60, 0):
            await manager.ask("POST", path, {"grace_seconds": grace_seconds})
        at_once, graceful = (await manager.get("audit-log", object=kind, action="rotated"))["items"]
        assert at_once["new"] == {"old_secret_until": None}
        assert graceful["new"]["old_secret_until"] > graceful["at"]


async def test_a_person_and_a_collaborators_own_token_are_named(manager: Manager, db: asyncpg.Connection) -> None:
    boss = await add_person(db, manager.door, manager.company_id, role="owner")
    buyer = await boss.create("buyers", name="Buyer")
    (entry,) = (await manager.get("audit-log", object="buyer", object_id=buyer["id"]))["items"]
    name = await db.fetchval("select name from users where id = $1", boss.user_id)
    assert entry["actor"] == {"kind": "person", "id": boss.user_id, "name": name}
    collaborator = await add_person(db, manager.door, manager.company_id, buyer_ids=[buyer["id"]])
    token = await collaborator.create("api-tokens", name="Own")
    await permit(db, manager.company_id, "buyer", buyer["id"], "buyer", {"pause_buyer": "allow"})
    await collaborator.ask("PATCH", f"buyers/{buyer['id']}", {"paused": True}, token=token["token"])
    entry = (await manager.get("audit-log", object="buyer"))["items"][0]
    assert entry["actor"] == {"kind": "api_token", "id": token["id"], "name": "Own"}


async def test_who_accepts_an_invite_is_in_the_log(manager: Manager, db: asyncpg.Connection) -> None:
    invited = await manager.create("collaborators", name="Invited", email="invited@example.com")
    secret = new_secret("in")
    await db.execute("update collaborators set invite_hash = $2 where id = $1", invited["id"], hash_secret(secret))
    last = await last_row(db)
    body = {"name": "Invited", "password": "correct horse battery"}
    reply = await visitor(manager.door, manager.company_id).ask("POST", f"/v1/invites/{secret}/accept", body)
    assert reply.status < 300, reply
    (row,) = await rows_after(db, last)
    assert (row["object"], row["object_id"], row["action"]) == ("collaborator", str(invited["id"]), "changed")
    assert '"kind": "person"' in row["actor"]


# --- for good


@pytest.mark.parametrize("who", ["callstamp_admin", "owner"])
async def test_rows_are_only_ever_added(manager: Manager, postgres_url: str, who: str) -> None:
    await manager.create("publishers", name="Publisher")
    connection = await asyncpg.connect(as_admin(postgres_url) if who == "callstamp_admin" else postgres_url)
    try:
        await connection.execute("select set_config('callstamp.company_id', $1, false)", str(manager.company_id))
        rows = await connection.fetch("select * from audit_log")
        assert rows != []
        for statement in ("update audit_log set action = 'x'", "delete from audit_log", "truncate audit_log"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        assert await connection.fetch("select * from audit_log") == rows
    finally:
        await connection.close()


async def test_without_the_trigger_the_owner_could_change_rows(manager: Manager, db: asyncpg.Connection) -> None:
    await db.execute("drop trigger append_only on audit_log")
    assert await db.execute("update audit_log set action = 'x'") != "UPDATE 0"


async def test_nobody_writes_rows_of_another_company(manager: Manager, neighbour: Manager, postgres_url: str) -> None:
    connection = await asyncpg.connect(as_admin(postgres_url))
    try:
        await connection.execute("select set_config('callstamp.company_id', $1, false)", str(manager.company_id))
        insert = "insert into audit_log (company_id, actor, action, object, object_id) values ($1, '{}', 'x', 'x', 'x')"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(insert, neighbour.company_id)
        await connection.execute(insert, manager.company_id)
    finally:
        await connection.close()


# --- no secrets


async def test_no_secret_and_no_hash_of_one_is_ever_in_it(manager: Manager, db: asyncpg.Connection) -> None:
    ids = await make_world(manager, db)
    own, invite = "0b8a1c52-5a6f-4f57-9d38-0d2c4be5a3a1", new_secret("in")
    made = [
        await manager.create(f"publishers/{ids['publisher']}/postback-keys", name="Own", key=own),
        await manager.create("engine-keys", name="Engine"),
        (await manager.ask("POST", f"postback-keys/{ids['postback_key']}/rotate", {})).body,
        (await manager.ask("POST", f"engine-keys/{ids['engine_key']}/rotate", {})).body,
    ]
    secrets = [own, invite, manager.token, *(key["key"] for key in made)]
    secrets.append((await manager.create("api-tokens", name="Token"))["token"])
    await db.execute("update collaborators set invite_hash = $2 where id = $1", ids["invited"], hash_secret(invite))
    for name in ("change_postback_key", "change_engine_key", "change_api_token", "withdraw_invite", "remove_collaborator"):
        method, path, body, _ = CHANGES[name]
        assert (await manager.ask(method, path.format(**ids), fill(body, ids))).status < 300
    written = str(await db.fetch("select t::text from audit_log t"))
    assert "Postback key" in written, "the search sees what is there"
    assert [secret for secret in secrets if secret in written or hash_secret(secret).hex() in written] == []


async def test_no_column_of_bytes_is_ever_in_it(manager: Manager, db: asyncpg.Connection) -> None:
    """Secrets are kept as hashes, so whatever table comes to be watched, its hashes are left out by name."""
    watched = await db.fetch(
        """
        select distinct column_name
        from information_schema.columns
        join information_schema.triggers on event_object_table = table_name
        where action_statement like '%audit(%'
          and udt_name in ('bytea', '_bytea')
        """
    )
    hidden = await db.fetchval("select prosrc from pg_proc where proname = 'audit'")
    names = {row["column_name"] for row in watched}
    assert {"secret_hash", "invite_hash"} <= names, "the search sees what is there"
    assert [name for name in names if f"'{name}'" not in hidden] == []


# --- the list


async def test_it_is_listed_newest_first_page_by_page(manager: Manager, neighbour: Manager) -> None:
    for n in range(3):
        await manager.create("publishers", name=f"Publisher {n}")
        await neighbour.create("publishers", name="Theirs")
    entries = await manager.walk("audit-log", object="publisher", limit=1)
    assert [entry["new"]["name"] for entry in entries] == ["Publisher 2", "Publisher 1", "Publisher 0"]
    everything = await manager.walk("audit-log", limit=2)
    moments = [(entry["at"], entry["id"]) for entry in everything]
    assert moments == sorted(moments, reverse=True)
    assert len(set(moments)) == len(moments)
    made = [entry["object"] for entry in everything]
    assert sorted(made) == ["api_token", "company", "publisher", "publisher", "publisher"]


async def test_it_is_filtered_by_thing_action_actor_and_time(manager: Manager, db: asyncpg.Connection) -> None:
    boss = await add_person(db, manager.door, manager.company_id, role="superuser")
    first = await boss.create("buyers", name="First")
    second = await manager.create("buyers", name="Second")
    await boss.change(f"buyers/{second['id']}", name="Renamed")
    token_id = (await manager.get("/v1/me"))["api_token_id"]

    async def found(**query: Any) -> list[tuple[str, str]]:
        entries = await manager.walk("audit-log", **{"object": "buyer"} | query)
        return [(entry["action"], entry["object_id"]) for entry in entries]

    created, renamed = ("created", str(first["id"])), ("changed", str(second["id"]))
    assert await found() == [renamed, ("created", renamed[1]), created]
    assert await found(object_id=str(second["id"])) == [renamed, ("created", renamed[1])]
    assert await found(action="changed") == [renamed]
    assert await found(actor_kind="person") == [renamed, created]
    assert await found(actor_kind="person", actor_id=boss.user_id) == [renamed, created]
    assert await found(actor_kind="api_token", actor_id=token_id) == [("created", renamed[1])]
    assert await found(actor_kind="operator") == []
    at = [entry["at"] for entry in (await manager.get("audit-log", object="buyer"))["items"]]
    assert await found(**{"from": at[1]}) == [renamed, ("created", renamed[1])]
    assert await found(to=at[1]) == [created]
    for field, wrong in (("object", "Nope!"), ("action", ""), ("actor_kind", "robot"), ("actor_id", "x"), ("from", "yesterday")):
        assert (await manager.ask("GET", "audit-log", **{field: wrong})).problem == (422, "invalid_field", field)
    assert (await manager.ask("GET", "audit-log", company_id=1)).problem == (422, "unknown_field", "company_id")
