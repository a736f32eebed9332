"""Invites: looked at, and accepted with a new login, an existing one, or a session."""

from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.auth import COOKIE
from shared.secret import new_secret
from tests.integration.admin.letters import EMAIL, PASSWORD, Letter, cookie_of, give_password, invite, state
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person, begin_session, visitor

Door = TestClient[Any, Any]


@pytest.fixture
async def letter(manager: Manager, db: asyncpg.Connection) -> Letter:
    return await invite(manager, db)


@pytest.fixture(autouse=True)
async def _browsers_apart(door: Door) -> None:
    """Each request carries the cookie that it says, none of an answer before."""
    door.session._cookie_jar = aiohttp.DummyCookieJar()


# --- looking


async def test_a_link_says_what_it_invites_to(manager: Manager, db: asyncpg.Connection) -> None:
    publisher, buyer = await manager.create("publishers", name="Leads"), await manager.create("buyers", name="Insurer")
    letter = await invite(manager, db, publisher_ids=[publisher["id"]], buyer_ids=[buyer["id"]])
    reply = await letter.look()
    assert reply.status == 200
    made = await manager.get(f"collaborators/{letter.id}")
    assert reply.body == {
        "company_name": "Acme",
        "name": "Jane",
        "email": EMAIL,
        "role": "collaborator",
        "publishers": ["Leads"],
        "buyers": ["Insurer"],
        "expires_at": made["invite_expires_at"],
        "has_login": False,
    }
    await db.execute("insert into users (email, name, password_hash) values ($1, 'Jane', 'x')", EMAIL)
    assert (await letter.look()).body["has_login"] is True


async def test_a_scanner_of_mail_that_opens_the_link_changes_nothing(letter: Letter, db: asyncpg.Connection) -> None:
    before = await state(db)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        for path in (letter.link, f"{letter.link}/accept"):
            await visitor(letter.manager.door, 1).ask(method, path)
    for _ in range(10):
        assert (await letter.look()).status == 200
    assert await state(db) == before
    assert (await letter.accept(password=PASSWORD)).status == 201


async def test_unknown_links_are_not_found(letter: Letter, db: asyncpg.Connection) -> None:
    before = await state(db)
    for link in (f"/v1/invites/{new_secret('in')}", "/v1/invites/x", letter.link + "x", letter.link[:-1]):
        letter.link = link
        assert (await letter.look()).problem == (404, "invite_not_found", None)
        assert (await letter.accept(password=PASSWORD)).problem == (404, "invite_not_found", None)
    assert await state(db) == before


# --- with a new login


async def test_who_has_no_login_gets_one_and_is_signed_in(manager: Manager, letter: Letter, db: asyncpg.Connection) -> None:
    reply = await letter.accept(name="Jane Doe", password=PASSWORD)
    assert reply.status == 201, reply
    user = await db.fetchrow("select id, name, password_hash from users where email = $1", EMAIL)
    assert reply.body == {
        "company_id": manager.company_id,
        "company_name": "Acme",
        "collaborator_id": letter.id,
        "user_id": user["id"],
    }
    assert (user["name"], user["password_hash"].startswith("$argon2id$")) == ("Jane Doe", True)
    shown = await manager.get(f"collaborators/{letter.id}")
    assert (shown["status"], shown["accepted_at"] is not None) == ("no_permissions", True)
    browser = Person(manager.door, manager.company_id, cookie_of(reply))
    assert (await browser.get("/v1/me"))["user_id"] == user["id"]
    assert await browser.status("GET", "publishers") == 200
    assert PASSWORD not in str(await state(db))
    told = await db.fetchrow("select actor, new from audit_log where action = 'changed' and object = 'collaborator'")
    assert f'"id": {user["id"]}' in told["actor"]
    assert "hash" not in told["new"]


async def test_a_new_login_is_called_as_the_invite_was_unless_it_says_otherwise(letter: Letter, db: asyncpg.Connection) -> None:
    assert (await letter.accept(password=PASSWORD)).status == 201
    assert await db.fetchval("select name from users where email = $1", EMAIL) == "Jane"


async def test_a_password_that_cannot_be_uses_nothing_up(
    letter: Letter, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    before = await state(db)
    for said, field in (
        ({}, "password"),
        ({"password": None}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 1025}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": EMAIL}, "password"),
        ({"password": PASSWORD, "name": ""}, "name"),
        ({"password": "Jane Mary Doe", "name": "Jane Mary Doe"}, "password"),
    ):
        with subtests.test(str(said)[:60]):
            assert (await letter.accept(**said)).problem == (422, "invalid_field", field)
            assert await state(db) == before
    assert (await letter.accept(password=PASSWORD)).status == 201


async def test_what_nobody_says_on_accepting_is_refused_by_name(letter: Letter) -> None:
    for field in ("role", "email", "company_id", "publisher_ids", "user_id"):
        reply = await letter.accept(password=PASSWORD, **{field: 1})
        assert reply.problem == (422, "unknown_field", field)


# --- with a login that is there


async def test_who_has_a_login_gives_its_password(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    """One login for many companies."""
    person = await add_person(db, door, neighbour.company_id)
    letter = await invite(manager, db, await give_password(db, person))
    assert (await letter.accept()).problem == (422, "invalid_field", "password")
    assert (await letter.accept(password="not the password")).problem == (401, "sign_in_failed", None)
    reply = await letter.accept(name="Another name", password=PASSWORD)
    assert (reply.status, reply.body["user_id"]) == (201, person.user_id)
    browser = Person(door, manager.company_id, cookie_of(reply))
    assert [company["id"] for company in (await browser.get("/v1/me"))["companies"]] == [manager.company_id, neighbour.company_id]
    assert (await browser.get("/v1/me"))["name"] != "Another name"


async def test_guesses_at_the_password_are_counted_and_use_nothing_up(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    person = await add_person(db, door, neighbour.company_id)
    letter = await invite(manager, db, await give_password(db, person))
    before = await state(db)
    statuses = [(await letter.accept(password=f"guess number {n}")).status for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (await letter.accept(password=PASSWORD)).problem == (429, "too_many_tries", None)
    assert await state(db) == before
    assert (await letter.accept(person)).status == 201, "who is signed in isn't guessing"


async def test_who_is_asked_for_codes_signs_in_first(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    person = await add_person(db, door, neighbour.company_id)
    letter = await invite(manager, db, await give_password(db, person))
    await db.execute("update users set totp_secret = 'JBSWY3DPEHPK3PXP', totp_last_step = 1 where id = $1", person.user_id)
    for password in (PASSWORD, "not the password"):
        assert (await letter.accept(password=password)).problem == (409, "sign_in_first", None)
    assert (await letter.accept(person)).status == 201


async def test_who_is_signed_in_as_the_invited_joins_and_gets_a_fresh_session(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    person = await add_person(db, door, neighbour.company_id)
    other_browser = Person(door, neighbour.company_id, await begin_session(db, person.user_id))
    email = await db.fetchval("select email from users where id = $1", person.user_id)
    letter = await invite(manager, db, email.upper())
    reply = await letter.accept(person)
    assert (reply.status, reply.body["user_id"]) == (201, person.user_id)
    fresh = cookie_of(reply)
    assert fresh != person.own_headers
    assert await person.status("GET", "/v1/me") == 401, "the session that it came with has ended"
    assert await other_browser.status("GET", "/v1/me") == 200, "those of other browsers haven't"
    assert await Person(door, manager.company_id, fresh).status("GET", "publishers") == 200


async def test_who_is_signed_in_as_somebody_else_is_told_so_and_nothing_is_used_up(
    letter: Letter, neighbour: Manager, db: asyncpg.Connection, door: Door
) -> None:
    other = await add_person(db, door, neighbour.company_id)
    before = await state(db)
    for said in ({}, {"password": PASSWORD}):
        assert (await letter.accept(other, **said)).problem == (409, "signed_in_as_another", None)
    assert await state(db) == before
    assert await other.status("GET", "/v1/me") == 200
    assert (await letter.accept(password=PASSWORD)).status == 201


async def test_a_page_of_another_site_accepts_nothing(letter: Letter, db: asyncpg.Connection) -> None:
    before = await state(db)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        browser = Person(letter.manager.door, letter.manager.company_id, headers)
        assert (await letter.accept(browser, password=PASSWORD)).problem == (403, "cross_site", None)
    assert await state(db) == before


async def test_a_token_or_a_session_that_is_over_is_no_hindrance(letter: Letter) -> None:
    for headers in (letter.manager.headers(None), {"Authorization": "Bearer nonsense"}, {"Cookie": f"{COOKIE}=nonsense"}):
        assert (await letter.look(Person(letter.manager.door, 1, headers))).status == 200
    browser = Person(letter.manager.door, 1, {"Cookie": f"{COOKIE}=nonsense"})
    assert (await letter.accept(browser, password=PASSWORD)).status == 201
