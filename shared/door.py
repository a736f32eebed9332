"""A service's connections: aiohttp's, with our limits on size, number and patience, and with our words for what its parser refuses."""

import asyncio
from http import HTTPStatus
from typing import Any, NoReturn, cast

import msgspec
import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import MAX_MSG_QUEUE_SIZE, RequestHandler

from shared.errors import BadRequest, HeadersTooLarge, Refusal, RequestTimeout, UriTooLong
from shared.http import InternalError, refuse
from shared.metrics import CONNECTIONS, CONNECTIONS_TURNED_AWAY, IN_FLIGHT, SLOW_CLIENTS
from shared.overload import SHED_AND_CLOSE, SHED_REPLY, Kind, Load, is_one_whole_request

log = structlog.get_logger()

MAX_URI_BYTES = 8 * 1024
MAX_HEADER_BYTES = 16 * 1024  # differs from the above: the parser's error names only the limit it met
MAX_PIPELINED = MAX_MSG_QUEUE_SIZE  # requests of one connection that wait for their turn; more aren't read

SWEEP_SECONDS = 1.0
GOODBYE_SECONDS = 2.0  # for a client that is turned away to read why
LEAST_READ_BYTES = 16 * 1024  # what a slow reader must take in the time that it has
SLICE_BYTES = 8 * 1024
MOST_HELD_BYTES = 64 * 1024  # of a connection whose request waits for room
CROWDED = 7 / 8  # of all connections: from here on an idle one is let go as early as a slow one


class DoorLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one process bears with; docs/operating.md says why."""

    max_connections: int = 8192
    max_in_flight: int = 128
    slow_client_seconds: float = 10.0


class Door(RequestHandler):
    """One connection.

    Time-outs cost a request nothing: a sweep over all connections looks at them once a second.
    """

    __slots__ = ("_has_part", "_held", "_is_slice_due", "_judged", "_judged_at", "_load", "_rest", "shed_next", "unanswered")

    def __init__(self, server: "DoorServer", **options: Any) -> None:
        super().__init__(server, **options)
        self._load = server.load
        self.unanswered = 0
        self._has_part = False  # of a head
        self.shed_next: Kind | None = None
        self._held = b""  # a request that waits for room
        self._rest = b""  # what hasn't been parsed of what came at once
        self._is_slice_due = False  # whether the next turn of the event loop parses a slice of it
        self._judged: object = None
        self._judged_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Count the requests that begin; one that is too many is refused or waits."""
        load = self._load
        if load.in_flight < load.first_bound and len(data) <= SLICE_BYTES and not self._rest and not self._held:
            self._parse(data)  # nearly always
            return
        if self._has_part or not self._is_idle() or not self._is_kept_out(data):
            self._take(data)

    def _is_idle(self) -> bool:
        """Whether no request is under way; the first bytes may be here before aiohttp has begun to wait for them."""
        waiter = self._waiter
        return not self._request_count if waiter is None else not waiter.done()

    def _take(self, data: bytes) -> None:
        """Parse it, a slice in a turn of the event loop: a body in chunks of a byte takes half a microsecond a byte."""
        if not data or (len(data) <= SLICE_BYTES and not self._rest):  # no data: the parser goes on with what it has
            self._parse(data)
        else:
            is_first, self._rest = not self._rest, self._rest + data
            self._pause_transport_reading()
            if is_first:
                self._take_slice()

    def _take_slice(self) -> None:
        self._is_slice_due = False
        data, self._rest = self._rest[:SLICE_BYTES], self._rest[SLICE_BYTES:]
        if data and self.transport is not None:
            self._parse(data)
        if not self._reading_paused and not self._buffer_paused:
            self._resume_transport_reading()

    def _resume_transport_reading(self) -> None:
        """Continue with what was read already, then read on. aiohttp calls this for every chunk: only one slice may be due at a time."""
        if not self._rest:
            super()._resume_transport_reading()
        elif not self._is_slice_due:
            self._is_slice_due = True
            self._loop.call_soon(self._take_slice)

    def _parse(self, data: bytes) -> None:
        """What comes while no request is under way and doesn't begin one is part of a head."""
        before = self._request_count
        RequestHandler.data_received(self, data)
        if started := self._request_count - before:
            self.unanswered += started
            self._load.in_flight += started
            self._has_part = False
        elif self._is_idle() and data.strip():  # an empty line is no part of anything
            self._has_part = True

    def _is_kept_out(self, data: bytes) -> bool:
        """Whether the request waits, or was answered right here; else, if too many, it is marked, and its body won't be read."""
        if self._held:
            self._held += data
            if len(self._held) > MOST_HELD_BYTES and self.transport is not None:
                self.transport.abort()
            return True
        kind = self._load.find_shed(data)
        if kind is None or self.transport is None:
            return False
        if len(data) <= MOST_HELD_BYTES and self._load.keep(self, kind):
            self._held = data
            return True
        if self._close or self._force_close or not is_one_whole_request(data):
            self.shed_next = kind
            return False
        kind.shed.inc()
        self._request_count += 1
        self._keepalive = True
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if cast("DoorServer", self._manager).is_draining:
            self.transport.write(SHED_AND_CLOSE)
            self.force_close()
        else:
            self.transport.write(SHED_REPLY)
        return True

    def take_shed(self) -> Kind | None:
        """The kind of the request at hand if it is one too many."""
        kind, self.shed_next = self.shed_next, None
        return kind

    def go_on(self) -> None:
        """There is room for the request that waits."""
        data, self._held = self._held, b""
        if data and self.transport is not None:
            self._take(data)

    def settle(self, count: int = 1) -> None:
        """So many requests are no longer in flight."""
        count = min(count, self.unanswered)
        self.unanswered -= count
        self._load.in_flight -= count
        self._load.admit()

    async def wait_for_reader(self) -> None:
        """Wait until the client has read most of what it was sent; it gets no more before."""
        if self._paused:
            await self._drain_helper()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._request_factory = _nobody_asks
        self.settle(self.unanswered - (self._current_request is not None))

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if request.method == "UNKNOWN":
            self.settle()
        if isinstance(exc, ConnectionError):
            raise exc  # the other side is gone: there is nobody to answer, and nothing of ours is wrong
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("unhandled_error", method=request.method, route="none", exc_info=exc)
        response = refuse(_translate_parser_error(status, exc))
        response.force_close()
        return response

    def judge(self, now: float, patience_seconds: float, *, is_crowded: bool) -> None:
        """Close the connection of a client that is too slow to ask or to read, or that is idle while others want to get in."""
        unread = self.transport.get_write_buffer_size() if self.transport is not None else 0
        waits = self._waiter is not None
        if self._paused:
            judged: object = ("reads", unread // LEAST_READ_BYTES)
        elif self._held:
            judged = None  # it is we who are slow
        elif waits and (self._has_part or not self._request_count):
            judged = ("asks", self._request_count)
        elif waits and is_crowded:
            judged = ("is idle", self._request_count)
        else:
            judged = None
        if judged != self._judged:
            self._judged, self._judged_at = judged, now
        elif judged is not None and now - self._judged_at >= patience_seconds:
            self._dismiss()

    def _dismiss(self) -> None:
        SLOW_CLIENTS.inc()
        if self.transport is None:
            return
        if self._paused:
            self.transport.abort()
        else:
            if self._has_part:
                self.transport.write(_request_timeout())
            self.force_close()


def _nobody_asks(*request: object) -> NoReturn:
    """Ends the task of a connection that was lost in the turn in which a request had come; aiohttp itself would stumble and log it."""
    raise asyncio.CancelledError


def _request_timeout() -> bytes:
    """A reply for a request that never became one."""
    response = refuse(RequestTimeout())
    body = cast("bytes", response.body)
    head = f"HTTP/1.1 408 Request Timeout\r\nContent-Type: {response.content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def _translate_parser_error(status: int, error: BaseException | None) -> Refusal:
    if isinstance(error, LineTooLong):
        return UriTooLong() if f"more than {MAX_URI_BYTES} bytes" in str(error) else HeadersTooLarge()
    if "Too many" in str(error):
        return HeadersTooLarge()
    return InternalError() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest()


class TurnedAway(asyncio.Protocol):
    """A connection that is one too many: told so when it asks, then closed."""

    def __init__(self, server: "DoorServer") -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class
        CONNECTIONS_TURNED_AWAY.inc()
        if len(self._server.turned_away) >= self._server.max_connections // 4:
            self._transport.abort()
            return
        self._server.turned_away.add(self)
        asyncio.get_running_loop().call_later(GOODBYE_SECONDS, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """The reply to the first bytes; the end is only announced, as closing on unread bytes would take the reply back."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.write(SHED_AND_CLOSE)
            transport.write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.turned_away.discard(self)


class DoorServer(web.Server):
    """All connections of a process."""

    load: Load
    max_connections: int
    turned_away: set[TurnedAway]
    draining: list[bool]

    @property
    def is_draining(self) -> bool:
        return bool(self.draining)

    def __call__(self) -> Any:
        if len(self._connections) >= self.max_connections:
            return TurnedAway(self)
        return Door(self, loop=self._loop, **self._kwargs)  # no fallback: a misspelt option must not drop all the others

    async def sweep(self, patience_seconds: float) -> None:
        """Look at all connections, again and again."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now, is_crowded = self._loop.time(), len(self._connections) >= CROWDED * self.max_connections
            IN_FLIGHT.set(self.load.in_flight)
            CONNECTIONS.set(len(self._connections))
            self.load.admit()
            for door in self.connections:
                cast("Door", door).judge(now, patience_seconds, is_crowded=is_crowded)
