"""A browser at a whole Callstamp with its demo company, as somebody has it who has just started it. Skipped where no Chromium is."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk
from tests.e2e.companies import Callstamp, Company, Market
from tests.e2e.conftest import NO_GRACE, Running, copy_data_of_first_start, memory_folder

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""In the order in which they are looked for: the first takes a third less CPU time than the others."""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]


class FromOutside(Callstamp):
    """What `callstamp up` runs, as tests.e2e.companies knows services."""

    def __init__(self, ready: dict[str, Any], data: Path) -> None:
        self.ready, self.mail = ready, data / "mail"
        self.postgres_url = ready["postgres_url"]

    def url(self, name: str) -> str:
        return str(self.ready[f"{name}_url"])

    def finish(self, work: Coroutine[Any, Any, Any]) -> Any:
        """In a thread of its own: the browser keeps this one's event loop."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def callstamp() -> Iterator[FromOutside]:
    """One for all tests of a process, each of which makes a company of its own or leaves the demo company as it was."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: `apt install chromium-headless-shell`, or put one on the path")
    with memory_folder() as folder, closing(Running(folder / "var")) as running:
        copy_data_of_first_start(running.data)
        running.environ |= {"ADMIN_TRUSTED_PROXIES": "127.0.0.1"}
        yield FromOutside(running.wait_until_ready(running.start(**NO_GRACE)), running.data)


@pytest.fixture(scope="module")
def browser(callstamp: FromOutside) -> Iterator[Browser]:
    """For a file's tests; it may not outlive them, since tests that are coroutines need the thread's event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def sit_down(browser: Browser, callstamp: FromOutside) -> Iterator[Callable[..., Desk]]:
    """Makes desks; after the test, none of their browsers may have complained of anything."""
    with ExitStack() as stack:
        desks: list[Desk] = []

        def sit_down(**options: Any) -> Desk:
            desks.append(stack.enter_context(closing(Desk(browser, callstamp.url("admin"), **options))))
            return desks[-1]

        yield sit_down
        complaints = [complaint for desk in desks for complaint in desk.complaints]
        assert complaints == []


@pytest.fixture
def desk(sit_down: Callable[..., Desk]) -> Desk:
    """Of somebody who isn't signed in."""
    return sit_down()


@pytest.fixture
def owner(sit_down: Callable[..., Desk], callstamp: FromOutside) -> Desk:
    """Of the demo company's owner, signed in."""
    desk = sit_down()
    desk.take_session(callstamp.ready["owner_email"], callstamp.ready["owner_password"])
    return desk


@pytest.fixture
def company(callstamp: FromOutside) -> Company:
    """A new company, of which the test may do what it likes."""
    return callstamp.add_company()


@pytest.fixture
def market(company: Company) -> Market:
    return Market(company)


@pytest.fixture
def manager(sit_down: Callable[..., Desk], company: Company) -> Desk:
    """Of the new company's owner, signed in."""
    desk = sit_down()
    desk.take_session(company.owner_email, company.owner_password)
    return desk
