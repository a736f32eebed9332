"""People sign in with a password and a code, and nobody else does: guesses, planted cookies, other sites' pages, codes used twice."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import asyncpg
import pyotp
import pytest
from aiohttp.test_utils import TestClient

from admin import sign_in, throttle
from admin.app import create_app
from admin.database import DATABASE
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.passwords import _OF_NOBODY, PASSWORDS, Passwords
from admin.settings import AdminSettings
from admin.sweep import Sweep
from admin.totp import find_step
from tests.integration.admin.browser import COOKIE, Browser
from tests.integration.admin.manager import JsonObject, Manager
from tests.service_processes import as_admin
from tests.world import DoorServer

EMAIL = "jane@acme.example"
OTHER_PASSWORD = "a horse of quite another colour"


@pytest.fixture
async def door(postgres_url: str, aiohttp_client: Any) -> TestClient[Any, Any]:
    """The service behind a proxy on this machine, for browsers that keep their cookies themselves."""
    settings = AdminSettings(
        postgres_url=as_admin(postgres_url),
        postgres_connections=4,
        trusted_proxies=("127.0.0.1",),
        public_url="https://admin.example",
    )
    return await aiohttp_client(DoorServer(create_app(settings)), cookie_jar=aiohttp.DummyCookieJar())


@pytest.fixture
async def made(postgres_url: str, door: TestClient[Any, Any]) -> JsonObject:
    """A company whose owner is Jane."""
    return dict(await make_company(as_admin(postgres_url), "Acme", "US", Owner(email="Jane@Acme.example", name="Jane Roe")))


@pytest.fixture
def password(made: JsonObject) -> str:
    return str(made["owner_password"])


@pytest.fixture
async def jane(door: TestClient[Any, Any], password: str) -> Browser:
    """The owner's browser, signed in."""
    browser = Browser(door)
    assert (await browser.sign_in(EMAIL, password)).status == 201
    return browser


# --- signing in and out


async def test_the_owner_signs_in_and_is_who_they_are_everywhere(jane: Browser, made: JsonObject) -> None:
    company = {"id": made["company_id"], "name": "Acme", "role": "owner"}
    me = await jane.me()
    assert (me["kind"], me["email"], me["name"], me["totp"]) == ("person", EMAIL, "Jane Roe", False)
    assert [mine | {"collaborator_id": None} for mine in me["companies"]] == [company | {"collaborator_id": None}]
    assert (await jane.ask("GET", "/v1/companies")).body["items"] == me["companies"]
    own = f"/v1/companies/{made['company_id']}"
    assert (await jane.ask("POST", f"{own}/publishers", {"name": "Leads"})).status == 201
    assert (await jane.ask("PATCH", "/v1/me", {"name": "Jane Doe"})).body["name"] == "Jane Doe"


async def test_one_login_belongs_to_several_companies(jane: Browser, postgres_url: str, password: str) -> None:
    second: Any = await make_company(as_admin(postgres_url), "Second", "GB", Owner(email=EMAIL, name="Jane"))
    assert second["owner_password"] is None, "a login that is there keeps its password"
    assert [mine["name"] for mine in (await jane.me())["companies"]] == ["Acme", "Second"]
    assert (await jane.ask("GET", f"/v1/companies/{second['company_id']}")).body["default_region"] == "GB"
    assert (await Browser(jane.door).sign_in(EMAIL, password)).status == 201


async def test_the_cookie_is_for_this_site_and_https_alone_and_no_script_reads_it(door: Any, password: str) -> None:
    body = {"email": EMAIL, "password": password}
    async with door.post("/v1/sessions", json=body) as reply:
        cookie = reply.cookies[COOKIE]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
        assert cookie["domain"] == ""


async def test_everything_wrong_is_answered_alike(door: Any, password: str) -> None:
    browser = Browser(door)
    replies = [
        await browser.sign_in(EMAIL, "x" * 12),
        await browser.sign_in("nobody@acme.example", password),
        await browser.sign_in(EMAIL, password + "\x00"),
        await browser.sign_in("no address", password),
        await browser.sign_in(EMAIL, password.upper(), code="123456"),
    ]
    assert {(reply.status, reply.text, reply.headers.get("Set-Cookie")) for reply in replies} == {(401, replies[0].text, None)}
    assert replies[0].body["code"] == "sign_in_failed"
    assert not browser.cookie


async def test_a_session_that_ended_is_not_taken_again(jane: Browser) -> None:
    stolen = Browser(jane.door)
    stolen.cookie = jane.cookie
    assert await stolen.is_signed_in()
    assert (await jane.ask("DELETE", "/v1/sessions/current")).status == 204
    assert jane.cookie == ""
    assert not await stolen.is_signed_in()


async def test_a_planted_cookie_is_never_the_session(door: Any, jane: Browser, password: str) -> None:
    victim = Browser(door)
    for planted in ("cs_se_planted", jane.cookie):  # one that was made up, and one that the attacker signed in for
        victim.cookie = planted
        assert (await victim.sign_in(EMAIL, password)).status == 201
        assert victim.cookie != planted
        attacker = Browser(door)
        attacker.cookie = planted
        assert not await attacker.is_signed_in()
        assert await victim.is_signed_in()


async def test_sessions_are_listed_and_each_can_be_ended(door: Any, jane: Browser, password: str, db: asyncpg.Connection) -> None:
    phone = Browser(door, "2001:db8::5")
    await phone.sign_in(EMAIL, password)
    here, there = (await jane.ask("GET", "/v1/sessions")).body["items"]
    assert (here["is_current"], there["is_current"]) == (True, False)
    assert (here["source_ip"], there["source_ip"], here["user_agent"]) == ("198.51.100.7", "2001:db8::5", "A browser")
    assert (await jane.ask("DELETE", f"/v1/sessions/{there['id']}")).status == 204
    assert not await phone.is_signed_in()
    assert (await jane.ask("DELETE", f"/v1/sessions/{there['id']}")).status == 404
    stranger = await db.fetchval("insert into users (email, name, password_hash) values ('x@y.example', 'X', '') returning id")
    theirs = await db.fetchval(
        "insert into sessions (user_id, secret_hash, idle_at, ends_at) values ($1, $2, now(), now()) returning id",
        stranger,
        b"x" * 32,
    )
    assert (await jane.ask("DELETE", f"/v1/sessions/{theirs}")).status == 404


@pytest.mark.parametrize("end", ["idle_at", "ends_at"])
async def test_a_session_ends_when_it_is_idle_and_whatever_is_done_after_some_days(
    jane: Browser, db: asyncpg.Connection, end: str
) -> None:
    assert await jane.is_signed_in()
    await db.execute(f"update sessions set {end} = now() - interval '1 second'")
    assert not await jane.is_signed_in()
    await Sweep(jane.door.app[DATABASE]).sweep_once()
    assert await db.fetchval("select count(*) from sessions") == 0


async def test_being_seen_keeps_a_session_from_going_idle(jane: Browser, db: asyncpg.Connection) -> None:
    await db.execute("update sessions set seen_at = seen_at - interval '11 hours', idle_at = idle_at - interval '11 hours'")
    assert await jane.is_signed_in()
    assert await db.fetchval("select idle_at > now() + interval '11 hours' from sessions")


async def test_a_token_has_no_password_and_no_sessions(door: Any, made: JsonObject) -> None:
    script = Manager(door, made["company_id"], made["api_token"])
    for method, path, body in (
        ("GET", "/v1/sessions", None),
        ("DELETE", "/v1/sessions/current", None),
        ("PATCH", "/v1/me", {"name": "X"}),
        ("POST", "/v1/me/password", {"old_password": "x", "new_password": OTHER_PASSWORD}),
        ("POST", "/v1/me/totp", {"password": "x"}),
        ("POST", "/v1/me/totp/confirm", {"code": "123456"}),
        ("DELETE", "/v1/me/totp", {"password": "x", "code": "123456"}),
    ):
        assert (await script.ask(method, path, body)).problem == (403, "not_permitted", None), path


# --- pages of other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "none", "Origin": "null"},
    ],
)
async def test_what_another_sites_page_sends_is_not_carried_out(
    jane: Browser, made: JsonObject, password: str, headers: dict[str, str]
) -> None:
    path = f"/v1/companies/{made['company_id']}/publishers"
    assert (await jane.ask("POST", path, {"name": "Theirs"}, **headers)).problem == (403, "cross_site", None)
    signing_in = {"email": EMAIL, "password": password}
    assert (await Browser(jane.door).ask("POST", "/v1/sessions", signing_in, **headers)).problem == (403, "cross_site", None)
    assert (await jane.ask("DELETE", "/v1/sessions/current", **headers)).problem == (403, "cross_site", None)
    assert (await jane.ask("GET", path)).body["items"] == []


async def test_this_sites_pages_and_programs_are_heard(jane: Browser, made: JsonObject) -> None:
    """The control of the one above: it isn't that nothing gets through."""
    path = f"/v1/companies/{made['company_id']}/publishers"
    assert (await jane.ask("POST", path, {"name": "A"}, Origin="https://admin.example")).status == 201
    assert (await jane.ask("POST", path, {"name": "B"}, Sec_Fetch_Site="none")).status == 201
    script = Manager(jane.door, made["company_id"], made["api_token"])
    await script.create("publishers", name="C")
    for headers in ({}, {"Origin": "https://evil.example", "Authorization": f"Bearer {made['api_token']}"}):
        async with jane.door.post(path, json={"name": "D"}, headers=headers) as reply:
            assert reply.status == (201 if headers else 401), "a token is no cookie: no page has it"


# --- guesses


async def guess(door: Any, email: str, source_ip: str, password: str = "not the password") -> int:
    return (await Browser(door, source_ip).sign_in(email, password)).status


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
    for _ in range(throttle.FROM_ONE_PLACE_AT_ONE_PERSON):
        await guess(door, EMAIL, "203.0.113.9")
    reply = await Browser(door, "203.0.113.9").sign_in(EMAIL, "x")
    assert reply.problem == (429, "too_many_tries", None)
    assert 880 < int(reply.headers["Retry-After"]) <= 900


async def test_who_signs_in_often_is_not_throttled(door: Any, password: str) -> None:
    assert [await guess(door, EMAIL, "203.0.113.9", password) for _ in range(120)] == [201] * 120


async def test_the_throttle_is_what_holds(door: Any, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """The control: without the counts every guess is heard."""

    async def count_nothing(*_: Any) -> None: ...

    monkeypatch.setattr(sign_in, "count_guess", count_nothing)
    assert [await guess(door, EMAIL, "203.0.113.9") for _ in range(12)] == [401] * 12


async def medians(door: Any, emails: tuple[str, str], db: asyncpg.Connection) -> list[float]:
    """How long a wrong password for each takes, by turns."""
    spent: dict[str, list[float]] = {email: [] for email in emails}
    for _ in range(20):
        for email in emails:
            await db.execute("delete from sign_in_tries")
            begin = time.perf_counter()
            assert await guess(door, email, "203.0.113.9") == 401
            spent[email].append(time.perf_counter() - begin)
    return [statistics.median(spent[email]) for email in emails]


async def test_nobody_learns_from_the_time_who_has_a_login(
    door: Any, made: JsonObject, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown = await medians(door, (EMAIL, "nobody@acme.example"), db)
    assert abs(known - unknown) < 0.4 * known, (known, unknown)

    async def hurry(self: Passwords, kept: str | None, password: str) -> bool:
        return kept is not None and await check(self, kept, password)

    check = Passwords.check
    monkeypatch.setattr(Passwords, "check", hurry)
    known, unknown = await medians(door, (EMAIL, "nobody@acme.example"), db)
    assert abs(known - unknown) > 0.4 * known, "the control: who answers at once for nobody is found out"


async def test_the_hash_of_nobody_costs_what_others_do() -> None:
    passwords = Passwords()
    assert not passwords.is_outdated(_OF_NOBODY)
    assert not await passwords.check(None, "nobody has this password, as it is only here to take time")
    await passwords.stop()


async def test_a_password_hashed_in_an_older_way_is_hashed_anew(door: Any, password: str, db: asyncpg.Connection) -> None:
    from argon2 import PasswordHasher

    await db.execute("update users set password_hash = $1", PasswordHasher(time_cost=1, memory_cost=64).hash(password))
    assert (await Browser(door).sign_in(EMAIL, password)).status == 201
    assert "m=19456,t=2,p=1" in await db.fetchval("select password_hash from users")
    assert (await Browser(door).sign_in(EMAIL, password)).status == 201


# --- passwords


async def test_another_password_ends_all_sessions_but_a_new_one(door: Any, jane: Browser, password: str) -> None:
    other, stolen = Browser(door), Browser(door)
    await other.sign_in(EMAIL, password)
    stolen.cookie = jane.cookie
    change = {"old_password": password, "new_password": OTHER_PASSWORD}
    assert (await jane.ask("POST", "/v1/me/password", change | {"old_password": "x"})).problem == (
        422,
        "invalid_field",
        "old_password",
    )
    assert (await jane.ask("POST", "/v1/me/password", change)).status == 204
    assert [await browser.is_signed_in() for browser in (jane, other, stolen)] == [True, False, False]
    assert (await other.sign_in(EMAIL, password)).status == 401
    assert (await other.sign_in(EMAIL, OTHER_PASSWORD)).status == 201


@pytest.mark.parametrize("wanted", ["short", "x" * 11, "x" * 1025, "PasswordPassword", "aaaaaaaaaaaaaa", "JANE@acme.example"])
async def test_a_password_that_would_be_guessed_is_refused(jane: Browser, password: str, wanted: str) -> None:
    change = {"old_password": password, "new_password": wanted}
    assert (await jane.ask("POST", "/v1/me/password", change)).problem == (422, "invalid_field", "new_password")


async def test_who_has_a_stolen_session_cannot_guess_the_password(jane: Browser, password: str) -> None:
    statuses = [(await jane.ask("POST", "/v1/me/totp", {"password": f"guess {number}"})).status for number in range(11)]
    assert statuses == [422] * 10 + [429]


# --- codes


async def switch_on(browser: Browser, password: str) -> tuple[pyotp.TOTP, list[str]]:
    offer = await browser.ask("POST", "/v1/me/totp", {"password": password})
    assert offer.status == 200, offer
    assert offer.body["otpauth_url"].startswith("otpauth://totp/Callstamp:jane")
    totp = pyotp.TOTP(offer.body["secret"])
    confirmed = await browser.ask("POST", "/v1/me/totp/confirm", {"code": totp.now()})
    assert confirmed.status == 200, confirmed
    return totp, confirmed.body["recovery_codes"]


async def age_codes(db: asyncpg.Connection) -> None:
    """Let the code that was used last be one of long ago."""
    await db.execute("update users set totp_last_step = totp_last_step - 10 where totp_last_step > 10")


async def test_with_codes_the_password_alone_is_not_enough(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection
) -> None:
    other, browser = Browser(door), Browser(door)
    await other.sign_in(EMAIL, password)
    totp, _ = await switch_on(jane, password)
    assert [await jane.is_signed_in(), await other.is_signed_in()] == [True, False]
    assert (await jane.me())["totp"] is True
    await age_codes(db)
    assert (await browser.sign_in(EMAIL, password)).problem == (401, "code_needed", None)
    assert (await browser.sign_in(EMAIL, "wrong", code=totp.now())).problem == (401, "sign_in_failed", None)
    assert (await browser.sign_in(EMAIL, password, code=wrong_code(totp))).problem == (401, "sign_in_failed", None)
    assert not browser.cookie
    assert (await browser.sign_in(EMAIL, password, code=totp.now())).status == 201


def wrong_code(totp: pyotp.TOTP) -> str:
    now = time.time()
    return next(code for code in ("000000", "111111", "222222", "333333") if find_step(totp.secret, code, now) is None)


async def test_a_code_counts_once_also_for_two_at_the_same_time(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection
) -> None:
    totp, _ = await switch_on(jane, password)
    assert (await Browser(door).sign_in(EMAIL, password, code=totp.now())).status == 401, "the one that switched it on is used up"
    await age_codes(db)
    code = totp.now()
    replies = await asyncio.gather(*(Browser(door, f"192.0.2.{n}").sign_in(EMAIL, password, code=code) for n in range(5)))
    assert sorted(reply.status for reply in replies) == [201, 401, 401, 401, 401]


async def test_a_recovery_code_is_taken_once_where_a_code_is(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection
) -> None:
    _, recovery_codes = await switch_on(jane, password)
    assert len(set(recovery_codes)) == 10
    code = recovery_codes[3]
    replies = await asyncio.gather(*(Browser(door).sign_in(EMAIL, password, code=code) for _ in range(3)))
    assert sorted(reply.status for reply in replies) == [201, 401, 401]
    assert (await Browser(door).sign_in(EMAIL, password, code=recovery_codes[4].upper().replace("-", " "))).status == 201
    kept = await db.fetchval("select recovery_hashes::text from users")
    assert not any(code in kept for code in recovery_codes)


async def test_codes_are_switched_off_with_password_and_code(jane: Browser, password: str) -> None:
    _, recovery_codes = await switch_on(jane, password)
    proof = {"password": password, "code": recovery_codes[0]}
    assert (await jane.ask("POST", "/v1/me/totp", {"password": password})).problem == (409, "totp_on", None)
    assert (await jane.ask("DELETE", "/v1/me/totp", proof | {"password": "x"})).problem == (422, "invalid_field", "password")
    assert (await jane.ask("DELETE", "/v1/me/totp", proof | {"code": "x"})).problem == (422, "invalid_field", "code")
    assert (await jane.ask("DELETE", "/v1/me/totp", proof)).status == 204
    assert (await jane.ask("DELETE", "/v1/me/totp", proof)).problem == (409, "totp_off", None)
    assert (await Browser(jane.door).sign_in(EMAIL, password)).status == 201


async def test_an_offered_secret_is_not_in_force_before_its_first_code(jane: Browser, password: str) -> None:
    assert (await jane.ask("POST", "/v1/me/totp/confirm", {"code": "123456"})).problem == (409, "totp_off", None)
    offer = await jane.ask("POST", "/v1/me/totp", {"password": password})
    code = wrong_code(pyotp.TOTP(offer.body["secret"]))
    assert (await jane.ask("POST", "/v1/me/totp/confirm", {"code": code})).problem == (422, "invalid_field", "code")
    assert (await Browser(jane.door).sign_in(EMAIL, password)).status == 201


async def test_guesses_at_codes_are_throttled_for_who_knows_the_password(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection
) -> None:
    totp, _ = await switch_on(jane, password)
    await age_codes(db)
    wrong = wrong_code(totp)
    statuses = [(await Browser(door, f"203.0.113.{n}").sign_in(EMAIL, password, code=wrong)).status for n in range(12)]
    assert statuses == [401] * throttle.CODES_OF_ONE_PERSON + [429] * 2
    assert (await Browser(door).sign_in(EMAIL, password, code=totp.now())).status == 201, "from where she signed in before"
