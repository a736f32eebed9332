"""What holds for every page that can be reached by links, as each kind of person: nothing is broken, too wide, too large, or unreadable."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from admin.pages.console import PAGES
from callstamp.http_call import call
from tests.browser.conftest import FromOutside
from tests.browser.desk import BY_LOOKS, NARROW, WIDE, Desk
from tests.browser.walk import Found, walk

MOST_BYTES = 100_000
OTHER_WIDTHS = (961, 740, 640, NARROW)
"""Widths at which the looks have just changed, or are about to, and the narrowest."""
OTHER_YEAR = datetime(2035, 6, 15, 12, tzinfo=UTC)
"""By the browser's clock: there tables say the year of a time, as they do around New Year, and are as wide as they get."""
ANYBODY = "nobody"
PEOPLE = {"owner": "owner@demo.example", "publisher": "publisher@demo.example", "buyer": "buyer@demo.example"}
NEWCOMER = "newcomer@demo.example"
UNLINKED = {"/invites/{token}", "/password-resets/{token}", "/sign-out", "/companies/{company_id}/view-as"}
"""Pages that only a letter or a form leads to."""


@pytest.fixture(scope="module")
def found(callstamp: FromOutside) -> dict[str, dict[str, Found]]:
    """Whose eyes, to what they find."""
    root = callstamp.url("admin")
    by_people = {ANYBODY: walk(root, ["/sign-in"])}
    for who, email in (PEOPLE | {"newcomer": NEWCOMER}).items():
        reply = call("POST", f"{root}/v1/sessions", body={"email": email, "password": callstamp.ready["owner_password"]})
        assert reply.status == 201, reply
        by_people[who] = walk(
            root, ["/", "/me", f"/companies/{callstamp.ready['company_id']}"], reply.headers["Set-Cookie"].partition(";")[0]
        )
    return by_people


def zone_where_it_is_noon() -> str:
    """There times are as wide as they get, at whatever hour the tests run."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}"


def list_pages(found: dict[str, dict[str, Found]]) -> Iterable[tuple[str, Found]]:
    return [(who, page) for who, pages in found.items() for page in pages.values()]


def test_every_page_is_found_by_links_and_none_leads_nowhere(found: dict[str, dict[str, Found]]) -> None:
    assert {page.path for page in PAGES} - UNLINKED - {kind for pages in found.values() for kind in pages} == set()
    assert [(who, page.path, page.status) for who, page in list_pages(found) if page.status not in (200, 303)] == []


def test_no_page_is_larger_than_it_may_be(found: dict[str, dict[str, Found]]) -> None:
    sizes = sorted(((page.size, page.path) for _, page in list_pages(found)), reverse=True)
    slowest = sorted(((page.milliseconds, page.path) for _, page in list_pages(found)), reverse=True)
    print("largest, in bytes:", sizes[:5], "slowest, in ms:", [(round(took), path) for took, path in slowest[:5]])
    assert [(size, path) for size, path in sizes if size > MOST_BYTES] == []


@pytest.mark.parametrize(
    ("who", "width", "scheme", "rules"),
    [
        ("owner", WIDE, "light", None),
        ("owner", NARROW, "dark", BY_LOOKS),
        ("publisher", NARROW, "light", BY_LOOKS),
        ("buyer", WIDE, "dark", BY_LOOKS),
        ("newcomer", NARROW, "dark", None),
        (ANYBODY, NARROW, "light", None),
        (ANYBODY, WIDE, "dark", BY_LOOKS),
        pytest.param("owner", NARROW, "dark", None, marks=pytest.mark.long),
        pytest.param("publisher", NARROW, "light", None, marks=pytest.mark.long),
        pytest.param("buyer", WIDE, "dark", None, marks=pytest.mark.long),
    ],
    ids=lambda value: "looks" if value == BY_LOOKS else "all" if value is None else None,
)
def test_every_page_fits_and_can_be_read_by_everybody(
    who: str,
    width: int,
    scheme: str,
    rules: list[str] | None,
    found: dict[str, dict[str, Found]],
    sit_down: Callable[..., Desk],
    callstamp: FromOutside,
    request: pytest.FixtureRequest,
) -> None:
    """By default each page meets all rules once, as the owner sees it, and those about looks in each scheme and width."""
    has_all_rows = request.config.getoption("--long")
    desk = sit_down(width=width, scheme=scheme, time_zone=zone_where_it_is_noon())
    desk.context.clock.set_fixed_time(OTHER_YEAR)
    if who != ANYBODY:
        desk.take_session((PEOPLE | {"newcomer": NEWCOMER})[who], callstamp.ready["owner_password"])
    wrong = []
    for page in (page for page in found[who].values() if page.size):
        response = desk.go(page.path)
        said = [f"status {response.status}"] if response.status >= 400 else []
        for tried in (*OTHER_WIDTHS, WIDE) if width == WIDE else (width,):
            desk.page.set_viewport_size({"width": tried, "height": 900})
            said += [f"{beyond} pixels too wide for {tried}"] if (beyond := desk.width_beyond_the_screen()) else []
        if not has_all_rows:
            desk.leave_out_like_rows()
        said += desk.faults(rules=rules if page.kind in found["owner"] else None)
        wrong += [f"{page.path}: {what}" for what in said]
    assert not wrong, "\n".join(wrong)


def test_the_check_of_pages_finds_what_is_wrong(desk: Desk) -> None:
    """The control of the one above."""
    desk.go("/sign-in")
    assert (desk.violations(), desk.width_beyond_the_screen()) == ([], 0)
    desk.page.evaluate("() => document.querySelectorAll('label').forEach(label => label.remove())")
    desk.page.evaluate("() => { document.querySelector('main').style.width = '3000px' }")
    assert [violation for violation in desk.violations() if violation.startswith("label ")]
    assert desk.width_beyond_the_screen() > 0
    desk.page.evaluate(
        "() => { const i = document.createElement('img'); i.src = 'https://elsewhere.example/x.png'; document.body.append(i) }"
    )
    desk.wait_for_complaint()
    desk.complaints.clear()
