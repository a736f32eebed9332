"""Pages that a letter leads to or a form answers: they fit and can be read by everybody, as those do that links lead to."""

from collections.abc import Callable
from typing import Any

import pyotp

from tests.browser.desk import NARROW, WIDE, Desk
from tests.e2e.companies import PASSWORD, Company, Market, Person, wait_for_secret

LOOKS: tuple[tuple[int, Any], ...] = ((WIDE, "light"), (NARROW, "dark"))


def check(desk: Desk, heading: str) -> None:
    """That the page with this heading is there, and nothing is wrong with it wide and narrow, light and dark."""
    assert desk.page.locator("h1").inner_text() == heading
    for width, scheme in LOOKS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert desk.faults() == [], f"{heading}, {width} pixels, {scheme}"


def secret_of(company: Company, person: Person, *, after: str = "") -> str:
    """What the link of their newest letter ends with, once that is another one."""
    company.callstamp.send_letters()
    return wait_for_secret(company.callstamp.mail, person.email, after)


def test_an_invite_as_each_who_may_open_it(
    manager: Desk, desk: Desk, sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    jane = company.invite(publisher_ids=[market.publisher_id], buyer_ids=[market.buyer_id])
    secret, heading = secret_of(company, jane), "Acme invites you"
    link = f"/invites/{secret}"
    manager.go(link)
    check(manager, heading)
    desk.go(link)
    check(desk, heading)
    desk.page.get_by_label("Password", exact=True).fill("123456789012")
    desk.do("Accept")
    assert desk.page.locator("#wrong-password").inner_text()
    check(desk, heading)
    desk.page.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.do("Accept")
    late = sit_down()
    late.go(link)
    check(late, "This invite is over")

    elsewhere = company.callstamp.add_company("Elsewhere")
    elsewhere.invite(email=jane.email)
    again = f"/invites/{secret_of(company, jane, after=secret)}"
    late.go(again)
    check(late, "Elsewhere invites you")
    desk.go(again)
    check(desk, "Elsewhere invites you")


def test_a_lost_password_from_the_letter_to_the_sign_in(desk: Desk, company: Company) -> None:
    jane = company.let_in()
    invite = secret_of(company, jane)
    desk.go("/forgot-password")
    desk.page.get_by_label("E-mail address").fill(jane.email)
    desk.do("Send the letter")
    check(desk, desk.page.locator("h1").inner_text())
    link = f"/password-resets/{secret_of(company, jane, after=invite)}"
    desk.go(link)
    check(desk, "A new password")
    desk.page.get_by_label("New password").fill("123456789012")
    desk.do("Take this password")
    check(desk, "A new password")
    desk.page.get_by_label("New password").fill("a better one than that")
    desk.do("Take this password")
    check(desk, "Sign in")
    desk.go(link)
    desk.page.get_by_label("New password").fill("and yet another one")
    desk.do("Take this password")
    check(desk, desk.page.locator("h1").inner_text())


def test_codes_from_the_picture_to_the_recovery_codes(sit_down: Callable[..., Desk], company: Company) -> None:
    jane, desk = company.let_in(), sit_down()
    desk.take_session(jane.email, PASSWORD)
    desk.go("/me")
    desk.page.locator("form[action$=prepare-totp]").get_by_label("Your password").fill(PASSWORD)
    desk.do("Set up an authenticator")
    check(desk, "Set up an authenticator")
    secret = str(desk.page.get_by_role("button", name="Copy the secret").get_attribute("data-copy"))
    desk.page.get_by_label("Code").fill("000000")
    desk.do("Switch codes on")
    check(desk, "Set up an authenticator")
    desk.page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    desk.do("Switch codes on")
    check(desk, "Codes are asked for from now on")
    desk.go("/me")
    check(desk, "Your login")
    asked = sit_down()
    asked.go("/sign-in")
    asked.page.get_by_label("E-mail address").fill(jane.email)
    asked.page.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.do("Sign in")
    check(asked, "Sign in")


def test_secrets_that_are_shown_once(manager: Desk, company: Company, market: Market) -> None:
    root = f"/companies/{company.id}"
    for place, button, heading in (
        (f"{root}/publishers/{market.publisher_id}/postback-keys", "Make the postback key", "Mine is made"),
        (f"{root}/engine-keys", "Make the engine key", "Mine is made"),
        (f"{root}/api-tokens", "Make the API token", "Mine is made"),
    ):
        manager.go(f"{place}/new")
        manager.page.get_by_label("Name", exact=True).fill("Mine")
        manager.do(button)
        check(manager, heading)


def test_a_form_that_was_refused_and_a_page_that_isnt_there(manager: Desk, desk: Desk, company: Company, market: Market) -> None:
    root = f"/companies/{company.id}"
    manager.go(f"{root}/publishers/{market.publisher_id}/postback-keys/new")
    manager.page.get_by_label("Name", exact=True).fill("Web form")
    manager.page.get_by_label("Storage duration", exact=True).fill("365")
    manager.page.get_by_label("Storage duration, unit").select_option("days")
    manager.do("Make the postback key")
    assert manager.page.locator("#wrong-storage_duration_seconds").inner_text()
    check(manager, manager.page.locator("h1").inner_text())
    manager.go(f"{root}/publishers/999999")
    check(manager, manager.page.locator("h1").inner_text())
    desk.go("/sign-in")
    desk.page.get_by_label("E-mail address").fill(company.owner_email)
    desk.page.get_by_label("Password", exact=True).fill("not the password")
    desk.do("Sign in")
    check(desk, "Sign in")
