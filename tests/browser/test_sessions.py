"""Coming in, and what keeps others out: sessions that end elsewhere, forms of other sites, the keyboard alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import FloatRect, Page, Route

from tests.browser.desk import Desk
from tests.e2e.companies import Company
from tests.waiting import wait_for_sync


def test_who_types_a_wrong_password_is_told_and_keeps_what_was_typed(desk: Desk, company: Company) -> None:
    desk.go("/sign-in")
    desk.page.get_by_label("E-mail address").fill(company.owner_email)
    desk.page.get_by_label("Password", exact=True).fill("not the password")
    desk.do("Sign in")
    assert desk.page.get_by_role("alert").inner_text()
    assert desk.page.get_by_label("E-mail address").input_value() == company.owner_email
    assert desk.page.get_by_label("Password", exact=True).input_value() == ""
    desk.page.get_by_label("Password", exact=True).fill(company.owner_password)
    desk.do("Sign in")
    assert "Acme" in desk.page.title()


def test_a_session_that_was_ended_elsewhere_is_noticed_and_one_goes_on_where_one_was(
    manager: Desk, sit_down: Callable[..., Desk], company: Company
) -> None:
    place = f"/companies/{company.id}/publishers/new"
    manager.go(place)
    elsewhere = sit_down()
    elsewhere.take_session(company.owner_email, company.owner_password)
    sessions = elsewhere.context.request.get("/v1/sessions").json()["items"]
    for session in sessions:
        if not session["is_current"]:
            assert elsewhere.context.request.delete(f"/v1/sessions/{session['id']}").status == 204
    manager.page.get_by_label("Name").fill("Leads")
    manager.do("Make the publisher")
    assert "has ended" in manager.text()
    assert company.manager.get("publishers")["items"] == []
    manager.page.get_by_label("E-mail address").fill(company.owner_email)
    manager.page.get_by_label("Password", exact=True).fill(company.owner_password)
    manager.do("Sign in")
    assert manager.page.url == manager.root + place


def test_a_form_on_a_page_of_another_site_does_nothing(manager: Desk, company: Company) -> None:
    action = f"{manager.root}/companies/{company.id}/publishers/new?do=create"
    with site(f'<form method="post" action="{action}"><input name="name" value="Evil"><button>Win</button></form>') as address:
        manager.page.goto(address)
        with manager.page.expect_navigation() as navigation:
            manager.page.get_by_role("button", name="Win").click()
    assert navigation.value.status in (303, 403, 200)
    assert "/sign-in" in manager.page.url or "didn't come from a page of ours" in manager.text()
    assert company.manager.get("publishers")["items"] == []
    manager.go(f"/companies/{company.id}/publishers/new")
    manager.page.get_by_label("Name").fill("Good")
    manager.do("Make the publisher")
    assert [made["name"] for made in company.manager.get("publishers")["items"]] == ["Good"], "the control: from here it does"


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form_that_is_on_its_way_isnt_sent_a_second_time(manager: Desk, company: Company, has_script: bool) -> None:
    page, sent, heard = manager.page, list[Route](), list[str]()
    page.route("**/publishers/new?do=create", lambda route: sent.append(route))
    if not has_script:
        page.route("**/sent_once.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.add_init_script("addEventListener('click', click => click.target.matches('h1') && console.info('the heading'))")
    page.on("console", lambda message: heard.append(message.text))
    manager.go(f"/companies/{company.id}/publishers/new")
    page.get_by_label("Name").fill("Leads")
    button = page.get_by_role("button", name="Make the publisher").bounding_box()
    heading = page.locator("h1").bounding_box()
    assert button is not None
    assert heading is not None

    def click(on: FloatRect) -> None:
        """By the mouse, as a locator would wait for where the first click leads."""
        page.mouse.click(on["x"] + 5, on["y"] + 5)

    def count_heard() -> int:
        page.wait_for_timeout(10)  # in which playwright hears of it
        return len(heard)

    def count_sent() -> int:
        """How often the form was sent, once the page has heard of another click that came later."""
        before = len(heard)
        click(heading)
        wait_for_sync(count_heard, lambda count: count > before)
        return len(sent)

    for wanted in (1, 1 if has_script else 2):  # the control: without the script it is sent again
        click(button)
        wait_for_sync(count_sent, lambda count, wanted=wanted: count >= wanted, "how often the form was sent")
    assert count_sent() == (1 if has_script else 2)
    with page.expect_navigation():
        sent[-1].continue_()
    assert [made["name"] for made in company.manager.get("publishers")["items"]] == ["Leads"]


def test_by_keyboard_alone_one_signs_in_and_makes_a_publisher_and_its_key(desk: Desk, company: Company) -> None:
    page = desk.page
    desk.go("/sign-in")
    walk_to(page, "E-mail address", begin=False)
    page.keyboard.type(company.owner_email)
    walk_to(page, "Password")
    page.keyboard.type(company.owner_password)
    press_enter(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the page", "the first step leads past the rooms"
    for name in ("Publishers", "+ New publisher"):
        walk_to(page, name)
        press_enter(page)
    walk_to(page, "Name")
    page.keyboard.type("Leads")
    press_enter(page)
    for name in ("Postback keys", "+ New postback key"):
        walk_to(page, name)
        press_enter(page)
    walk_to(page, "Name")
    page.keyboard.type("Web form")
    press_enter(page)
    assert "Copy it now." in desk.text()
    (publisher,) = company.manager.get("publishers")["items"]
    (key,) = company.manager.get(f"publishers/{publisher['id']}/postback-keys")["items"]
    assert (publisher["name"], key["name"]) == ("Leads", "Web form")


# --- how it is tried

FOCUSED = """() => {
  const e = document.activeElement;
  if (e === document.body) return '';
  const outline = getComputedStyle(e);
  const seen = outline.outlineStyle !== 'none' && parseFloat(outline.outlineWidth) >= 2;
  const name = e.labels?.length ? e.labels[0].firstChild.textContent : e.textContent;
  return (seen ? '' : 'unseen: ') + name.trim().split('\\n')[0].trim();
}"""


def focused(page: Page) -> str:
    """The name of what has the focus; one that can't be seen to have it isn't found by its name."""
    return str(page.evaluate(FOCUSED))


def walk_to(page: Page, name: str, *, begin: bool = True) -> None:
    """Press Tab until what is called so has the focus."""
    if not begin and focused(page) == name:
        return
    been = []
    for _ in range(60):
        page.keyboard.press("Tab")
        been.append(focused(page))
        if been[-1] == name:
            return
    raise AssertionError(f"no way by Tab to {name!r}: {been}")


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


@contextmanager
def site(body: str) -> Iterator[str]:
    """Another site, with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
