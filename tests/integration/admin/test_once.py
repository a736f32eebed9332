"""Requests with an Idempotency-Key: whatever a reply was lost to, its repeat makes nothing again."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from admin.database import DATABASE
from admin.store import done_once
from admin.sweep import Sweep
from tests.integration.admin.changes import CHANGES, fill, make_world
from tests.integration.admin.manager import Door, Manager, make_manager
from tests.integration.admin.persons import Person
from tests.integration.admin.test_audit_log import last_row, rows_after
from tests.service_processes import as_admin

POSTS = {name: change for name, change in CHANGES.items() if change[0] == "POST"}


def under(name: str, manager: Manager) -> Person:
    """The same token, whose requests all come under this Idempotency-Key."""
    return Person(manager.door, manager.company_id, manager.headers(None) | {"Idempotency-Key": name})


async def test_a_repeat_makes_nothing_and_gets_the_first_reply_without_its_secrets(
    door: Door, postgres_url: str, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    for name in POSTS:
        with subtests.test(name):
            await check_repeat(await make_manager(as_admin(postgres_url), door, "Acme"), db, name)


async def check_repeat(manager: Manager, db: asyncpg.Connection, name: str) -> None:
    """Sends a request twice in a company where nothing else happens."""
    _, path, body, _ = POSTS[name]
    ids = await make_world(manager, db)
    again = under("once", manager)
    first = await again.ask("POST", path.format(**ids), fill(body, ids))
    last = await last_row(db)
    second = await again.ask("POST", path.format(**ids), fill(body, ids))
    assert first.status == second.status < 300, (first, second)
    assert first.headers.get("Callstamp-Replayed") is None
    assert second.headers["Callstamp-Replayed"] == "true"
    assert second.headers.get("Location") == first.headers.get("Location")
    assert await rows_after(db, last) == []
    secrets = {field for field, value in first.body.items() if "cs_" in str(value)}
    assert second.body == first.body | dict.fromkeys(secrets)
    kept = await db.fetchval("select reply::text from done_once where company_id = $1", manager.company_id)
    assert not any(first.body[field] in kept for field in secrets)


async def test_without_the_key_a_repeat_makes_a_second_one(manager: Manager) -> None:
    for _ in range(2):
        await manager.create("publishers", name="Lead forms")
    assert len((await manager.get("publishers"))["items"]) == 2


async def test_twenty_at_once_make_one(manager: Manager) -> None:
    again = under("once", manager)
    made = await asyncio.gather(*(again.create("publishers", name="Lead forms") for _ in range(20)))
    assert all(one == made[0] for one in made)
    assert (await manager.get("publishers"))["items"] == [made[0]]


async def test_without_the_record_twenty_at_once_make_twenty(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    async def always_first(*_: Any) -> None:
        return None

    monkeypatch.setattr(done_once, "begin", always_first)
    again = under("once", manager)
    await asyncio.gather(*(again.create("publishers", name="Lead forms") for _ in range(20)))
    assert len((await manager.get("publishers"))["items"]) == 20


async def test_another_request_under_the_same_key_is_refused(manager: Manager) -> None:
    again = under("once", manager)
    await again.create("publishers", name="Lead forms")
    for path, body in (("publishers", {"name": "Other forms"}), ("buyers", {"name": "Lead forms"})):
        assert (await again.ask("POST", path, body)).problem == (422, "idempotency_mismatch", None)
    assert len((await manager.get("publishers"))["items"]) == 1
    assert (await manager.get("buyers"))["items"] == []


async def test_the_key_is_the_tokens_own(manager: Manager, neighbour: Manager) -> None:
    token = (await manager.create("api-tokens", name="Second"))["token"]
    others = [Manager(manager.door, manager.company_id, token), neighbour]
    for one in (manager, *others):
        await under("once", one).create("publishers", name="Lead forms")
    assert [len((await one.get("publishers"))["items"]) for one in (manager, neighbour)] == [2, 1]


async def test_what_was_refused_may_be_tried_again_under_the_same_key(manager: Manager) -> None:
    again, wish = under("once", manager), {"name": "Lead forms", "afid": "77"}
    holder = await manager.create("publishers", name="Holder", afid="77")
    assert (await again.ask("POST", "publishers", wish)).problem == (409, "afid_taken", "afid")
    await manager.change(f"publishers/{holder['id']}", afid=None)
    assert (await again.create("publishers", **wish))["afid"] == "77"


async def test_after_a_day_the_same_key_begins_anew(manager: Manager, db: asyncpg.Connection) -> None:
    again = under("once", manager)
    first = await again.create("publishers", name="Lead forms")
    await db.execute("update done_once set done_at = now() - $1::interval", timedelta(hours=23, minutes=59))
    assert (await again.create("publishers", name="Lead forms"))["id"] == first["id"]
    await db.execute("update done_once set done_at = now() - $1::interval", timedelta(hours=24, seconds=1))
    second = await again.create("publishers", name="Lead forms")
    assert second["id"] != first["id"]
    assert (await again.create("publishers", name="Lead forms"))["id"] == second["id"]


async def test_what_is_too_old_is_swept_away(manager: Manager, db: asyncpg.Connection) -> None:
    await under("old", manager).create("publishers", name="Old")
    await db.execute("update done_once set done_at = now() - $1::interval", timedelta(hours=25, seconds=1))
    await under("new", manager).create("publishers", name="New")
    await Sweep(manager.door.app[DATABASE]).sweep_once()  # type: ignore[union-attr]
    assert await db.fetchval("select count(*) from done_once") == 1


async def test_a_key_that_cant_be_one_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for name in ("", "a b", "x" * 256, "ü"):
        with subtests.test(name[:40]):
            assert (await under(name, manager).ask("POST", "publishers", {"name": "Lead forms"})).problem == (
                400,
                "bad_request",
                None,
            )
            assert (await manager.get("publishers"))["items"] == []
