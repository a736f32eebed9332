"""People sign in and out, and nobody with a planted or stolen cookie, or a page of another site, is taken for them."""

from typing import Any

import asyncpg
import pytest

from admin.database import DATABASE
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.sweep import Sweep
from shared.embedded import EmbeddedPostgres
from tests.conftest import CheckFigure
from tests.integration.admin.browser import COOKIE, Browser
from tests.integration.admin.jane import EMAIL, OTHER_PASSWORD
from tests.integration.admin.manager import JsonObject, Manager
from tests.service_processes import as_admin
from tests.stalls import running_clock
from tests.waiting import wait_for

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


@pytest.mark.prompt
async def test_signing_in_is_unavailable_within_a_second_while_postgresql_is_frozen(
    door: Any, password: str, postgres: EmbeddedPostgres, check_figure: CheckFigure
) -> None:
    async with running_clock() as clock:
        postgres.pause()
        try:
            clock.start()
            assert (await Browser(door).sign_in(EMAIL, password)).problem == (503, "unavailable", None)
            seconds = clock.seconds
        finally:
            postgres.resume()
    check_figure("signing in is unavailable after, in s", seconds, at_most=1.2)  # a second, and what the way to it takes

    async def status() -> int:
        return (await Browser(door).sign_in(EMAIL, password)).status

    await wait_for(status, 201, "status of signing in once PostgreSQL goes on")


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
