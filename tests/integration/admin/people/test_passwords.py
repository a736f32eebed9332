"""Passwords are changed and reset, and obvious ones refused."""

import asyncio
from functools import partial
from typing import Any

import asyncpg
import pytest

from admin import throttle
from admin.letters import Letter
from admin.mail_sender import MailSender
from admin.new_owner import Owner, let_owner_in
from admin.store import mails
from shared.errors import NotFound
from tests.conftest import CheckFigure
from tests.integration.admin.browser import Browser
from tests.integration.admin.jane import EMAIL, OTHER_PASSWORD
from tests.integration.admin.manager import JsonObject, Reply
from tests.integration.admin.people.timing import TOLD_APART, Ask, Work, find_difference
from tests.service_processes import as_admin


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


async def test_a_password_that_would_be_guessed_is_refused(jane: Browser, password: str, subtests: pytest.Subtests) -> None:
    for wanted in ("short", "x" * 11, "x" * 1025, "PasswordPassword", "aaaaaaaaaaaaaa", "JANE@acme.example"):
        with subtests.test(wanted[:40]):
            change = {"old_password": password, "new_password": wanted}
            assert (await jane.ask("POST", "/v1/me/password", change)).problem == (422, "invalid_field", "new_password")


async def test_who_has_a_stolen_session_cannot_guess_the_password(jane: Browser, password: str) -> None:
    statuses = [(await jane.ask("POST", "/v1/me/totp", {"password": f"guess {number}"})).status for number in range(11)]
    assert statuses == [422] * 10 + [429]


# --- resets


async def ask_for_link(browser: Browser, sender: MailSender, email: str = EMAIL) -> str | None:
    """The secret in the letter that is sent, if one is."""
    reply = await browser.ask("POST", "/v1/password-resets", {"email": email})
    assert (reply.status, reply.text) == (202, ""), reply
    kept = Kept()
    while await sender.send_next(kept):
        pass
    return kept.letters[-1].link.rpartition("/")[2] if kept.letters else None


class Kept:
    """A carrier that keeps letters."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)


async def reset(browser: Browser, secret: str | None, password: str = OTHER_PASSWORD) -> Reply:
    return await browser.ask("POST", f"/v1/password-resets/{secret}", {"password": password})


async def test_a_lost_password_is_replaced_by_a_link_that_works_once(
    door: Any, jane: Browser, password: str, sender: MailSender
) -> None:
    browser = Browser(door)
    secret, second = await ask_for_link(browser, sender, EMAIL.upper()), await ask_for_link(browser, sender)
    assert (await reset(browser, secret, "too short")).problem == (422, "invalid_field", "password")
    assert (await reset(browser, secret, "passwordpassword")).problem == (422, "invalid_field", "password")
    assert await jane.is_signed_in()
    assert (await reset(browser, secret)).status == 204
    for used in (secret, second, "cs_pr_unknown", "%00", "x" * 300):
        assert (await reset(browser, used)).status == 404
    assert (await reset(browser, secret)).problem == (404, "password_reset_not_found", None)
    assert not await jane.is_signed_in()
    assert (await jane.sign_in(EMAIL, password)).status == 401
    assert (await jane.sign_in(EMAIL, OTHER_PASSWORD)).status == 201


async def test_of_many_who_use_a_link_at_once_one_sets_the_password(door: Any, made: JsonObject, sender: MailSender) -> None:
    secret = await ask_for_link(Browser(door), sender)
    replies = await asyncio.gather(*(reset(Browser(door), secret, f"password number {n}") for n in range(10)))
    assert sorted(reply.status for reply in replies) == [204] + [404] * 9
    winner = next(n for n, reply in enumerate(replies) if reply.status == 204)
    assert (await Browser(door).sign_in(EMAIL, f"password number {winner}")).status == 201


async def test_a_link_is_too_old_after_an_hour(door: Any, made: JsonObject, sender: MailSender, db: asyncpg.Connection) -> None:
    secret = await ask_for_link(Browser(door), sender)
    await db.execute("update password_resets set expires_at = expires_at - interval '1 hour'")
    assert (await reset(Browser(door), secret)).problem == (404, "password_reset_not_found", None)


async def test_who_has_no_login_is_answered_alike_and_sent_nothing(
    door: Any, made: JsonObject, sender: MailSender, db: asyncpg.Connection
) -> None:
    assert await ask_for_link(Browser(door), sender, "nobody@acme.example") is None
    assert await db.fetchval("select count(*) from mails") == 0
    assert await ask_for_link(Browser(door), sender) is not None


@pytest.fixture
def wishes(door: Any, made: JsonObject, db: asyncpg.Connection) -> tuple[Ask, Ask]:
    """A wish for a link of who has a login, and one of who has none."""

    async def wish(email: str) -> None:
        await db.execute("delete from sign_in_tries")
        assert (await Browser(door).ask("POST", "/v1/password-resets", {"email": email})).status == 202

    return partial(wish, EMAIL), partial(wish, "nobody@acme.example")


def send_at_once(sender: MailSender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sends the letter before the reply, as one would write it first."""
    enqueue = mails.enqueue_password_reset

    async def enqueue_and_send(db: asyncpg.Connection, email: str) -> None:
        await enqueue(db, email)
        if email == EMAIL:
            assert await sender.send_next(Slow()), "one of an earlier wish"

    monkeypatch.setattr(mails, "enqueue_password_reset", enqueue_and_send)


class Slow(Kept):
    """A carrier that takes as long as one far away."""

    async def send(self, letter: Letter) -> None:
        await asyncio.sleep(0.2)


async def test_as_much_is_done_for_nobody_as_for_who_is_sent_a_letter(
    wishes: tuple[Ask, Ask], sender: MailSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(monkeypatch)
    assert await work.of(wishes[0]) == await work.of(wishes[1])
    send_at_once(sender, monkeypatch)
    assert await work.of(wishes[0]) != await work.of(wishes[1]), "the control: who sends the letter meanwhile is found out"


@pytest.mark.long
async def test_nobody_learns_from_the_time_who_is_sent_a_letter(
    wishes: tuple[Ask, Ask], sender: MailSender, monkeypatch: pytest.MonkeyPatch, check_figure: CheckFigure
) -> None:
    check_figure("wishes differ by, as a share", await find_difference(*wishes, times=100), at_most=TOLD_APART)
    send_at_once(sender, monkeypatch)
    share = await find_difference(*wishes, times=20)
    check_figure("the control: wishes differ by, as a share, if letters are sent meanwhile", share, at_least=TOLD_APART)


async def test_letters_to_one_person_and_from_one_place_are_throttled(door: Any, made: JsonObject) -> None:
    async def wish(email: str, source_ip: str) -> int:
        return (await Browser(door, source_ip).ask("POST", "/v1/password-resets", {"email": email})).status

    to_jane = [await wish(EMAIL, f"203.0.113.{place}") for place in range(7)]
    assert to_jane == [202] * throttle.LETTERS_TO_ONE_PERSON + [429] * 2
    from_one_place = [await wish(f"person{number}@acme.example", "192.0.2.1") for number in range(22)]
    assert from_one_place == [202] * throttle.LETTERS_FROM_ONE_PLACE + [429] * 2


async def test_links_are_not_tried_for_ever(door: Any) -> None:
    statuses = [(await reset(Browser(door, "192.0.2.1"), f"cs_pr_{number}")).status for number in range(102)]
    assert statuses == [404] * throttle.FROM_ONE_PLACE + [429] * 2


async def test_a_password_is_found_nowhere_in_the_database(
    door: Any, jane: Browser, password: str, db: asyncpg.Connection, sender: MailSender
) -> None:
    await jane.ask("POST", "/v1/me/password", {"old_password": password, "new_password": OTHER_PASSWORD})
    secret = await ask_for_link(jane, sender)
    tables = await db.fetch("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    dump = str([await db.fetch(f"select t::text from {row['relname']} as t") for row in tables])
    assert EMAIL in dump, "the control: what is there is found"
    for hidden in (password, OTHER_PASSWORD, jane.cookie, secret):
        assert hidden
        assert hidden not in dump


async def test_an_operator_lets_an_owner_in_again(door: Any, jane: Browser, made: JsonObject, postgres_url: str) -> None:
    again = await let_owner_in(as_admin(postgres_url), made["company_id"], Owner(email=EMAIL, name="Jane"))
    assert not await jane.is_signed_in()
    assert (await jane.sign_in(EMAIL, str(again["owner_password"]))).status == 201
    assert [mine["role"] for mine in (await jane.me())["companies"]] == ["owner"]
    with pytest.raises(NotFound):
        await let_owner_in(as_admin(postgres_url), 999, Owner(email=EMAIL, name="Jane"))
