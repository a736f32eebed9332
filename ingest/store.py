"""Redis as Callstamp uses it: our scripts, one call each, on a store that keeps what it acknowledged."""

import asyncio
import re
from typing import Any

import structlog

from ingest.durability import Durability, find_weakness
from ingest.lua_library import LIBRARY, VERSION, function_name
from shared.background import Background
from shared.errors import Unavailable
from shared.metrics import STORE_SERVERS_AWAY, STORE_UP
from shared.redis_connection import (
    Arg,
    Call,
    FunctionMissing,
    Moved,
    Moving,
    NotRun,
    NotSent,
    StoreAway,
    StoreError,
    pack_args,
    pack_command,
)
from shared.redis_link import LinkRules
from shared.redis_links import Links, make_links
from shared.settings import StartRefused

log = structlog.get_logger()

CHECK_SECONDS = 5.0
MOST_TRIES = 5  # of a command that was not run: a slot that moved on and on, scripts that were flushed in between
AWAY = "The store can't take this just now; try again."

_READS = frozenset(
    re.findall(r"'(\w+)_VERSION', callback = \w+, flags = \{'no-writes'\}", LIBRARY.replace(f"_{VERSION}'", "_VERSION'"))
)
"""The functions that change nothing: they needn't wait for replicas."""


class UnsafeStore(StartRefused):
    """The store would not keep what we acknowledge."""


class StoreOutOfReach(Unavailable):
    """The store can't be reached, or isn't safe; nothing was sent to it, so what was asked hasn't happened."""


class Store:
    """Runs the scripts of lua/. Raises Unavailable when the store can't take the operation; it may then still have happened."""

    def __init__(
        self, url: str, *, timeout_seconds: float, durability: Durability = Durability.DURABLE, replicas: int = 1
    ) -> None:
        self._durability = durability

        def links(replicas: int) -> Links:
            rules = LinkRules(
                timeout_seconds=timeout_seconds, prepare=self._prepare, replicas=replicas, on_change=self._show_what_is_away
            )
            return make_links(url, rules)

        self._reads = links(0)
        self._writes = links(replicas) if durability is Durability.REPLICATED else self._reads
        self.group_of = self._writes.group_of
        self._unsafe: dict[str, str] = {}
        self._guard = Background()
        self._show_what_is_away()

    async def start(self) -> None:
        """Connect and load the scripts; raises UnsafeStore when the store is weaker than the profile."""
        try:
            for links in self._all_links():
                await links.start()
        except StoreError as error:
            await self.stop()
            raise UnsafeStore(f"the store refuses what is asked of it at start: {error}") from None
        except BaseException:
            await self.stop()
            raise
        self._guard.start(self._stay_safe())

    async def stop(self) -> None:
        await self._guard.stop()
        for links in self._all_links():
            await links.stop()

    def missing(self) -> str | None:
        """What keeps the store from being used, or None; a cluster can be used while it has a server that may be written to."""
        links = list(self._writes.links())
        if any(link.is_up and link.name not in self._unsafe for link in links):
            return None
        return next((self._unsafe[link.name] for link in links if link.name in self._unsafe), "the store can't be reached")

    def describe(self) -> dict[str, Any]:
        """What an operator wants to know of it: the profile, and the servers that can't be used now."""
        return {"durability": self._durability, "servers_away": self._servers_away()}

    async def run(self, function: str, key: bytes, *args: Arg) -> Any:
        """Run one of our functions in the slot of `key`."""
        command = pack_function_call(function, key, len(args)) + pack_args(*args)
        return await self._send(self._reads if function in _READS else self._writes, key, command)

    async def run_packed(self, key: bytes, command: bytes) -> Any:
        """Run a command that writes on `key`, packed already, as pack_function_call and pack_args do it."""
        if self._unsafe:
            self._check_safe(self._writes, key)
        try:
            return await self._writes.at(key).send(command)
        except (StoreAway, NotRun) as error:
            return await self._recover(self._writes, key, command, error)

    async def ask(self, key: bytes, *args: Arg) -> Any:
        """Run one command that changes nothing on the server that has `key`."""
        return await self._send(self._reads, key, pack_command(*args))

    async def ask_each(self, *args: Arg) -> list[Any]:
        """The same on every server that is written to."""
        try:
            return await asyncio.gather(*(link.call(*args) for link in self._reads.links()))
        except StoreAway as failure:
            raise Unavailable(AWAY) from failure

    async def _send(self, links: Links, key: bytes, command: bytes) -> Any:
        if self._unsafe:
            self._check_safe(links, key)
        try:
            return await links.at(key).send(command)
        except (StoreAway, NotRun) as error:
            return await self._recover(links, key, command, error)

    async def _recover(self, links: Links, key: bytes, command: bytes, failure: Exception) -> Any:
        """Send a command again as long as nothing was run, and only then. Raises Unavailable."""
        for _ in range(MOST_TRIES):
            try:
                if isinstance(failure, Moving):  # key by key: a script has to wait until all its keys are there
                    raise NotSent("the slot is being moved") from failure
                if isinstance(failure, Moved):
                    return await links.follow(failure, command)
                if isinstance(failure, FunctionMissing):
                    link = links.at(key)
                    await self._load(link.call)
                    return await link.send(command)
            except (StoreAway, NotRun) as error:
                failure = error
            if isinstance(failure, StoreAway):
                links.notice(failure)
                break
        raise (StoreOutOfReach if isinstance(failure, NotSent) else Unavailable)(AWAY) from failure

    def _check_safe(self, links: Links, key: bytes) -> None:
        try:
            if links.at(key).name not in self._unsafe:
                return
        except StoreAway:
            pass
        raise StoreOutOfReach(AWAY)

    async def _prepare(self, server: str, call: Call) -> None:
        if unsafe := await find_weakness(call, self._durability):
            self._note_unsafe(server, unsafe)
            raise UnsafeStore(unsafe)
        self._unsafe.pop(server, None)
        await self._load(call)

    async def _load(self, call: Call) -> None:
        if not await call("FUNCTION", "LIST", "LIBRARYNAME", f"callstamp_{VERSION}"):
            await call("FUNCTION", "LOAD", "REPLACE", LIBRARY)

    async def _stay_safe(self) -> None:
        """Notice a server whose configuration was weakened while it ran."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            links = list(self._reads.links())
            for gone in self._unsafe.keys() - {link.name for link in links}:
                del self._unsafe[gone]
            for link in links:
                try:
                    unsafe = await find_weakness(link.call, self._durability)
                except StoreAway:
                    continue
                if unsafe:
                    self._note_unsafe(link.name, unsafe)
                else:
                    self._unsafe.pop(link.name, None)
            self._show_what_is_away()

    def _note_unsafe(self, server: str, reason: str) -> None:
        if server not in self._unsafe:
            log.error("store_unsafe", server=server, reason=reason)
        self._unsafe[server] = reason
        self._show_what_is_away()

    def _all_links(self) -> list[Links]:
        return [self._reads] if self._reads is self._writes else [self._reads, self._writes]

    def _servers_away(self) -> list[str]:
        return sorted({name for links in self._all_links() for name in links.away()} | self._unsafe.keys())

    def _show_what_is_away(self) -> None:
        away = len(self._servers_away())
        STORE_UP.set(away == 0)
        STORE_SERVERS_AWAY.set(away)


def pack_function_call(function: str, key: bytes, args: int) -> bytes:
    """The beginning of a call of one of our functions; `args` arguments must follow."""
    return b"*%d\r\n" % (args + 4) + pack_args(b"FCALL", function_name(function), 1, key)
