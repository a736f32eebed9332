"""One server as all requests of a process share it: up, or away until the link has found it again by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

import structlog

from shared.background import Background
from shared.metrics import STORE_FAILURES
from shared.redis_address import Server
from shared.redis_connection import Arg, Call, Connection, Moved, NotSent, ReplicatedConnection, StoreAway, pack_command

log = structlog.get_logger()

CONNECT_SECONDS = 1.0
RECONNECT_PAUSE_SECONDS = 0.1


class Prepare(Protocol):
    """Makes a new connection to the server of that name fit for use; what it raises when the process starts ends the start."""

    def __call__(self, server: str, call: Call) -> Awaitable[None]: ...


async def need_nothing(server: str, call: Call) -> None:
    """For a link that takes the server as it is."""


class LinkRules:
    """What links of one process have in common.

    `prepare` is run on each new connection before anybody else may use it (load scripts, check the store's promises). With `replicas`,
    a reply is given once that many replicas have what was written. `on_change` hears that a server went away or came back.
    """

    def __init__(
        self, *, timeout_seconds: float, prepare: Prepare = need_nothing, replicas: int = 0, on_change: Callable[[], None]
    ) -> None:
        self.timeout_seconds = timeout_seconds
        self.prepare = prepare
        self.replicas = replicas
        self.on_change = on_change


class RedisLink:
    """A link to one server."""

    def __init__(self, server: Server, rules: LinkRules) -> None:
        self.server = server
        self._rules = rules
        self._usable: Connection | None = None
        self._opened: Connection | None = None
        self._lost = asyncio.Event()
        self._keeper = Background()

    @property
    def name(self) -> str:
        return self.server.name

    @property
    def is_up(self) -> bool:
        return self._usable is not None

    def call(self, *args: Arg) -> Awaitable[Any]:
        """Run one command; raises NotSent at once while the store is away, or StoreAway after the time-out."""
        return self.send(pack_command(*args))

    def send(self, command: bytes) -> "asyncio.Future[Any]":
        """Run one packed command; see `call`."""
        if self._usable is None:
            raise NotSent("not connected")
        return self._usable.send(command)

    def send_asking(self, command: bytes) -> "asyncio.Future[Any]":
        """Run one packed command of a slot that is on its way here."""
        if self._usable is None:
            raise NotSent("not connected")
        return self._usable.send_asking(command)

    # --- a single server answers as a cluster does (see redis_links)

    def at(self, key: bytes) -> "RedisLink":
        """The link to the server that has this key."""
        return self

    def group_of(self, partition: bytes) -> bytes:
        """Which partitions one script call may touch together: those that answer the same; here, all."""
        return b""

    def links(self) -> Iterable["RedisLink"]:
        """Every server that is written to."""
        return (self,)

    def away(self) -> list[str]:
        """The servers that can't be reached."""
        return [] if self.is_up else [self.name]

    def notice(self, failure: StoreAway) -> None:
        """A server that only reads now has lost its place to another one, which a new connection may find."""
        if str(failure) == "READONLY" and self._usable:
            self._usable.close("readonly")

    async def follow(self, moved: Moved, command: bytes) -> Any:
        """A server of a cluster, named as if it were alone, can't do what another one must."""
        raise StoreAway("the server belongs to a cluster: name it redis+cluster://") from moved

    # --- its life

    async def start(self) -> None:
        """Connect, and look for the server in the background from now on; raises what `prepare` does, and keeps looking even so.

        A start that is cancelled leaves nothing behind.
        """
        try:
            await self._connect()
        except (StoreAway, OSError, TimeoutError) as error:
            log.warning("store_away", server=self.name, reason=str(error) or type(error).__name__)
            self._lost.set()
        except Exception:
            self._lost.set()
            self._keeper.start(self._stay_connected())
            raise
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
                log.info("store_back", server=self.name)
            except Exception as error:
                log.debug("store_still_away", server=self.name, reason=str(error) or type(error).__name__)
                self._lost.set()
                await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _connect(self) -> None:
        self._lost.clear()
        connection = await self._open()
        try:
            await self._rules.prepare(self.name, connection.call)
        except BaseException:
            connection.close("not usable")
            raise
        if isinstance(connection, ReplicatedConnection):
            connection.waits_for_replicas = True
        self._usable = connection
        self._rules.on_change()

    async def _open(self) -> Connection:
        """A connection to the server that has been greeted."""
        rules = self._rules

        def make() -> Connection:
            if rules.replicas:
                return ReplicatedConnection(rules.timeout_seconds, self._on_lost, rules.replicas)
            return Connection(rules.timeout_seconds, self._on_lost)

        async with asyncio.timeout(CONNECT_SECONDS):
            connection = self._opened = await self.server.open(make)
        await greet(self.server, connection)
        return connection

    def _on_lost(self, reason: str) -> None:
        was_usable, self._usable = self._usable is not None, None
        self._lost.set()
        if was_usable:
            log.warning("store_away", server=self.name, reason=reason)
            STORE_FAILURES.labels(kind=reason).inc()
            self._rules.on_change()


async def greet(server: Server, connection: Connection) -> None:
    """Say who we are; closes the connection if that isn't welcome."""
    try:
        for greeting in server.greetings():
            await connection.call(*greeting)
    except BaseException:
        connection.close("not usable")
        raise


async def ask_once(server: Server, *commands: tuple[Arg, ...]) -> list[Any]:
    """The replies to some commands on a connection for them alone. Raises StoreAway, StoreError, OSError, TimeoutError."""
    async with asyncio.timeout(CONNECT_SECONDS):
        connection = await server.open(lambda: Connection(CONNECT_SECONDS, lambda _: None))
        try:
            await greet(server, connection)
            return [await connection.call(*command) for command in commands]
        finally:
            with suppress(StoreAway):
                connection.close("asked")
