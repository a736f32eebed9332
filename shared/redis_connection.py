"""One connection to a Redis or Valkey server: commands of one turn of the event loop in one write, replies in order, a limit of time.

A reply that doesn't come in time closes the connection: whatever arrives later arrives nowhere, and no reply can ever reach another
request.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

import hiredis

from shared.metrics import STORE_FAILURES, STORE_SECONDS


class StoreAway(Exception):
    """The store can't be reached, doesn't answer in time, or refuses to write; what was asked may or may not have happened."""


class NotSent(StoreAway):
    """The store can't be reached, and nothing was sent to it: what was asked hasn't happened."""


class StoreError(Exception):
    """The store answered with an error of ours: a wrong command, a broken script."""


class NotRun(StoreError):
    """Nothing was run, for a reason that can be mended, so the command may be sent again."""


class FunctionMissing(NotRun):
    """The store doesn't have our scripts: it is new, was flushed, or took over from one that had them."""


class Moved(NotRun):
    """Another server of the cluster has the slot now; `address` is host:port."""

    @property
    def address(self) -> str:
        return str(self.args[0]).split(" ")[2]

    @property
    def slot(self) -> int:
        return int(str(self.args[0]).split(" ")[1])


class Moving(Moved):
    """The slot is on its way to another server key by key, and this server doesn't have the key that was named."""


MOST_TOGETHER = 32
"""Commands in one write: with more, the store would idle while a busy loop turn still reads requests, and we while it runs them all."""

_NOT_NOW = ("OOM", "MISCONF", "NOREPLICAS", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "UNBLOCKED")
_MENDABLE: dict[str, type[NotRun]] = {"MOVED": Moved, "ASK": Moving}
_NOTHING = object()

Arg = bytes | str | int


def pack_command(*args: Arg) -> bytes:
    """A command in the Redis protocol (RESP2, an array of bulk strings)."""
    return b"*%d\r\n" % len(args) + pack_args(*args)


def pack_args(*args: Arg) -> bytes:
    """Arguments of a command, each a bulk string."""
    raws = [arg if type(arg) is bytes else str(arg).encode() for arg in args]
    return b"".join([b"$%d\r\n%b\r\n" % (len(raw), raw) for raw in raws])


_ASKING = pack_command("ASKING")


class Call(Protocol):
    """Runs one command on a connection and answers its reply."""

    def __call__(self, *args: Arg) -> Awaitable[Any]: ...


class Connection(asyncio.Protocol):
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

    def call(self, *args: Arg) -> Awaitable[Any]:
        """Run one command; see `send`."""
        return self.send(pack_command(*args))

    def send(self, command: bytes) -> "asyncio.Future[Any]":
        """Hand over a packed command; the future gets its reply, or StoreAway, StoreError."""
        if self._transport is None:
            raise NotSent("closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        if not self._outgoing:
            self._sent_at = self._loop.time()
            self._loop.call_soon(self._flush)
        self._outgoing.append(command)
        self._waiting.append((future, self._sent_at))
        if len(self._outgoing) >= MOST_TOGETHER:
            self._flush()
        return future

    def send_asking(self, command: bytes) -> "asyncio.Future[Any]":
        """Hand over a command for a slot that is on its way to this server; the word for it goes along in the same write."""
        if self._transport is None:
            raise NotSent("closed")
        nobodys, future = self._loop.create_future(), self._loop.create_future()
        nobodys.cancel()  # it takes the reply to ASKING
        if not self._outgoing:
            self._sent_at = self._loop.time()
            self._loop.call_soon(self._flush)
        self._outgoing.append(_ASKING + command)
        self._waiting += ((nobodys, self._sent_at), (future, self._sent_at))
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
            _fail(future, reason)
        self._waiting.clear()
        self._on_lost(reason)


class ReplicatedConnection(Connection):
    """Ends each write with WAIT and answers its commands once enough replicas have them; the next write gathers meanwhile.

    WAIT holds up whatever follows it on the connection, so commands that only read belong on another one.
    """

    def __init__(self, timeout_seconds: float, on_lost: Callable[[str], None], replicas: int) -> None:
        super().__init__(timeout_seconds, on_lost)
        self._replicas = replicas
        self._wait = pack_command("WAIT", replicas, max(1, int(timeout_seconds * 1000 * WAIT_SHARE)))
        self._receipt: asyncio.Future[Any] | None = None
        self._held: list[tuple[asyncio.Future[Any], Any]] = []
        self.waits_for_replicas = False
        """Off until the connection is prepared: scripts are loaded and looked at though no replica be there."""

    def _flush(self) -> None:
        if self._receipt is not None or self._transport is None or not self._outgoing:
            return
        if self.waits_for_replicas:
            self._receipt = self._loop.create_future()
            self._outgoing.append(self._wait)
            self._waiting.append((self._receipt, self._sent_at))
        super()._flush()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        if self._waiting:
            STORE_SECONDS.observe(self._loop.time() - self._waiting[0][1])
        while (reply := self._reader.gets()) is not _NOTHING:
            future, _ = self._waiting.popleft()
            if future is self._receipt:
                self._settle(reply)
            elif isinstance(reply, Exception):
                if not future.done():
                    future.set_exception(reply)
            elif self._receipt is not None:
                self._held.append((future, reply))
            elif not future.done():
                future.set_result(reply)

    def _settle(self, reply: Any) -> None:
        """Answer what was held back for the replicas, and send what has gathered."""
        self._receipt = None
        held, self._held = self._held, []
        enough = not isinstance(reply, Exception) and reply >= self._replicas
        if not enough:
            STORE_FAILURES.labels(kind="replicas").inc()
        for future, answer in held:
            if not enough:
                _fail(future, "not enough replicas have it")
            elif not future.done():
                future.set_result(answer)
        self._flush()

    def close(self, reason: str) -> None:
        if self._receipt is not None:
            self._receipt.cancel()  # nobody waits for it
        for future, _ in self._held:
            _fail(future, reason)
        self._held.clear()
        super().close(reason)


WAIT_SHARE = 0.4
"""Of the store time-out, for one WAIT: a command may have to see out the WAIT before its own."""


def _fail(future: "asyncio.Future[Any]", reason: str) -> None:
    if not future.done():
        future.set_exception(StoreAway(reason))


def _as_exception(text: str) -> Exception:
    word = text.split(" ", 1)[0]
    if word in _NOT_NOW:
        STORE_FAILURES.labels(kind=word.lower()).inc()
        return StoreAway(word)
    if mendable := _MENDABLE.get(word):
        return mendable(text)
    if "Function not found" in text:
        return FunctionMissing(text)
    return StoreError(text)
