"""A link that is stopped, or whose start is cancelled, at any moment leaves neither a connection nor a task behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from shared.redis_address import Server
from shared.redis_cluster import SLOTS, RedisCluster
from shared.redis_connection import Call, StoreAway
from shared.redis_link import LinkRules, RedisLink, need_nothing
from tests.waiting import wait_for

Prepare = Callable[[str, Call], Awaitable[None]]
MOST_TURNS = 300


class FakeCluster:
    """Servers in this event loop that know the slots they share, and nothing else."""

    def __init__(self) -> None:
        self.primaries: list[str] = []
        """The addresses of those that have slots; a client learns of a change when it looks next."""
        self.open_connections = 0

    @asynccontextmanager
    async def running(self, servers: int) -> AsyncIterator[list[Server]]:
        """All of them have slots at the beginning."""
        listening = [await asyncio.start_server(self._serve, "127.0.0.1", 0) for _ in range(servers)]
        addresses = [Server("127.0.0.1", server.sockets[0].getsockname()[1]) for server in listening]
        self.primaries = [address.name for address in addresses]
        try:
            yield addresses
        finally:
            for server in listening:
                server.close()

    async def count_open(self) -> int:
        return self.open_connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        try:
            while count := await reader.readline():
                words = [await self._read_word(reader) for _ in range(int(count[1:]))]
                writer.write(self._answer(words))
        except ConnectionError:
            pass
        finally:
            self.open_connections -= 1
            writer.close()

    async def _read_word(self, reader: asyncio.StreamReader) -> bytes:
        length = int((await reader.readline())[1:])
        return (await reader.readexactly(length + 2))[:-2]

    def _answer(self, words: list[bytes]) -> bytes:
        if words == [b"CLUSTER", b"INFO"]:
            about = b"cluster_state:ok\r\ncluster_current_epoch:1\r\n"
            return b"$%d\r\n%b\r\n" % (len(about), about)
        if words == [b"CLUSTER", b"SLOTS"]:
            bounds = [SLOTS * number // len(self.primaries) for number in range(len(self.primaries) + 1)]
            ranges = [
                b"*3\r\n:%d\r\n:%d\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n" % (begin, end - 1, int(address.rpartition(":")[2]))
                for begin, end, address in zip(bounds, bounds[1:], self.primaries, strict=False)
            ]
            return b"*%d\r\n" % len(ranges) + b"".join(ranges)
        return b"+PONG\r\n"


def rules(prepare: Prepare = need_nothing) -> LinkRules:
    return LinkRules(timeout_seconds=30, prepare=prepare, on_change=lambda: None)


def make_link(servers: list[Server]) -> RedisLink | RedisCluster:
    return RedisLink(servers[0], rules())


def make_cluster(servers: list[Server]) -> RedisLink | RedisCluster:
    return RedisCluster(servers, rules())


def find_tasks_of_links() -> list[str]:
    """The tasks of links and clusters that haven't ended."""
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]  # type: ignore[union-attr]
    return [name for name in names if name.startswith(("RedisLink.", "RedisCluster."))]


@pytest.mark.parametrize("make", [make_link, make_cluster])
async def test_a_start_that_is_cancelled_at_any_moment_leaves_nothing_behind(
    make: Callable[[list[Server]], RedisLink | RedisCluster],
) -> None:
    fake = FakeCluster()
    async with fake.running(3) as servers:
        for turns in range(MOST_TURNS):
            links = make(servers)
            starting = asyncio.create_task(links.start())
            for _ in range(turns):
                await asyncio.sleep(0)
            is_started = starting.done()
            starting.cancel()
            await asyncio.wait({starting})
            await links.stop()
            assert find_tasks_of_links() == [], f"cancelled after {turns} turns of the loop"
            await wait_for(fake.count_open, 0, "open connections")
            if is_started:
                return
    pytest.fail(f"not started after {MOST_TURNS} turns of the loop")


async def test_a_cluster_that_is_stopped_while_it_connects_to_a_new_primary_leaves_nothing_behind() -> None:
    fake, asked = FakeCluster(), []

    async def hold_up_new_primary(server: str, call: Call) -> None:
        asked.append(server)
        if server == new:
            await asyncio.Event().wait()

    async def names() -> list[str]:
        return asked

    async with fake.running(2) as servers:
        new = fake.primaries.pop()
        cluster = RedisCluster(servers[:1], rules(hold_up_new_primary))
        await cluster.start()
        fake.primaries.append(new)
        cluster.notice(StoreAway("a slot has moved"))
        await wait_for(names, lambda found: new in found, "connections that are prepared")
        await cluster.stop()
        assert find_tasks_of_links() == []
        await wait_for(fake.count_open, 0, "open connections")
