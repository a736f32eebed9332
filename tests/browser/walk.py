"""Finds an address of every kind of page by following links, as somebody would who clicks on everything."""

import re
import time
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from admin.pages.console import PAGES
from callstamp.http_call import call

MOST_OF_A_KIND = 6  # a dozen calls look alike, but not each page of calls has a link to each kind of page


OTHER_PLACES = re.compile(r"/v1/|/docs|/openapi\.json|/static/")
"""What isn't a page of the console, but may be linked."""


class Found(NamedTuple):
    """A kind of page, the address at which it was found, and what the server sent. A link that leads to no page is a kind of its own."""

    kind: str
    path: str
    status: int
    size: int
    milliseconds: float


def kinds() -> dict[str, re.Pattern[str]]:
    """The path of each page of the console, and what it looks like in addresses."""
    return {page.path: re.compile(re.sub(r"\{\w+\}", "[^/]+", page.path) + "$") for page in PAGES}


def kind_of(path: str, patterns: dict[str, re.Pattern[str]]) -> str | None:
    """The kind of the page at this path; one that is spelled out counts more than one with an id at its place."""
    fitting = [kind for kind, pattern in patterns.items() if pattern.match(path)]
    return min(fitting, key=lambda kind: kind.count("{"), default=None)


def walk(root: str, starts: Iterable[str], cookie: str | None = None) -> dict[str, Found]:
    """Every kind of page that can be reached by links from there, with the first address of it that was found."""
    patterns, found, seen = kinds(), dict[str, Found](), dict[str, int]()
    ahead, known = list(starts), set(starts)
    while ahead:
        address = ahead.pop(0)
        kind = kind_of(urlsplit(address).path, patterns)
        if kind is None:
            if not OTHER_PLACES.match(address):
                found[address] = Found(address, address, 404, 0, 0.0)
            continue
        if seen.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        began = time.perf_counter()
        reply = call("GET", root + address, cookie=cookie, Accept="text/html")
        took = 1000 * (time.perf_counter() - began)
        text = reply.body if isinstance(reply.body, str) else ""
        found.setdefault(kind, Found(kind, address, reply.status, len(text.encode()), took))
        for link in _links_of(text):
            to = urldefrag(urljoin(root + address, link)).url
            if to.startswith(root + "/") and (path := to.removeprefix(root)) not in known:
                known.add(path)
                ahead.append(path)
    return found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.found.append(href)


def _links_of(text: str) -> list[str]:
    parser = _Links()
    parser.feed(text)
    return parser.found
