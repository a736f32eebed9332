"""Somebody at a screen: a browser context of their own at a Callstamp, and all that the browser complained of meanwhile."""

import re
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from tests.waiting import WAIT_SECONDS, wait_for_sync

WIDE, NARROW = 1280, 360
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BY_LOOKS = ["color-contrast", "target-size"]
"""The rules of axe whose findings depend on the colour scheme or the width; all others are about the document alone."""
LEAVE_OUT_ROWS = """() => {
  for (const table of document.querySelectorAll('main table')) {
    const seen = new Set();
    for (const row of table.querySelectorAll('tr')) {
      const parts = Array.from(row.querySelectorAll('*'), part => [row.className, part.tagName, part.className].join());
      if (parts.every(part => seen.has(part))) row.remove();
      parts.forEach(part => seen.add(part));
    }
  }
}"""
_DESIGNED_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Desk:
    """`page` is their tab. `complaints` are console errors, exceptions of scripts and what the content policy forbade."""

    def __init__(
        self,
        browser: Browser,
        root: str,
        *,
        width: int = WIDE,
        scheme: Any = "light",
        script: bool = True,
        time_zone: str | None = None,
    ) -> None:
        self.root = root
        self.context = browser.new_context(
            base_url=root,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            bypass_csp=False,
            timezone_id=time_zone,
        )
        self.context.set_default_timeout(1000 * WAIT_SECONDS)
        self.complaints: list[str] = []
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        return page

    def close(self) -> None:
        self.context.close()

    def sign_in(self, email: str, password: str) -> None:
        """Through the page, as a person does."""
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def take_session(self, email: str, password: str) -> None:
        """Be signed in, without the page."""
        reply = self.context.request.post("/v1/sessions", data={"email": email, "password": password})
        assert reply.status == 201, reply.text()

    def go(self, path: str) -> Response:
        """Open the page, and wait until its scripts have run."""
        response = self.page.goto(path, wait_until="load")
        assert response is not None
        return response

    def look(self, width: int, scheme: Any) -> None:
        """Change the width of the screen and the colour scheme of the open page."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # nothing fades from one scheme to the other

    def do(self, button: str) -> None:
        """Press a form's button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def text(self) -> str:
        """What stands on the page, without the rooms around it."""
        return self.page.locator("main").inner_text()

    def violations(self, *, rules: list[str] | None = None) -> list[str]:
        """Return what axe finds wrong with the page as it is now, by these rules or by all of WCAG: rule, and where."""
        chosen = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(f"() => {{ {AXE_SCRIPT} }}")
            self.context.add_init_script(AXE_SCRIPT)  # so that later pages have it without being sent it
        found = self.page.evaluate("runOnly => axe.run(document, {runOnly, resultTypes: ['violations']})", chosen)
        return [
            f"{violation['id']} ({len(violation['nodes'])}): {violation['nodes'][0]['target'][0]} "
            + violation["nodes"][0]["failureSummary"].splitlines()[-1].strip()
            for violation in found["violations"]
        ]

    def leave_out_like_rows(self) -> None:
        """Remove table rows all of whose elements are like others above, by tag and classes: they cost axe a second a page."""
        self.page.evaluate(LEAVE_OUT_ROWS)

    def faults(self, *, rules: list[str] | None = None) -> list[str]:
        """Return what is wrong with the page as it is now, for those who see it; `rules` as for `violations`."""
        return self.violations(rules=rules) + self.faults_in_shape()

    def faults_in_shape(self) -> list[str]:
        """Return what is wrong with the page's width and its headings."""
        found = [f"{beyond} pixels too wide"] if (beyond := self.width_beyond_the_screen()) else []
        if (headings := self.page.evaluate("() => document.querySelectorAll('h1').length")) != 1:
            found.append(f"{headings} headings of the first order")
        return found

    def wait_for_complaint(self) -> None:
        def look() -> list[str]:
            self.page.wait_for_timeout(10)  # in which playwright hears of it
            return self.complaints

        wait_for_sync(look, what="a complaint of the browser")

    def width_beyond_the_screen(self) -> int:
        """How many pixels one would have to scroll sideways."""
        beyond: int = self.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return beyond

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        of = urlsplit(message.location.get("url", "")).path
        if _DESIGNED_REFUSAL.match(message.text) and not of.startswith("/static/"):
            return  # the browser notes each answer of that kind, which is a page, too
        self.complaints.append(f"{of}: {message.text}")
