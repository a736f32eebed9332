"""Postback keys, engine keys and API tokens: shown once, kept hashed, rotated, paused, revoked."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from shared.secret import hash_secret
from tests.integration.admin.manager import JsonObject, Manager

LIVE_SECRETS = """
    select secret_hash
    from {kind}_secrets
    where {kind}_id = $1
      and (valid_until is null or valid_until > now())
    order by created_at
"""


async def make_publisher(manager: Manager) -> str:
    """A publisher's address for its postback keys."""
    publisher = await manager.create("publishers", name="Publisher")
    return f"publishers/{publisher['id']}/postback-keys"


async def live_secrets(db: asyncpg.Connection, kind: str, key_id: int) -> list[bytes]:
    return [row["secret_hash"] for row in await db.fetch(LIVE_SECRETS.format(kind=kind), key_id)]


async def test_a_new_postback_key_takes_the_companys_defaults_of_that_moment(manager: Manager) -> None:
    keys = await make_publisher(manager)
    await manager.change("", default_storage_duration_seconds=60, default_end_call_cutoff_seconds=5)
    reply = await manager.ask("POST", keys, {"name": "Web form"})
    assert reply.status == 201
    made = reply.body
    assert reply.headers["Location"] == f"/v1/companies/{manager.company_id}/postback-keys/{made['id']}"
    assert made == {
        "id": made["id"],
        "publisher_id": made["publisher_id"],
        "name": "Web form",
        "type": "call_data_writing",
        "storage_duration_seconds": 60,
        "end_call_cutoff_seconds": 5,
        "apply_once": False,
        "also_store": False,
        "paused": False,
        "allow_read_back": False,
        "opaque_status": False,
        "allowed_origins": None,
        "allowed_networks": None,
        "rate_limit_per_second": None,
        "old_secret_until": None,
        "created_at": made["created_at"],
        "key": made["key"],
        "posting_url": f"https://post.example/data_writing?key={made['key']}",
    }
    await manager.change("", default_storage_duration_seconds=70)
    assert (await manager.get(f"postback-keys/{made['id']}"))["storage_duration_seconds"] == 60


async def test_every_behaviour_of_a_postback_key_can_be_given_and_changed(manager: Manager) -> None:
    wanted = {"storage_duration_seconds": 0, "end_call_cutoff_seconds": 0, "apply_once": True, "also_store": True, "paused": True}
    made = await manager.create(await make_publisher(manager), name="Key", type="call_data_writing", **wanted)
    assert made.items() >= wanted.items()
    shown = {field: value for field, value in made.items() if field not in {"key", "posting_url"}}
    assert await manager.get(f"postback-keys/{made['id']}") == shown
    changes: JsonObject = {
        "name": "New",
        "storage_duration_seconds": 7_776_000,
        "end_call_cutoff_seconds": 604_800,
        "apply_once": False,
        "also_store": False,
        "paused": False,
    }
    for field, value in changes.items():
        shown |= {field: value}
        assert await manager.change(f"postback-keys/{made['id']}", **{field: value}) == shown


async def test_a_postback_key_that_cannot_be_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    keys = await make_publisher(manager)
    for field, value in (
        ("storage_duration_seconds", -1),
        ("storage_duration_seconds", 7_776_001),
        ("storage_duration_seconds", None),
        ("end_call_cutoff_seconds", 604_801),
        ("apply_once", "yes"),
        ("type", "call_scoring"),
        ("key", "not-a-uuid"),
        ("key", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("key", "2f6d6c7b-0000-4000-8000-00000000abcd\n"),
        ("key", None),
    ):
        with subtests.test(field, value=value):
            reply = await manager.ask("POST", keys, {"name": "Key", field: value})
            assert reply.problem == (422, "invalid_field", field)


async def test_a_key_brought_along_is_kept_in_small_letters_and_given_out_once(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection
) -> None:
    own, keys = str(uuid4()), await make_publisher(manager)
    made = await manager.create(keys, name="Imported", key=own.upper())
    assert made["key"] == own
    assert made["posting_url"] == f"https://post.example/data_writing?key={own}"
    assert await live_secrets(db, "postback_key", made["id"]) == [hash_secret(own)]
    for taken_by, path in ((manager, keys), (neighbour, await make_publisher(neighbour))):
        assert (await taken_by.ask("POST", path, {"name": "Again", "key": own})).problem == (409, "postback_key_taken", "key")
    await manager.remove(f"postback-keys/{made['id']}")
    assert (await manager.ask("POST", keys, {"name": "Again", "key": own})).problem == (409, "postback_key_taken", "key")
    assert len(await db.fetch("select id from postback_keys")) == 1, "a refused key leaves nothing behind"


async def make_key(manager: Manager, kind: str) -> tuple[str, JsonObject]:
    """A key and its address."""
    path = await make_publisher(manager) if kind == "postback_key" else "engine-keys"
    made = await manager.create(path, name="Key")
    return f"{kind.replace('_', '-')}s/{made['id']}", made


@pytest.mark.parametrize("kind", ["postback_key", "engine_key"])
async def test_rotating_keeps_the_old_secret_for_the_grace_and_never_more_than_two(
    manager: Manager, db: asyncpg.Connection, kind: str
) -> None:
    address, first = await make_key(manager, kind)
    began = time.monotonic()
    second = (await manager.ask("POST", f"{address}/rotate", {"grace_seconds": 600})).body
    assert second["key"] != first["key"]
    assert second["id"] == first["id"]
    assert await live_secrets(db, kind, first["id"]) == [hash_secret(first["key"]), hash_secret(second["key"])]
    left = await db.fetchval(f"select max(valid_until) - now() from {kind}_secrets where {kind}_id = $1", first["id"])
    assert 600 - (time.monotonic() - began) <= left.total_seconds() <= 600
    assert (await manager.get(address))["old_secret_until"] == second["old_secret_until"] is not None

    third = (await manager.ask("POST", f"{address}/rotate", {"grace_seconds": 600})).body
    assert await live_secrets(db, kind, first["id"]) == [hash_secret(second["key"]), hash_secret(third["key"])]

    fourth = (await manager.ask("POST", f"{address}/rotate", {"grace_seconds": 0})).body
    assert await live_secrets(db, kind, first["id"]) == [hash_secret(fourth["key"])]
    assert fourth["old_secret_until"] is None


@pytest.mark.parametrize("kind", ["postback_key", "engine_key"])
async def test_many_rotations_at_once_leave_two_secrets(manager: Manager, db: asyncpg.Connection, kind: str) -> None:
    address, made = await make_key(manager, kind)
    replies = await asyncio.gather(*(manager.ask("POST", f"{address}/rotate", {"grace_seconds": 600}) for _ in range(12)))
    assert {reply.status for reply in replies} == {200}
    assert len(await live_secrets(db, kind, made["id"])) == 2


async def test_rotating_without_a_body_gives_a_day_of_grace(manager: Manager, db: asyncpg.Connection) -> None:
    address, made = await make_key(manager, "engine_key")
    assert (await manager.ask("POST", f"{address}/rotate")).status == 200
    left = await db.fetchval("select max(valid_until) - now() from engine_key_secrets where engine_key_id = $1", made["id"])
    assert 86_300 < left.total_seconds() <= 86_400
    for grace in (-1, 2_592_001, None):
        assert (await manager.ask("POST", f"{address}/rotate", {"grace_seconds": grace})).problem == (
            422,
            "invalid_field",
            "grace_seconds",
        )


@pytest.mark.parametrize("kind", ["postback_key", "engine_key"])
async def test_a_revoked_key_is_gone_for_good(manager: Manager, kind: str) -> None:
    address, _ = await make_key(manager, kind)
    await manager.remove(address)
    for method, path in (("GET", address), ("PATCH", address), ("DELETE", address), ("POST", f"{address}/rotate")):
        assert (await manager.ask(method, path, {} if method != "GET" else None)).problem == (404, "not_found", None)
    assert (await manager.get(address.partition("/")[0]))["items"] == []


async def test_postback_keys_are_listed_for_a_publisher_and_for_all(manager: Manager) -> None:
    first, second = await make_publisher(manager), await make_publisher(manager)
    one = await manager.create(first, name="One")
    two = await manager.create(second, name="Two")
    three = await manager.create(first, name="Three")
    names = lambda page: [key["name"] for key in page["items"]]  # noqa: E731 - said once, read thrice
    assert names(await manager.get(first)) == ["One", "Three"]
    assert names(await manager.get("postback-keys")) == ["One", "Two", "Three"]
    assert names(await manager.get("postback-keys", publisher_id=two["publisher_id"])) == ["Two"]
    assert [key["name"] for key in await manager.walk(first, limit=1)] == ["One", "Three"]
    assert {one["publisher_id"], three["publisher_id"]} == {one["publisher_id"]}


async def test_an_engine_key_may_do_both_unless_told_otherwise(manager: Manager) -> None:
    assert (await manager.create("engine-keys", name="Both"))["scopes"] == ["lookup", "events"]
    assert (await manager.create("engine-keys", name="Both", scopes=["events", "lookup"]))["scopes"] == ["lookup", "events"]
    made = await manager.create("engine-keys", name="One", scopes=["events"], paused=True)
    assert (made["scopes"], made["paused"]) == (["events"], True)
    changed = await manager.change(f"engine-keys/{made['id']}", scopes=["lookup"], paused=False, name="Other")
    assert (changed["scopes"], changed["paused"], changed["name"]) == (["lookup"], False, "Other")
    for scopes in ([], ["all"], "lookup", None, [["lookup"]]):
        assert (await manager.ask("POST", "engine-keys", {"name": "x", "scopes": scopes})).problem == (
            422,
            "invalid_field",
            "scopes",
        )


async def test_an_api_token_works_until_it_is_revoked(manager: Manager) -> None:
    made = await manager.create("api-tokens", name="Script")
    assert (await manager.ask("GET", "/v1/me", token=made["token"])).body["name"] == "Script"
    renamed = await manager.change(f"api-tokens/{made['id']}", name="Nightly script")
    assert renamed == {"id": made["id"], "name": "Nightly script", "collaborator_id": None, "created_at": made["created_at"]}
    await manager.remove(f"api-tokens/{made['id']}")
    assert (await manager.ask("GET", "/v1/me", token=made["token"])).problem == (401, "invalid_api_token", None)


async def test_a_company_cannot_lock_itself_out(manager: Manager) -> None:
    me = await manager.get("/v1/me")
    assert (await manager.ask("DELETE", f"api-tokens/{me['api_token_id']}")).problem == (409, "api_token_in_use", None)
    for _ in range(5):
        other = await manager.create("api-tokens", name="Other")
        replies = await asyncio.gather(
            manager.ask("DELETE", f"api-tokens/{other['id']}"),
            manager.ask("DELETE", f"api-tokens/{me['api_token_id']}", token=other["token"]),
        )
        assert sorted(reply.status for reply in replies) == [204, 401], "two tokens that revoke each other leave one"
        if replies[1].status == 204:
            manager.token, me = other["token"], {"api_token_id": other["id"]}


async def test_missing_unknown_and_revoked_tokens_are_refused_alike(manager: Manager) -> None:
    revoked = await manager.create("api-tokens", name="Gone")
    await manager.remove(f"api-tokens/{revoked['id']}")
    revoked_token, unknown = revoked["token"], "cs_at_unknown"
    said = ["", "Bearer", "Bearer ", f"Basic {manager.token}", manager.token, f"Bearer {manager.token}x", "Bearer ñ\u200b"]
    said += [f"Bearer {unknown}", f"Bearer {revoked_token}", f"Bearer {manager.token} {manager.token}"]
    attempts = [{}, *({"Authorization": credentials} for credentials in said)]
    replies = set()
    for headers in attempts:
        async with manager.door.get("/v1/me", headers=headers) as reply:
            replies.add((reply.status, reply.headers["WWW-Authenticate"], await reply.text()))
    assert len(replies) == 1
    assert next(iter(replies))[0] == 401


async def test_secrets_are_shown_once_and_only_their_hashes_are_kept(manager: Manager, db: asyncpg.Connection) -> None:
    world = await manager.create_one_of_each()
    own = str(uuid4())
    await manager.create(f"publishers/{world['publisher']['id']}/postback-keys", name="Own", key=own)
    secrets = [own, manager.token, world["postback_key"]["key"], world["engine_key"]["key"], world["api_token"]["token"]]
    for address in (f"postback-keys/{world['postback_key']['id']}", f"engine-keys/{world['engine_key']['id']}"):
        secrets.append((await manager.ask("POST", f"{address}/rotate", {})).body["key"])
        shown = await manager.get(address)
        assert not {"key", "token", "posting_url", "secret_hash"} & shown.keys()
    for noun in ("postback-keys", "engine-keys", "api-tokens"):
        listed = str(await manager.get(noun))
        assert not [secret for secret in secrets if secret in listed]
    dumped = await dump(db)
    assert "Postback key" in dumped, "the search sees what is there"
    assert not [secret for secret in secrets if secret in dumped or secret.encode().hex() in dumped]
    assert hash_secret(manager.token).hex() in dumped


async def dump(db: asyncpg.Connection) -> str:
    """Every row of every table as text, but for when a session was seen last, which isn't a change that somebody asked for."""
    tables = await db.fetch("select quote_ident(tablename) as name from pg_tables where schemaname = 'public'")
    rows: list[Any] = []
    for (table,) in tables:
        row = "to_jsonb(t) - 'seen_at' - 'idle_at'" if table == "sessions" else "t"
        rows += await db.fetch(f"select ({row})::text as row from {table} t")
    return "\n".join(sorted(row["row"] for row in rows))
