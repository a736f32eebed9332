"""Coming into the console: signing in, an invite's page, a new password, one's own login."""

from typing import Any
from urllib.parse import quote

import asyncpg
import pyotp
import pytest
from aiohttp.test_utils import TestClient

from admin.auth import COOKIE
from admin.pages.sign_in import find_own
from shared.secret import hash_secret, new_secret
from tests.integration.admin.html_page import ConsoleBrowser, HtmlPage
from tests.integration.admin.letters import PASSWORD, Letter, give_password, invite, state
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def jane(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    """An owner with a password."""
    person = await add_person(db, door, manager.company_id, role="owner")
    await give_password(db, person)
    return person


async def email_of(db: asyncpg.Connection, person: Person) -> str:
    return str(await db.fetchval("select email from users where id = $1", person.user_id))


async def sign_in(door: Door, email: str, password: str = PASSWORD, **more: str) -> tuple[ConsoleBrowser, HtmlPage]:
    browser = ConsoleBrowser(door)
    page = await browser.open("/sign-in")
    return browser, await browser.fill(page, "sign-in", email=email, password=password, **more)


# --- signing in and out


async def test_who_signs_in_goes_on_where_they_wanted_to(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    wanted = f"/companies/{jane.company_id}/collaborators?role=owner"
    browser = ConsoleBrowser(door)
    asked = await browser.open(wanted)
    assert asked.leads_to == "/sign-in?next=" + quote(wanted)
    page = await browser.open(asked.leads_to)
    done = await browser.fill(page, "sign-in", email=await email_of(db, jane), password=PASSWORD)
    assert done.leads_to == wanted
    assert (await browser.open(wanted)).status == 200
    out = await browser.fill(await browser.open("/me"), "sign-out")
    assert (out.leads_to, browser.notice) == ("/sign-in", "You are signed out.")
    assert COOKIE not in browser.cookies


async def test_a_wrong_password_is_said_and_the_address_stays(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    email = await email_of(db, jane)
    browser, page = await sign_in(door, email, "a guess that fails")
    assert page.status == 401
    assert "is wrong" in page.text
    assert page.form("sign-in").fields["email"] == [email]
    assert "a guess that fails" not in page.body
    assert COOKIE not in browser.cookies


async def test_too_many_tries_say_how_long_to_wait(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    email = await email_of(db, jane)
    for _ in range(10):
        assert (await sign_in(door, email, "a guess that fails"))[1].status == 401
    _, page = await sign_in(door, email)
    assert page.status == 429
    assert "The next one may be in 14 minutes" in page.text or "The next one may be in 15 minutes" in page.text
    assert int(page.headers["Retry-After"]) > 800


async def test_a_password_may_begin_and_end_with_a_space(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    await give_password(db, jane, f" {PASSWORD} ")
    assert (await sign_in(door, await email_of(db, jane), f" {PASSWORD} "))[1].status == 303
    assert (await sign_in(door, await email_of(db, jane), PASSWORD))[1].status == 401


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/a\r\nX: y",
        "javascript:alert(1)",
        "a",
        "",
    ],
)
async def test_nobody_is_led_to_another_site(door: Door, jane: Person, db: asyncpg.Connection, address: str) -> None:
    _, done = await sign_in(door, await email_of(db, jane), next=address)
    assert done.leads_to.startswith(("/companies/", "/")), done.leads_to
    assert "evil" not in done.leads_to
    assert find_own(address) == "/"
    assert find_own("/companies/1?a=b") == "/companies/1?a=b"


async def test_another_sites_page_signs_nobody_in_or_out(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    typed = {"email": await email_of(db, jane), "password": PASSWORD}
    browser = ConsoleBrowser(door, jane.own_headers)
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "null"},
    ):
        for path in ("/sign-in?do=sign-in", "/sign-out?do=sign-out", "/me?do=name"):
            page = await browser.send(path, typed | {"name": "Mallory"}, **headers)
            assert page.status == 403, (path, headers)
            assert "didn't come from a page of ours" in page.text
    assert (await browser.open("/me")).status == 200


async def test_a_session_that_ended_elsewhere_leads_to_signing_in(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    browser = ConsoleBrowser(door, jane.own_headers)
    page = await browser.open("/me")
    await db.execute("delete from sessions where user_id = $1", jane.user_id)
    for asked in (await browser.open("/me"), await ConsoleBrowser(door, jane.own_headers).fill(page, "name", name="J")):
        assert asked.leads_to == "/sign-in?next=/me&ended=true"
    assert COOKIE not in browser.cookies
    assert "Your session has ended" in (await browser.open("/sign-in?next=/me&ended=true")).text


# --- invites


async def look(letter: Letter, browser: ConsoleBrowser) -> HtmlPage:
    return await browser.open(letter.link.removeprefix("/v1"))


async def test_an_invite_says_what_it_is_and_opening_it_changes_nothing(
    door: Door, manager: Manager, db: asyncpg.Connection
) -> None:
    publisher = await manager.create("publishers", name="<b>Leads</b>")
    letter = await invite(manager, db, publisher_ids=[publisher["id"]])
    before = await state(db)
    page = await look(letter, ConsoleBrowser(door))
    assert page.status == 200
    for said in ("Acme invites you", "jane@example.com", "Collaborator", "<b>Leads</b>"):
        assert said in page.text
    assert "<b>Leads" not in page.body
    assert await state(db) == before


async def test_an_invite_is_accepted_with_a_new_login(door: Door, manager: Manager, db: asyncpg.Connection) -> None:
    letter, browser = await invite(manager, db), ConsoleBrowser(door)
    page = await look(letter, browser)
    short = await browser.fill(page, "accept", name="Jane Roe", password="short")
    assert (short.status, short.form("accept").fields["name"]) == (422, ["Jane Roe"])
    assert "12 characters" in short.text
    done = await browser.fill(page, "accept", password=PASSWORD)
    assert done.leads_to == f"/companies/{manager.company_id}"
    assert browser.notice == "Welcome to Acme."
    assert "Jane" in (await browser.open("/me")).text
    over = await look(letter, ConsoleBrowser(door))
    assert (over.status, over.forms) == (410, [])
    assert "This invite is over" in over.text


async def test_an_invite_is_accepted_with_the_login_there_is(
    door: Door, manager: Manager, jane: Person, db: asyncpg.Connection, neighbour: Manager
) -> None:
    letter = await invite(neighbour, db, email=await email_of(db, jane))
    browser = ConsoleBrowser(door)
    page = await look(letter, browser)
    assert "You have a login" in page.text
    wrong = await browser.fill(page, "accept", password="a guess that fails")
    assert wrong.status == 401
    signed_in = ConsoleBrowser(door, jane.own_headers)
    page = await look(letter, signed_in)
    assert "password" not in page.form("accept").fields
    assert (await signed_in.fill(page, "accept")).leads_to == f"/companies/{neighbour.company_id}"


async def test_who_is_signed_in_as_another_is_told_so_and_comes_back(
    door: Door, manager: Manager, jane: Person, db: asyncpg.Connection
) -> None:
    letter, browser = await invite(manager, db), ConsoleBrowser(door, jane.own_headers)
    before = await state(db)
    page = await look(letter, browser)
    assert f"You are signed in as {await email_of(db, jane)}" in page.text
    assert not page.has_form("accept")
    forced = await browser.send(letter.link.removeprefix("/v1") + "?do=accept", {"password": PASSWORD})
    assert forced.status == 409
    assert await state(db) == before
    out = next(form for form in page.forms if "next" in form.fields)
    back = await browser.send(out.action, dict(out.fields))
    assert back.leads_to == letter.link.removeprefix("/v1")
    assert (await browser.open(back.leads_to)).has_form("accept")


async def test_an_invite_that_is_unknown_or_over_says_whom_to_ask(door: Door, manager: Manager, db: asyncpg.Connection) -> None:
    letter = await invite(manager, db)
    await letter.age("8 days")
    over = await look(letter, ConsoleBrowser(door))
    unknown = await ConsoleBrowser(door).open("/invites/in_unknown")
    crooked = await ConsoleBrowser(door).open("/invites/%3Cscript%3E")
    assert [over.status, unknown.status, crooked.status] == [410, 404, 404]
    assert all("ask whoever invited you" in page.text for page in (over, unknown, crooked))


# --- a new password


async def test_a_new_password_is_taken_by_the_link_of_a_letter(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    browser, email = ConsoleBrowser(door), await email_of(db, jane)
    for address in (email, "nobody@example.com"):
        asked = await browser.fill(await browser.open("/forgot-password"), "ask", email=address)
        assert (asked.leads_to, browser.notice[:15]) == ("/sign-in", "If this address")
    secret = new_secret("pr")
    await db.execute(
        "insert into password_resets (secret_hash, user_id, expires_at) values ($1, $2, now() + interval '1 hour')",
        hash_secret(secret),
        jane.user_id,
    )
    page = await browser.open(f"/password-resets/{secret}")
    assert (await browser.fill(page, "reset", password="short")).status == 422
    assert (await browser.fill(page, "reset", password="a new horse that staples")).leads_to == "/sign-in"
    assert (await sign_in(door, email, "a new horse that staples"))[1].status == 303
    again = await browser.fill(page, "reset", password="another horse that staples")
    assert again.status == 404
    assert "This link doesn't work any more" in again.text


# --- one's own login


async def test_codes_are_switched_on_asked_for_and_switched_off(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    browser, email = ConsoleBrowser(door, jane.own_headers), await email_of(db, jane)
    offer = await browser.fill(await browser.open("/me"), "prepare-totp", password=PASSWORD)
    assert "data:image/svg+xml" in offer.body
    totp = pyotp.TOTP(str(await db.fetchval("select totp_secret from users where id = $1", jane.user_id)))
    assert totp.secret in offer.text
    wrong = await browser.fill(offer, "confirm-totp", code="abcdef")
    assert (wrong.status, totp.secret in wrong.text) == (422, True)
    codes = await browser.fill(wrong, "confirm-totp", code=totp.now())
    assert "shown this once" in codes.text
    recovery = codes.body.partition("<pre>")[2].partition("</pre>")[0].split()
    assert len(recovery) == 10

    other, page = await sign_in(door, email)
    assert page.status == 401
    assert "with a code of your authenticator" in page.text
    assert page.form("sign-in").fields["email"] == [email]
    assert (await other.fill(page, "sign-in", password=PASSWORD, code=recovery[0])).status == 303
    off = await browser.fill(await browser.open("/me"), "switch-off-totp", password=PASSWORD, code=recovery[1])
    assert off.leads_to == "/me"
    assert (await sign_in(door, email))[1].status == 303


async def test_name_password_and_sessions_are_changed(door: Door, jane: Person, db: asyncpg.Connection) -> None:
    email = await email_of(db, jane)
    browser, (other, _) = ConsoleBrowser(door, jane.own_headers), await sign_in(door, email)
    assert (await browser.fill(await browser.open("/me"), "name", name="Jane & Roe")).leads_to == "/me"
    page = await browser.open("/me")
    assert "Jane &amp; Roe" in page.body
    empty = await browser.fill(page, "name", name="")
    assert empty.status == 422
    assert (await browser.fill(page, "end-others")).leads_to == "/me"
    assert (await other.open("/me")).status == 303
    other, _ = await sign_in(door, email)
    page = await browser.open("/me")
    assert (await browser.fill(page, "end-session")).leads_to == "/me"
    assert (await other.open("/me")).status == 303
    wrong = await browser.fill(page, "password", old_password="a guess that fails", new_password="a new horse that staples")
    assert (wrong.status, "This isn't your password." in wrong.text) == (422, True)
    assert (await browser.fill(page, "password", old_password=PASSWORD, new_password="a new horse that staples")).status == 303
    assert (await browser.open("/me")).status == 200
    assert (await sign_in(door, email, "a new horse that staples"))[1].status == 303
