"""Invites that were accepted, withdrawn, sent again or are too old, and those that many accept at once."""

import asyncio
from collections import Counter
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.store import invites
from tests.integration.admin.letters import EMAIL, PASSWORD, Letter, cookie_of, give_password, invite, state
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person, begin_session

Door = TestClient[Any, Any]


@pytest.fixture
async def letter(manager: Manager, db: asyncpg.Connection) -> Letter:
    return await invite(manager, db)


@pytest.fixture(autouse=True)
async def _browsers_apart(door: Door) -> None:
    """Each request carries the cookie that it says, none of an answer before."""
    door.session._cookie_jar = aiohttp.DummyCookieJar()


# --- over


async def check_over(letter: Letter, db: asyncpg.Connection, person: Person | None = None) -> None:
    before = await state(db)
    assert (await letter.look()).problem == (410, "invite_over", None)
    assert (await letter.accept(person, password=PASSWORD)).problem == (410, "invite_over", None)
    assert await state(db) == before


async def test_a_link_works_once(letter: Letter, db: asyncpg.Connection) -> None:
    first = await letter.accept(password=PASSWORD)
    assert first.status == 201
    await check_over(letter, db)
    await check_over(letter, db, Person(letter.manager.door, 1, cookie_of(first)))


async def test_a_link_works_for_seven_days(letter: Letter, db: asyncpg.Connection) -> None:
    await letter.age("6 days 23 hours 59 minutes")
    assert (await letter.look()).status == 200
    await letter.age("2 minutes")
    await check_over(letter, db)


async def test_a_removed_collaborators_link_is_over(letter: Letter, db: asyncpg.Connection) -> None:
    await letter.manager.remove(f"collaborators/{letter.id}")
    await check_over(letter, db)


async def test_a_withdrawn_invite_is_over_until_it_is_sent_again(letter: Letter, db: asyncpg.Connection) -> None:
    manager = letter.manager
    address = f"collaborators/{letter.id}"
    for _ in range(2):
        await manager.remove(f"{address}/invite")
        await check_over(letter, db)
    assert (await manager.get(address))["invite_expires_at"] is None
    reply = await manager.ask("POST", f"{address}/invite")
    assert (reply.status, reply.body["status"]) == (200, "invited")
    await letter.send()
    assert (await letter.accept(password=PASSWORD)).status == 201


async def test_sending_again_ends_the_old_link_at_once_and_gives_seven_more_days(letter: Letter, db: asyncpg.Connection) -> None:
    address = f"collaborators/{letter.id}"
    await letter.age("8 days")
    await check_over(letter, db)
    old = letter.link
    reply = await letter.manager.ask("POST", f"{address}/invite")
    assert reply.status == 200
    assert (await letter.look()).problem == (404, "invite_not_found", None)
    assert (await letter.accept(password=PASSWORD)).problem == (404, "invite_not_found", None)
    row = await db.fetchrow("select invite_expires_at - now() > interval '6 days 23 hours' as is_a_week from collaborators")
    assert row["is_a_week"]
    assert await db.fetchval("select count(*) from mails where collaborator_id = $1", letter.id) == 2
    await letter.send()
    assert letter.link != old
    assert (await letter.accept(password=PASSWORD)).status == 201


async def test_what_was_accepted_is_neither_sent_again_nor_withdrawn(letter: Letter) -> None:
    manager, address = letter.manager, f"collaborators/{letter.id}/invite"
    assert (await letter.accept(password=PASSWORD)).status == 201
    assert (await manager.ask("POST", address)).problem == (409, "already_accepted", None)
    assert (await manager.ask("DELETE", address)).problem == (409, "already_accepted", None)
    for method in ("POST", "DELETE"):
        assert (await manager.ask(method, f"collaborators/{letter.id + 1}/invite")).problem == (404, "not_found", None)


# --- at once


async def accept_50_times(letter: Letter, db: asyncpg.Connection) -> Counter[int]:
    replies = await asyncio.gather(*(letter.accept(password=PASSWORD) for _ in range(50)))
    assert await db.fetchval("select count(*) from users where email = $1", EMAIL) == 1
    return Counter(reply.status for reply in replies)


async def test_of_fifty_who_accept_at_once_one_does(letter: Letter, db: asyncpg.Connection) -> None:
    statuses = await accept_50_times(letter, db)
    assert statuses[201] == 1
    assert set(statuses) <= {201, 401, 410, 422, 429, 503}, "the others come late, or find a login that has its password by then"
    assert await db.fetchval("select count(*) from sessions") == 1
    assert await db.fetchval("select count(*) from audit_log where action = 'changed' and object = 'collaborator'") == 1


async def test_of_fifty_browsers_of_the_invited_that_accept_at_once_one_does(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    person = await add_person(db, door, neighbour.company_id)
    letter = await invite(manager, db, await give_password(db, person))
    browsers = [Person(door, manager.company_id, await begin_session(db, person.user_id)) for _ in range(50)]
    replies = await asyncio.gather(*(letter.accept(browser) for browser in browsers))
    assert Counter(reply.status for reply in replies) == {201: 1, 410: 49}


async def test_without_the_condition_that_nobody_has_accepted_many_do(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the two above."""
    person = await add_person(db, door, neighbour.company_id)
    letter = await invite(manager, db, await give_password(db, person))
    browsers = [Person(door, manager.company_id, await begin_session(db, person.user_id)) for _ in range(10)]
    careless = invites.accept.__code__.replace(
        co_consts=tuple(
            const.replace("and accepted_at is null", "") if isinstance(const, str) else const
            for const in invites.accept.__code__.co_consts
        )
    )
    monkeypatch.setattr(invites.accept, "__code__", careless)
    replies = await asyncio.gather(*(letter.accept(browser) for browser in browsers))
    assert Counter(reply.status for reply in replies)[201] > 1


async def test_an_invite_that_is_withdrawn_while_it_is_accepted_is_one_or_the_other(
    letter: Letter, db: asyncpg.Connection
) -> None:
    manager, address = letter.manager, f"collaborators/{letter.id}"
    accepted, withdrawn = await asyncio.gather(letter.accept(password=PASSWORD), manager.ask("DELETE", f"{address}/invite"))
    assert (accepted.status, withdrawn.status) in {(201, 409), (410, 204)}
