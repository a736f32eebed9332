"""Guesses are throttled, lock nobody out, and tell nothing by what is answered or when."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher

from admin import sign_in, throttle
from admin.passwords import _OF_NOBODY, PASSWORDS, Passwords
from tests.conftest import CheckFigure
from tests.integration.admin.browser import Browser
from tests.integration.admin.jane import EMAIL
from tests.integration.admin.manager import JsonObject
from tests.integration.admin.people.timing import TOLD_APART, Ask, Work, find_difference


async def guess(door: Any, email: str, source_ip: str, password: str = "not the password") -> int:
    return (await Browser(door, source_ip).sign_in(email, password)).status


@pytest.mark.usefixtures("cheap_hashes")
async def test_a_thousand_guesses_are_throttled_and_the_owner_still_signs_in(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection
) -> None:
    """From a few places and from a hundred, also with the right password, which is no better than a wrong one once there were too many."""
    hashed = await count_hashes(door)
    few = [await asyncio.gather(*(guess(door, EMAIL, f"203.0.113.{place}") for place in range(10))) for _ in range(50)]
    many = [await asyncio.gather(*(guess(door, EMAIL, f"203.0.{place}.1") for place in range(100, 110))) for _ in range(50)]
    statuses = [status for round_of in few + many for status in round_of]
    assert len(statuses) == 1_000
    assert statuses.count(401) <= throttle.AT_ONE_PERSON
    assert set(statuses) == {401, 429}
    assert hashed() <= throttle.AT_ONE_PERSON, "what is refused isn't hashed"
    assert await guess(door, EMAIL, "203.0.113.1", password) == 429
    assert await guess(door, EMAIL, "192.0.2.1", password) == 429, "from where she never was"
    assert await guess(door, EMAIL, jane.source_ip, password) == 201, "from where she signed in before"
    assert await guess(door, "joe@acme.example", "192.0.2.1") == 401, "others are nobody's concern"
    await db.execute("update sign_in_tries set since = since - interval '15 minutes'")
    assert await guess(door, EMAIL, "192.0.2.1", password) == 201


async def count_hashes(door: Any) -> Callable[[], int]:
    """How many passwords were checked from now on."""
    passwords, checked = door.app[PASSWORDS], 0
    check = passwords.check

    async def counted(kept: str | None, password: str) -> bool:
        nonlocal checked
        checked += 1
        return bool(await check(kept, password))

    passwords.check = counted
    return lambda: checked


@pytest.mark.usefixtures("cheap_hashes")
async def test_guesses_at_many_people_from_one_place_are_throttled(door: Any) -> None:
    statuses = [await guess(door, f"person{number}@acme.example", "203.0.113.9") for number in range(110)]
    assert statuses == [401] * throttle.FROM_ONE_PLACE + [429] * 10


async def test_the_holder_of_an_ipv6_network_is_one_place(door: Any) -> None:
    statuses = [await guess(door, EMAIL, f"2001:db8:0:1::{number:x}") for number in range(1, 13)]
    assert statuses == [401] * throttle.FROM_ONE_PLACE_AT_ONE_PERSON + [429] * 2


async def test_guesses_all_at_once_are_counted_one_by_one(door: Any) -> None:
    statuses = await asyncio.gather(*(guess(door, EMAIL, "203.0.113.9") for _ in range(30)))
    assert sorted(statuses) == [401] * throttle.FROM_ONE_PLACE_AT_ONE_PERSON + [429] * 20


async def test_a_throttled_guess_says_when_to_come_back(door: Any) -> None:
    began = time.monotonic()
    for _ in range(throttle.FROM_ONE_PLACE_AT_ONE_PERSON):
        await guess(door, EMAIL, "203.0.113.9")
    reply = await Browser(door, "203.0.113.9").sign_in(EMAIL, "x")
    assert reply.problem == (429, "too_many_tries", None)
    assert 899 - (time.monotonic() - began) < int(reply.headers["Retry-After"]) <= 900  # in whole seconds


@pytest.mark.usefixtures("cheap_hashes")
async def test_who_signs_in_often_is_not_throttled(door: Any, password: str) -> None:
    assert [await guess(door, EMAIL, "203.0.113.9", password) for _ in range(120)] == [201] * 120


async def test_the_throttle_is_what_holds(door: Any, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """The control: without the counts every guess is heard."""

    async def count_nothing(*_: Any) -> None: ...

    monkeypatch.setattr(sign_in, "count_guess", count_nothing)
    assert [await guess(door, EMAIL, "203.0.113.9") for _ in range(12)] == [401] * 12


@pytest.fixture
def guesses(door: Any, made: JsonObject, db: asyncpg.Connection) -> tuple[Ask, Ask]:
    """A wrong guess at who has a login, and one at who has none."""

    async def guess_wrong(email: str) -> None:
        await db.execute("delete from sign_in_tries")
        assert await guess(door, email, "203.0.113.9") == 401

    return partial(guess_wrong, EMAIL), partial(guess_wrong, "nobody@acme.example")


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers at once for nobody, as one would write it first."""
    check = Passwords.check

    async def check_in_a_hurry(self: Passwords, kept: str | None, password: str) -> bool:
        return kept is not None and await check(self, kept, password)

    monkeypatch.setattr(Passwords, "check", check_in_a_hurry)


async def test_as_much_is_done_for_nobody_as_for_who_has_a_login(
    guesses: tuple[Ask, Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(monkeypatch)
    assert await work.of(guesses[0]) == await work.of(guesses[1])
    hurry(monkeypatch)
    assert await work.of(guesses[0]) != await work.of(guesses[1]), "the control: who answers at once for nobody is found out"


@pytest.mark.long
async def test_nobody_learns_from_the_time_who_has_a_login(
    guesses: tuple[Ask, Ask], monkeypatch: pytest.MonkeyPatch, check_figure: CheckFigure
) -> None:
    check_figure("guesses differ by, as a share", await find_difference(*guesses, times=60), at_most=TOLD_APART)
    hurry(monkeypatch)
    share = await find_difference(*guesses, times=60)
    check_figure("the control: guesses differ by, as a share, if nobody's are answered at once", share, at_least=TOLD_APART)


async def test_the_hash_of_nobody_costs_what_others_do() -> None:
    passwords = Passwords()
    assert not passwords.is_outdated(_OF_NOBODY)
    assert not await passwords.check(None, "nobody has this password, as it is only here to take time")
    await passwords.stop()


async def test_a_password_hashed_in_an_older_way_is_hashed_anew(door: Any, password: str, db: asyncpg.Connection) -> None:

    await db.execute("update users set password_hash = $1", PasswordHasher(time_cost=1, memory_cost=64).hash(password))
    assert (await Browser(door).sign_in(EMAIL, password)).status == 201
    assert "m=19456,t=2,p=1" in await db.fetchval("select password_hash from users")
    assert (await Browser(door).sign_in(EMAIL, password)).status == 201
