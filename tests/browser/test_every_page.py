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
ALL, WHERE_NEW = "all", "where-new"
"""The pages that axe reads: all, or those of a kind that the owner doesn't see."""


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
    ("who", "looks", "rules"),
    [
        ("owner", [(WIDE, "light"), (NARROW, "dark")], ALL),
        ("publisher", [(NARROW, "light")], WHERE_NEW),
        ("buyer", [(WIDE, "dark")], WHERE_NEW),
        ("newcomer", [(NARROW, "dark")], WHERE_NEW),
        (ANYBODY, [(NARROW, "light"), (WIDE, "dark")], ALL),
        pytest.param("owner", [(NARROW, "dark")], ALL, marks=pytest.mark.long),
        pytest.param("publisher", [(NARROW, "light")], ALL, marks=pytest.mark.long),
        pytest.param("buyer", [(WIDE, "dark")], ALL, marks=pytest.mark.long),
        pytest.param("newcomer", [(NARROW, "dark")], ALL, marks=pytest.mark.long),
    ],
    ids=lambda value: "-".join(f"{width}-{scheme}" for width, scheme in value) if isinstance(value, list) else value,
)
def test_every_page_fits_and_can_be_read_by_everybody(
    who: str,
    looks: list[tuple[int, str]],
    rules: str,
    found: dict[str, dict[str, Found]],
    sit_down: Callable[..., Desk],
    callstamp: FromOutside,
    request: pytest.FixtureRequest,
) -> None:
    """By default axe reads each kind of page as the owner sees it, in both schemes, and whoever else sees one that the owner doesn't."""
    has_all_rows = request.config.getoption("--long")
    (width, scheme), *others = looks
    desk = sit_down(width=width, scheme=scheme, time_zone=zone_where_it_is_noon())
    desk.context.clock.set_fixed_time(OTHER_YEAR)
    if who != ANYBODY:
        desk.take_session((PEOPLE | {"newcomer": NEWCOMER})[who], callstamp.ready["owner_password"])
    wrong = []
    for page in (page for page in found[who].values() if page.size):
        response = desk.go(page.path)
        said = [f"status {response.status}"] if response.status >= 400 else []
        for tried in (*OTHER_WIDTHS, WIDE) if width == WIDE else (width,):
            desk.look(tried, scheme)
            said += [f"{fault} at {tried}" for fault in desk.faults_in_shape()]
        if not has_all_rows:
            desk.leave_out_like_rows()
        if rules == ALL or page.kind not in found["owner"]:
            said += desk.faults()
            for other_width, other_scheme in others:
                desk.look(other_width, other_scheme)
                said += desk.faults(rules=BY_LOOKS)
            desk.look(width, scheme)
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
