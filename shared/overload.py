"""Says who still gets in when more is asked than can be done, from the number of requests that are being answered.

A request waits no longer than all that are in flight before it take, so bounding their number bounds the wait, whether the store, the
disk or this process' core is the slow one. What comes above the bound waits unparsed until there is room, so that a burst is no reason
to refuse anybody. Once those who wait do so for long, newcomers are refused at once, with ready-made bytes, but only as many as cost
little: to refuse everything would take half of what doing it takes, and leave no time for doing anything. The less urgent kinds have a
lower bound, and don't wait.
"""

import re
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import orjson
from aiohttp import web

from shared.errors import Unavailable
from shared.metrics import SHED
from shared.quick_reply import ReadyReply

RETRY_AFTER_SECONDS = 1
WAIT_SECONDS = 0.1  # of the one who has waited longest: from then on newcomers are refused
SHEDS_PER_SECOND = 500.0  # of those that may wait: at 20 to 40 microseconds each one or two hundredths of a core
SHEDS_AT_ONCE = 50.0

_METHODS = (b"GET ", b"POST ")
_DOUBTFUL = (b"\r\ntransfer-encoding", b"\r\nexpect", b"\r\nupgrade", b"\r\n ", b"\r\n\t")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9}) *\r\n")


class Kind:
    """Requests of one urgency: those whose head begins with `start`.

    They get in while less than `share` of the bound is in flight; of those that have the whole bound, most may wait.
    """

    def __init__(self, name: str, start: bytes, share: float) -> None:
        self.name = name
        self.start = start
        self.share = share
        self.shed = SHED.labels(kind=name)


SHEDDABLE = web.AppKey("sheddable", Sequence[Kind])
"""The app's kinds of requests, of which the first that fits counts; what fits none is always answered (health, preflights)."""


class Waiting(Protocol):
    """A connection whose request hasn't been looked at."""

    def go_on(self) -> None: ...


class Load:
    """What one process has in flight, which kinds it takes more of, and who waits."""

    def __init__(self, kinds: Sequence[Kind], most_in_flight: int) -> None:
        self.in_flight = 0
        self._waiting: deque[tuple[Waiting, float]] = deque()
        self._bound = most_in_flight
        self._sheds = SHEDS_AT_ONCE
        self._sheds_at = time.monotonic()
        self._kinds = [(kind, max(1, int(kind.share * most_in_flight))) for kind in kinds]
        self.first_bound = min((bound for _, bound in self._kinds), default=1 << 62)
        """With fewer in flight nobody is refused, so that nothing needs to be looked at."""

    def find_shed(self, head: bytes) -> Kind | None:
        """The kind of the request that begins so, if no more of it are taken now."""
        for kind, bound in self._kinds:
            if head.startswith(kind.start):
                return kind if self.in_flight >= bound else None
        return None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def keep(self, connection: Waiting, kind: Kind) -> bool:
        """Let the connection's request wait rather than refuse it: unless others wait long already, or when enough were refused."""
        if kind.share < 1:
            return False
        now = time.monotonic()
        waited = now - self._waiting[0][1] if self._waiting else 0.0
        if waited >= WAIT_SECONDS and self._may_refuse(now):
            return False
        self._waiting.append((connection, now))
        return True

    def _may_refuse(self, now: float) -> bool:
        self._sheds = min(SHEDS_AT_ONCE, self._sheds + (now - self._sheds_at) * SHEDS_PER_SECOND)
        self._sheds_at = now
        if self._sheds < 1:
            return False
        self._sheds -= 1
        return True

    def admit(self) -> None:
        """Let those go on who have waited longest, as long as there is room."""
        while self._waiting and self.in_flight < self._bound:
            self._waiting.popleft()[0].go_on()


def is_one_whole_request(data: bytes) -> bool:
    """Whether these bytes are one request from its first to its last byte, without doubt; else the parser has to say."""
    head, end, body = data.partition(b"\r\n\r\n")
    head = head.lower() + b"\r\n"
    if not end or not data.startswith(_METHODS) or b" http/1.1\r\n" not in head or head.count(b"\n") != head.count(b"\r\n"):
        return False
    if any(word in head for word in _DOUBTFUL) or head.count(b"\r\nconnection") != head.count(b"\r\nconnection: keep-alive\r\n"):
        return False
    lengths = head.count(b"content-length")
    found = _LENGTH.search(head) if lengths == 1 else None
    return len(body) == int(found[1]) if found else not lengths and not body


def _make_reply(connection: bytes) -> bytes:
    body = orjson.dumps(
        {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "code": Unavailable.code,
            "detail": Unavailable.__doc__,
        }
    )
    return (
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
        b"Content-Length: %d\r\nRetry-After: %d\r\n%b\r\n%b" % (len(body), RETRY_AFTER_SECONDS, connection, body)
    )


SHED_REPLY = _make_reply(b"")
SHED_AND_CLOSE = _make_reply(b"Connection: close\r\n")


def shed_reply(kind: Kind) -> web.StreamResponse:
    """The same for a request that went through the parser; its body isn't read."""
    kind.shed.inc()
    return ReadyReply(503, SHED_REPLY, SHED_AND_CLOSE)
