"""Grants that are changed at the same time, and while what they grant is removed."""

import asyncio
from typing import Any

import asyncpg
import pytest

from admin.store import grants, publishers
from tests.integration.admin.granting import NOUNS, live, make_publisher, make_things, put, spans
from tests.integration.admin.locks import wait_until_held_up
from tests.integration.admin.manager import Manager
from tests.waiting import WAIT_SECONDS


@pytest.mark.parametrize("noun", NOUNS)
async def test_of_two_sets_put_at_once_one_is_there(manager: Manager, noun: str) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, noun, 4)
    for _ in range(15):
        await asyncio.gather(put(manager, address, noun, ids[:2]), put(manager, address, noun, ids[2:]))
        assert await live(manager, address, noun) in (ids[:2], ids[2:])


async def test_without_holding_the_publisher_two_sets_would_mix(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, "numbers", 4)
    both_revoked = asyncio.Barrier(2)
    revoke = grants._revoke

    async def revoke_then_wait(*said: Any) -> list[int]:
        done = await revoke(*said)
        await both_revoked.wait()
        return done

    monkeypatch.setattr(publishers, "hold_alone", publishers.hold)
    monkeypatch.setattr(grants, "_revoke", revoke_then_wait)
    async with asyncio.timeout(WAIT_SECONDS):
        await asyncio.gather(put(manager, address, "numbers", ids[:2]), put(manager, address, "numbers", ids[2:]))
    assert await live(manager, address, "numbers") == ids


async def test_a_grant_made_while_somebody_waited_never_ends_before_it_began(manager: Manager, db: asyncpg.Connection) -> None:
    address, (number,) = await make_publisher(manager), await make_things(manager, "numbers", 1)
    publisher_id = int(address.partition("/")[2])
    async with db.transaction():
        await db.execute("select from publishers where id = $1 for update", publisher_id)
        waiting = asyncio.ensure_future(put(manager, address, "numbers", []))
        await wait_until_held_up(waiting, db)
        await db.execute(
            """
            insert into number_grants (company_id, publisher_id, number_id, number, granted_at)
            select company_id, $2, id, number, clock_timestamp()
            from tracking_numbers
            where id = $1
            """,
            number,
            publisher_id,
        )
    assert (await waiting)["revoked"] == [number]
    (span,) = await spans(db, "numbers")
    assert span["granted_at"] == span["revoked_at"], "it never counted, and nothing broke"


async def test_a_number_removed_by_who_began_before_it_was_granted_is_granted_to_nobody(
    manager: Manager, db: asyncpg.Connection
) -> None:
    address, (number,) = await make_publisher(manager), await make_things(manager, "numbers", 1)
    async with db.transaction():
        await db.execute("select now()")
        await put(manager, address, "numbers", [number])
        await db.execute("update tracking_numbers set removed_at = now() where id = $1", number)
    (span,) = await spans(db, "numbers")
    assert span["granted_at"] == span["revoked_at"]


@pytest.mark.parametrize("noun", NOUNS)
async def test_what_is_removed_while_it_is_granted_is_granted_to_nobody(
    manager: Manager, db: asyncpg.Connection, noun: str
) -> None:
    address = await make_publisher(manager)
    for _ in range(10):
        (thing,) = await make_things(manager, noun, 1)
        replies = await asyncio.gather(
            manager.ask("PATCH", f"{address}/{noun}", {"grant": [thing]}), manager.ask("DELETE", f"{noun}/{thing}")
        )
        assert replies[0].status in (200, 404)
        assert replies[1].status == 204
    assert [span for span in await spans(db, noun) if span["revoked_at"] is None] == []
