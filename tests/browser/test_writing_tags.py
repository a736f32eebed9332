"""A publisher's tags from click to call: a key is made, its link is posted to, the phone rings, the page of the call tells all."""

from collections.abc import Callable
from urllib.parse import quote

from tests.browser.desk import Desk
from tests.e2e.companies import CALLER, Company, Market, send_request
from tests.waiting import wait_for_sync


def test_a_key_is_made_and_its_link_tags_a_call_before_during_and_after_it(
    manager: Desk, company: Company, market: Market
) -> None:
    page = manager.page
    manager.go(f"/companies/{company.id}/publishers/{market.publisher_id}/postback-keys")
    page.get_by_role("link", name="+ New postback key").first.click()
    page.get_by_label("Name", exact=True).fill("Web form")
    page.get_by_label("Storage duration", exact=True).fill("1.5")
    page.get_by_label("Storage duration, unit").select_option("hours")
    page.get_by_label("End-call cut-off", exact=True).fill("10")
    page.get_by_label("End-call cut-off, unit").select_option("minutes")
    manager.do("Make the postback key")
    link = str(page.get_by_role("button", name="Copy the posting link").get_attribute("data-copy"))
    assert link.startswith(company.callstamp.url("ingest") + "/data_writing"), link
    (key,) = company.manager.get(f"publishers/{market.publisher_id}/postback-keys")["items"]
    assert (key["name"], key["storage_duration_seconds"], key["end_call_cutoff_seconds"]) == ("Web form", 5_400, 600)

    def post(**tags: str) -> str:
        query = "".join(f"&{name}={value}" for name, value in tags.items())
        separator = "" if "?" in link else "?"
        return str(send_request("GET", f"{link}{separator}&caller_number={quote(CALLER)}{query}").body.get("status"))

    wait_for_sync(lambda: post(zip="94110"), "call not found, tags stored")
    company.engine_key = company.add_engine_key()
    call_uuid = company.ring(market.number)
    assert post(agent="Ann") == "in progress call found, tags stored"
    company.end(call_uuid)
    assert post(sale="yes") == "completed call found, tags applied"
    wait_for_sync(lambda: set(company.manager.get(f"calls/{call_uuid}")["tags"]), {"zip", "agent", "sale"}, "the call's tags")
    manager.go(f"/companies/{company.id}/calls")
    page.locator("main tbody a").first.click()
    page.wait_for_url("**/calls/*")
    said = manager.text()
    assert [word for word in ("zip", "94110", "agent", "Ann", "sale", "yes", "Leads", "Web form") if word not in said] == []
    assert page.locator(".timeline li").count() >= 5, "three postbacks, the hit and the end"


def test_the_test_box_posts_a_tag_and_shows_the_reply(manager: Desk, company: Company, market: Market) -> None:
    page = manager.page
    manager.go(f"/companies/{company.id}/publishers/{market.publisher_id}/postback-keys/new")
    page.get_by_label("Name", exact=True).fill("Tried")
    manager.do("Make the postback key")
    box = page.locator("#test-box")
    box.get_by_label("Caller number").fill(CALLER)
    box.get_by_label("Tag", exact=True).fill("zip")
    box.get_by_label("Value").fill("94110")
    box.get_by_role("button", name="Post it").click()
    page.locator("#reply").wait_for()
    assert "call not found, tags stored" in box.inner_text()
    assert "Copy it now." in manager.text(), "the secret is still there"
    assert company.look_up() == {"zip": "94110"}


def test_a_link_is_copied_and_its_secret_is_never_shown_again(
    manager: Desk, sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    page = manager.page
    manager.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=manager.root)
    manager.go(f"/companies/{company.id}/publishers/{market.publisher_id}/postback-keys/new")
    page.get_by_label("Name", exact=True).fill("Copied")
    manager.do("Make the postback key")
    button = page.get_by_role("button", name="Copy the posting link")
    link = str(button.get_attribute("data-copy"))
    button.click()
    page.wait_for_function("link => navigator.clipboard.readText().then(text => text === link)", arg=link)
    secret = page.get_by_role("button", name="Copy the key").get_attribute("data-copy")
    (key,) = company.manager.get(f"publishers/{market.publisher_id}/postback-keys")["items"]
    for path in (f"postback-keys/{key['id']}", f"postback-keys/{key['id']}/instructions", "audit-log"):
        assert secret not in manager.context.request.get(f"/companies/{company.id}/{path}").text()


def test_forms_work_without_scripts_and_keep_what_was_typed(
    sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    desk = sit_down(script=False)
    desk.take_session(company.owner_email, company.owner_password)
    desk.go(f"/companies/{company.id}/publishers/{market.publisher_id}/postback-keys/new")
    desk.page.get_by_label("Name", exact=True).fill("Without scripts")
    desk.page.get_by_label("Storage duration", exact=True).fill("365")
    desk.page.get_by_label("Storage duration, unit").select_option("days")
    desk.do("Make the postback key")
    assert desk.page.get_by_label("Name", exact=True).input_value() == "Without scripts"
    assert desk.page.get_by_label("Storage duration", exact=True).input_value() == "365"
    assert desk.page.locator("#wrong-storage_duration_seconds").inner_text()
    desk.page.get_by_label("Storage duration", exact=True).fill("2")
    desk.do("Make the postback key")
    assert "Copy it now." in desk.text()
