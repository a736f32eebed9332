"""Codes of authenticators and recovery codes: each counts once."""

import asyncio
import time
from typing import Any

import asyncpg
import pyotp

from admin import throttle
from admin.totp import find_step
from tests.integration.admin.browser import Browser
from tests.integration.admin.jane import EMAIL


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
    used = totp.at(30 * await db.fetchval("select totp_last_step from users"))
    assert (await Browser(door).sign_in(EMAIL, password, code=used)).status == 401, "the one that switched it on is used up"
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
