"""Redis as Callstamp uses it: our scripts, one call each, on a store that keeps what it acknowledged."""

import asyncio
from typing import Any

import structlog

from ingest.lua_library import LIBRARY, VERSION, function_name
from shared.background import Background
from shared.errors import Unavailable
from shared.redis_link import Arg, Call, FunctionMissing, RedisLink, StoreAway, StoreError, pack_args
from shared.settings import StartRefused

log = structlog.get_logger()

DURABLE = {
    "maxmemory-policy": ("noeviction", "an evicting store loses acknowledged tags silently"),
    "appendonly": ("yes", "without the append-only file a restart loses everything"),
    "appendfsync": ("always", "anything less loses acknowledged tags in a power cut"),
}
"""What the profile `durable` asks of the store's configuration, and why."""

CHECK_SECONDS = 5.0
AWAY = "The store can't take this just now; try again."


class UnsafeStore(StartRefused):
    """The store would not keep what we acknowledge."""


class Store:
    """Runs the scripts of lua/. Raises Unavailable when the store can't take the operation; it may then still have happened."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        if url.startswith("redis+cluster://"):
            raise StartRefused("redis+cluster:// isn't supported yet; name a single server: redis://, rediss:// or unix://")
        try:
            self._link = RedisLink(url, timeout_seconds=timeout_seconds, prepare=self._prepare)
        except ValueError as error:
            raise StartRefused(f"the store's address isn't one: {error}") from None
        self._unsafe: str | None = None
        self._guard = Background()

    async def start(self) -> None:
        """Connect and load the scripts; raises UnsafeStore when the store is weaker than the durable profile."""
        try:
            await self._link.start()
        except StoreError as error:
            raise UnsafeStore(f"the store refuses what is asked of it at start: {error}") from None
        self._guard.start(self._stay_safe())

    async def stop(self) -> None:
        await self._guard.stop()
        await self._link.stop()

    def missing(self) -> str | None:
        """What keeps the store from being used, or None."""
        return self._unsafe or (None if self._link.is_up else "the store can't be reached")

    async def run(self, function: str, key: bytes, *args: Arg) -> Any:
        """Run one of our functions in the slot of `key`."""
        return await self.run_packed(key, pack_function_call(function, key, len(args)) + pack_args(*args))

    async def run_packed(self, key: bytes, command: bytes) -> Any:
        """Run a command on `key` that is packed already, as pack_function_call and pack_args do it."""
        if self._unsafe:
            raise Unavailable(AWAY)
        try:
            try:
                return await self._link.send(command)
            except FunctionMissing:  # nothing was run, so it can be run again
                await self._load(self._link.call)
                return await self._link.send(command)
        except StoreAway as error:
            raise Unavailable(AWAY) from error

    def group_of(self, partition: bytes) -> bytes:
        """Which partitions one script call may touch together: those that answer the same here."""
        return b""

    async def _prepare(self, call: Call) -> None:
        if unsafe := await _weakness(call):
            self._unsafe = unsafe
            raise UnsafeStore(unsafe)
        self._unsafe = None
        await self._load(call)

    async def _load(self, call: Call) -> None:
        if not await call("FUNCTION", "LIST", "LIBRARYNAME", f"callstamp_{VERSION}"):
            await call("FUNCTION", "LOAD", "REPLACE", LIBRARY)

    async def _stay_safe(self) -> None:
        """Notice a store whose configuration was weakened while it ran."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                unsafe = await _weakness(self._link.call)
            except StoreAway:
                continue
            if unsafe and not self._unsafe:
                log.error("store_unsafe", reason=unsafe)
            self._unsafe = unsafe


def pack_function_call(function: str, key: bytes, args: int) -> bytes:
    """The beginning of a call of one of our functions; `args` arguments must follow."""
    return b"*%d\r\n" % (args + 4) + pack_args(b"FCALL", function_name(function), 1, key)


async def _weakness(call: Call) -> str | None:
    """What the store's configuration falls short of the durable profile by, or None."""
    for setting, (wanted, reason) in DURABLE.items():
        _, value = await call("CONFIG", "GET", setting)
        if value.decode() != wanted:
            return f"the store has {setting} {value.decode()}, and must have {wanted}: {reason}"
    return None
