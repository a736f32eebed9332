"""What came in is seen at once, as text whatever it says, and a caller is erased."""

import time
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.browser.desk import Desk
from tests.e2e.companies import CALLER, Company, Market
from tests.waiting import wait_for_sync

NASTY = {
    "plain": "<script>document.title = 'owned'</script>",
    "picture": "<img src=x onerror=\"document.title = 'owned'\">",
    "quotes": "\"'><svg onload=alert(1)>",
    "<b>name</b>": "javascript:alert(1)",
    "braces": "{{ 7 * 7 }} ${7*7} </template></script>",
}


@pytest.mark.parametrize("count", [3, pytest.param(50, marks=pytest.mark.long)])
def test_the_postback_log_shows_a_postback_as_it_comes(
    manager: Desk, company: Company, market: Market, check_figure: Callable[..., None], count: int
) -> None:
    key = company.add_postback_key(market.publisher_id)
    manager.go(f"/companies/{company.id}/postback-log")
    wait_for_first_refusal(manager)
    manager.page.get_by_text("Live", exact=True).wait_for()
    rows = manager.page.locator("#postbacks tbody tr")
    took = []
    for n in range(count):
        began = time.monotonic()
        assert company.post(key, zip=f"941{n:02}").status == 200
        manager.page.get_by_text(f"941{n:02}").wait_for()
        took.append(time.monotonic() - began)
        assert f"941{n:02}" in rows.first.inner_text(), "the newest is on top"
    check_figure("seconds until a postback showed, at most", max(took), at_most=1.0)


def wait_for_first_refusal(manager: Desk) -> None:
    """Until what asked whether the key is known yet is in the log, which happens a second later."""
    manager.page.locator("#postbacks tbody tr", has_text="refused").first.wait_for()


def test_a_paused_postback_log_stays_as_it_is_until_one_goes_on(manager: Desk, company: Company, market: Market) -> None:
    key = company.add_postback_key(market.publisher_id)
    manager.go(f"/companies/{company.id}/postback-log")
    wait_for_first_refusal(manager)
    manager.page.get_by_text("Live", exact=True).wait_for()
    manager.page.get_by_role("button", name="Pause").click()
    assert company.post(key, zip="94110").status == 200
    manager.page.get_by_role("button", name="Go on (1 new)").wait_for()
    assert not manager.page.get_by_text("94110").is_visible()
    manager.page.get_by_role("button", name="Go on (1 new)").click()
    manager.page.get_by_text("94110").wait_for()


def test_whatever_tags_and_names_say_is_shown_as_text(manager: Desk, company: Company) -> None:
    publisher_id = company.make("publishers", NASTY["picture"])
    campaign_id = company.make("campaigns", NASTY["quotes"])
    number = company.add_number(campaign_id, publisher_id=publisher_id)
    key = company.add_postback_key(publisher_id)
    manager.go(f"/companies/{company.id}/postback-log")
    manager.page.get_by_text("Live", exact=True).wait_for()
    assert company.post(key, **NASTY).status == 200
    manager.page.locator("#postbacks tbody tr", has_text="stored").first.wait_for()
    assert NASTY["plain"] in manager.text(), "also when it comes live"
    company.engine_key = company.add_engine_key()
    call_uuid = company.phone(number)
    (postback,) = company.manager.get("postback-log", outcome="stored")["items"]
    for path in ("postback-log", f"postback-log/{postback['id']}", "calls", f"calls/{call_uuid}", "publishers", "reports"):
        manager.go(f"/companies/{company.id}/{path}")
        assert "owned" not in manager.page.title()
        assert manager.page.locator("main svg[onload], main img[src=x], main script").count() == 0, path
    manager.go(f"/companies/{company.id}/calls/{call_uuid}")
    said = manager.text()
    assert [value for value in (*NASTY, *NASTY.values()) if value not in said] == []


def test_a_caller_is_erased_with_a_receipt(manager: Desk, company: Company, market: Market) -> None:
    key = company.add_postback_key(market.publisher_id)
    company.post(key, zip="94110")
    wait_for_sync(lambda: company.manager.get("postback-log", outcome="stored")["items"], what="the postback log")
    manager.go(f"/companies/{company.id}/callers")
    manager.page.get_by_label("Caller number").fill("(555) 123-0000")
    manager.do("Show the file")
    assert "94110" in manager.text()
    assert CALLER not in manager.page.url
    assert quote(CALLER) not in manager.page.url
    manager.page.get_by_text("Erase this caller…").click()
    manager.do(f"Erase everything about {CALLER}")
    assert "This is receipt" in manager.text()
    assert "94110" not in manager.text()
    assert company.look_up() == {}
