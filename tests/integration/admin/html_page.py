"""A page of the console as its reader has it: its words, links and forms; and the browser that opens it."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from aiohttp.test_utils import TestClient

from admin.auth import COOKIE

Fields = dict[str, list[str]]
_WITHOUT_END = frozenset({"meta", "link", "input", "img", "br", "hr"})


class Form:
    """Where a form is sent, and what it says if nobody touches it."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: Fields = {}
        self.buttons: list[str] = []

    def add(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name"), given.get("type", "text")
        if name is None or tag == "button" or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        self.fields.setdefault(name, []).append(given.get("value", ""))


class HtmlPage(HTMLParser):
    """What an answer shows. `text` is all its words with one space between them."""

    def __init__(self, status: int, headers: Any, body: str) -> None:
        super().__init__()
        self.status, self.headers, self.body = status, headers, body
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._words: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._choices: dict[str, str] | None = None
        self.feed(body.replace("<wbr>", ""))  # where a word may break, it doesn't end
        self.text = " ".join(" ".join(self._words).split())

    @property
    def leads_to(self) -> str:
        """Where a form that did its work leads."""
        assert self.status == 303, (self.status, self.text)
        return str(self.headers["Location"])

    def form(self, does: str) -> Form:
        """The form of that name; of several the first."""
        return next(form for form in self.forms if form.action.endswith(f"do={does}"))

    def has_form(self, does: str) -> bool:
        return any(form.action.endswith(f"do={does}") for form in self.forms)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _WITHOUT_END:
            self._open.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "select":
            self._choices = given
        elif tag == "option" and self._choices and self.forms:
            chosen = self.forms[-1].fields
            if "selected" in given or self._choices["name"] not in chosen:
                chosen[self._choices["name"]] = [given.get("value", "")]
        elif tag in ("input", "button") and self.forms:
            self.forms[-1].add(tag, given)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "select":
            self._choices = None

    def handle_data(self, data: str) -> None:
        tag, given = self._open[-1] if self._open else ("", {})
        if tag == "textarea" and self.forms:
            self.forms[-1].fields[given["name"]] = [data.removeprefix("\n")]
        if tag not in ("script", "style"):
            self._words.append(data)


class ConsoleBrowser:
    """A browser at the console: it keeps cookies, and sends forms as a page of the same site does."""

    def __init__(self, door: TestClient[Any, Any], headers: dict[str, str] | None = None) -> None:
        """`headers` are those of somebody who is signed in (persons.py)."""
        self.door = door
        self.cookies: dict[str, str] = {}
        if headers:
            self.cookies[COOKIE] = headers["Cookie"].partition("=")[2]

    @property
    def notice(self) -> str:
        return unquote(self.cookies.get("callstamp_notice", ""))

    async def open(self, path: str, **headers: str) -> HtmlPage:
        return await self._ask("GET", path, None, headers)

    async def send(self, path: str, fields: dict[str, Any], **headers: str) -> HtmlPage:
        """Post these fields; several of one name as a list."""
        pairs = [(name, text) for name, value in fields.items() for text in (value if isinstance(value, list) else [value])]
        return await self._ask("POST", path, pairs, {"Sec_Fetch_Site": "same-origin", "Origin": "null"} | headers)

    async def fill(self, page: HtmlPage, does: str, **typed: Any) -> HtmlPage:
        """Send a form of the page as it stands, but for what is typed."""
        form = page.form(does)
        return await self.send(form.action, form.fields | typed)

    async def _ask(self, method: str, path: str, pairs: list[tuple[str, str]] | None, more: dict[str, str]) -> HtmlPage:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        sent |= {name.replace("_", "-"): value for name, value in more.items()}
        self.door.session.cookie_jar.clear()  # each browser of a test keeps its own
        async with self.door.request(method, path, data=pairs, headers=sent, allow_redirects=False) as reply:
            for name, morsel in reply.cookies.items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
            return HtmlPage(reply.status, reply.headers, await reply.text())
