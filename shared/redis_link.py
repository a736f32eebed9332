"""One connection to a Redis or Valkey server that all requests of a process share.

The commands of one turn of the event loop leave in one write and their replies come back in order (implicit pipelining), so a request
costs one round trip and no connection of its own. A reply that doesn't come in time closes the connection: whatever arrives later
arrives nowhere, and no reply can ever reach another request.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol, cast

import hiredis
import structlog
from redis.asyncio.connection import SSLConnection, parse_url

from shared.background import Background
from shared.metrics import STORE_FAILURES, STORE_SECONDS, STORE_UP

log = structlog.get_logger()

CONNECT_SECONDS = 1.0
RECONNECT_PAUSE_SECONDS = 0.1


class StoreAway(Exception):
    """The store can't be reached, doesn't answer in time, or refuses to write; what was asked may or may not have happened."""


class StoreError(Exception):
    """The store answered with an error of ours: a wrong command, a broken script."""


class FunctionMissing(StoreError):
    """The store doesn't have our scripts: it is new, was flushed, or took over from one that had them."""


MOST_TOGETHER = 32
"""Commands in one write: with more, the store would idle while a busy loop turn still reads requests, and we while it runs them all."""

_NOT_NOW = ("OOM", "MISCONF", "NOREPLICAS", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY")
_NOTHING = object()

Arg = bytes | str | int


def pack_command(*args: Arg) -> bytes:
    """A command in the Redis protocol (RESP2, an array of bulk strings)."""
    return b"*%d\r\n" % len(args) + pack_args(*args)


def pack_args(*args: Arg) -> bytes:
    """Arguments of a command, each a bulk string."""
    raws = [arg if type(arg) is bytes else str(arg).encode() for arg in args]
    return b"".join([b"$%d\r\n%b\r\n" % (len(raw), raw) for raw in raws])


class _Connection(asyncio.Protocol):
    """Writes the commands of a loop turn at once and hands each reply to the oldest command that waits for one."""

    def __init__(self, timeout_seconds: float, on_lost: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout_seconds
        self._on_lost = on_lost
        self._reader = hiredis.Reader(notEnoughData=_NOTHING, replyError=_as_exception)
        self._outgoing: list[bytes] = []
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._sent_at = 0.0
        self._watching = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's Unix transport is one in all but its class
        self._transport.set_write_buffer_limits(high=0)  # uvloop then writes at once, not when the loop has come round

    def send(self, command: bytes) -> "asyncio.Future[Any]":
        """Hand over a packed command; the future gets its reply, or StoreAway, StoreError."""
        if self._transport is None:
            raise StoreAway("closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        if not self._outgoing:
            self._sent_at = self._loop.time()
            self._loop.call_soon(self._flush)
        self._outgoing.append(command)
        self._waiting.append((future, self._sent_at))
        if len(self._outgoing) >= MOST_TOGETHER:
            self._flush()
        return future

    def _flush(self) -> None:
        if self._transport is None or not self._outgoing:
            return
        self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()
        if not self._watching and self._waiting:
            self._watching = True
            self._loop.call_later(self._timeout, self._watch)

    def _watch(self) -> None:
        """Give the connection up once its oldest command has waited too long."""
        self._watching = False
        if not self._waiting:
            return
        left = self._waiting[0][1] + self._timeout - self._loop.time()
        if left <= 0:
            self.close("timeout")
        else:
            self._watching = True
            self._loop.call_later(left, self._watch)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        waiting = self._waiting
        if waiting:
            STORE_SECONDS.observe(self._loop.time() - waiting[0][1])
        while (reply := self._reader.gets()) is not _NOTHING:
            future, _ = waiting.popleft()
            if future.done():  # its request was cancelled; the reply is nobody's
                continue
            if isinstance(reply, Exception):
                future.set_exception(reply)
            else:
                future.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.close("closed")

    def close(self, reason: str) -> None:
        """Fail everything that waits; what the server still has of it may yet happen."""
        if self._transport is None:
            return
        self._transport.abort()
        self._transport = None
        for future, _ in self._waiting:
            if not future.done():
                future.set_exception(StoreAway(reason))
        self._waiting.clear()
        self._on_lost(reason)


def _as_exception(text: str) -> Exception:
    word = text.split(" ", 1)[0]
    if word in _NOT_NOW:
        STORE_FAILURES.labels(kind=word.lower()).inc()
        return StoreAway(word)
    if "Function not found" in text:
        return FunctionMissing(text)
    return StoreError(text)


class Call(Protocol):
    """Runs one command on a connection and answers its reply."""

    def __call__(self, *args: Arg) -> Awaitable[Any]: ...


class RedisLink:
    """The store as a process sees it: up, or away until the link has found it again by itself.

    `prepare` is run on each new connection before anybody else may use it (load scripts, check the store's promises); what it raises
    when the process starts ends the start.
    """

    def __init__(self, url: str, *, timeout_seconds: float, prepare: Callable[[Call], Awaitable[None]]) -> None:
        self._options = parse_url(url)
        self._timeout = timeout_seconds
        self._prepare = prepare
        self._usable: _Connection | None = None
        self._opened: _Connection | None = None
        self._lost = asyncio.Event()
        self._keeper = Background()
        STORE_UP.set(0)

    @property
    def is_up(self) -> bool:
        return self._usable is not None

    def call(self, *args: Arg) -> Awaitable[Any]:
        """Run one command; raises StoreAway at once while the store is away, or after the time-out."""
        return self.send(pack_command(*args))

    def send(self, command: bytes) -> "asyncio.Future[Any]":
        """Run one packed command; see `call`."""
        if self._usable is None:
            raise StoreAway("not connected")
        return self._usable.send(command)

    async def start(self) -> None:
        """Connect; a store that is merely away is looked for in the background from now on."""
        try:
            await self._connect()
        except (StoreAway, OSError, TimeoutError) as error:
            log.warning("store_away", reason=str(error) or type(error).__name__)
            self._lost.set()
        self._keeper.start(self._stay_connected())

    async def stop(self) -> None:
        await self._keeper.stop()
        self._usable = None
        if self._opened:
            self._opened.close("stopped")

    async def _stay_connected(self) -> None:
        while True:
            await self._lost.wait()
            try:
                await self._connect()
                log.info("store_back")
            except Exception as error:
                log.debug("store_still_away", reason=str(error) or type(error).__name__)
                self._lost.set()
                await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _connect(self) -> None:
        self._lost.clear()
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = self._opened = await self._open()

        def call(*args: Arg) -> Awaitable[Any]:
            return connection.send(pack_command(*args))

        try:
            for greeting in self._greetings():
                await call(*greeting)
            await self._prepare(call)
        except BaseException:
            connection.close("not usable")
            raise
        self._usable = connection
        STORE_UP.set(1)

    async def _open(self) -> _Connection:
        loop, options = asyncio.get_running_loop(), self._options

        def make() -> _Connection:
            return _Connection(self._timeout, self._on_lost)

        if "path" in options:
            return (await loop.create_unix_connection(make, options["path"]))[1]
        tls = None
        if options.get("connection_class") is SSLConnection:
            tls = ssl.create_default_context(cafile=cast("str | None", options.get("ssl_ca_certs")))
            if options.get("ssl_cert_reqs") == "none":
                tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        return (await loop.create_connection(make, options.get("host", "localhost"), options.get("port", 6379), ssl=tls))[1]

    def _greetings(self) -> Iterator[tuple[Arg, ...]]:
        options = self._options
        if options.get("password"):
            yield ("AUTH", options["username"], options["password"]) if options.get("username") else ("AUTH", options["password"])
        if options.get("db"):
            yield ("SELECT", options["db"])
        yield ("PING",)

    def _on_lost(self, reason: str) -> None:
        if self._usable is not None:
            log.warning("store_away", reason=reason)
            STORE_FAILURES.labels(kind=reason).inc()
        self._usable = None
        STORE_UP.set(0)
        self._lost.set()
