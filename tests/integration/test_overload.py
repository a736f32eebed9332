"""What is too much is refused at once and unread, the less urgent first; connections that are too many are told so."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from prometheus_client import REGISTRY

from ingest import app as ingest_app
from ingest.merger import app as merger_app
from ingest.merger.settings import MergerSettings
from ingest.settings import IngestSettings
from shared import door, overload
from shared.door import MAX_PIPELINED, DoorLimits, DoorServer
from shared.embedded import EmbeddedValkey
from shared.runner import DoorRunner
from tests.connection import Connection, Reply
from tests.waiting import wait_for
from tests.world import DoorServer as DoorTestServer
from tests.world import World

MOST_IN_FLIGHT = 4
BULK = b"POST /v1/postbacks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
NUMBER = "caller_number=%2B15551230000"


class NarrowServer(DoorTestServer):
    """A test server that bears with little."""

    limits = DoorLimits(max_in_flight=MOST_IN_FLIGHT, max_connections=20)

    async def _make_runner(self, **options: Any) -> DoorRunner:
        return DoorRunner(self.app, limits=self.limits, **options)  # type: ignore[arg-type] # it is an Application

    @property
    def url(self) -> str:
        return str(self.make_url("")).rstrip("/")

    @property
    def door(self) -> DoorServer:
        server = self.runner.server  # type: ignore[union-attr] # it was started
        assert isinstance(server, DoorServer)
        return server

    async def in_flight(self) -> int:
        """Returns how many requests are in flight."""
        return self.door.load.in_flight

    async def waiting(self) -> int:
        """Returns how many requests wait for room."""
        return self.door.load.waiting


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse from the first one too many on, without waiting for a queue to grow old."""
    monkeypatch.setattr(overload, "WAIT_SECONDS", 0.0)


@pytest.fixture
async def narrow(world: World, redis_url: str, postgres_url: str) -> AsyncIterator[NarrowServer]:
    """An ingest that takes four requests at a time and twenty connections."""
    settings = IngestSettings(redis_url=redis_url, postgres_url=postgres_url, store_timeout_ms=60_000)
    server = NarrowServer(ingest_app.create_app(settings))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def narrow_merger(world: World, redis_url: str, postgres_url: str) -> AsyncIterator[NarrowServer]:
    settings = MergerSettings(redis_url=redis_url, postgres_url=postgres_url, store_timeout_ms=60_000)
    server = NarrowServer(merger_app.create_app(settings))
    await server.start_server()
    yield server
    await server.close()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def postback(world: World, tag: str) -> bytes:
    return get(f"/data_writing?key={world.company.key.secret}&{NUMBER}&tag={tag}")


def shed(kind: str) -> float:
    return REGISTRY.get_sample_value("callstamp_shed_total", {"kind": kind}) or 0


def is_shed(reply: Reply) -> bool:
    return reply.status == 503 and b"\r\nRetry-After: 1" in reply.head and json.loads(reply.body)["code"] == "unavailable"


class Frozen:
    """While entered, so many requests are in flight at the server, for the store doesn't answer; afterwards they are answered."""

    def __init__(self, server: NarrowServer, valkey: EmbeddedValkey, requests: list[bytes]) -> None:
        self._server, self._valkey, self._requests = server, valkey, requests
        self.replies: list[Reply] = []

    async def __aenter__(self) -> "Frozen":
        self._stack = AsyncExitStack()
        self._connections = [await self._stack.enter_async_context(Connection(self._server.url)) for _ in self._requests]
        self._valkey.pause()
        try:
            for connection, request in zip(self._connections, self._requests, strict=True):
                await connection.send(request)
            await wait_for(self._server.in_flight, lambda count: count >= len(self._requests), "requests in flight")
        except BaseException:
            self._valkey.resume()
            raise
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._valkey.resume()
        if error[0] is None:
            self.replies = [await connection.receive() for connection in self._connections]
        await self._stack.aclose()


async def test_one_too_many_is_refused_at_once_and_the_rest_is_answered(
    world: World, narrow: NarrowServer, valkey: EmbeddedValkey
) -> None:
    before = shed("single")
    async with Connection(narrow.url) as connection:
        async with Frozen(narrow, valkey, [postback(world, f"v{n}") for n in range(MOST_IN_FLIGHT)]) as frozen:
            for number in range(3):  # the same connection: it is kept
                await connection.send(postback(world, f"shed{number}"))
                assert is_shed(await connection.receive())
            assert shed("single") == before + 3
        assert [json.loads(reply.body)["tag_values"] for reply in frozen.replies] == [{"tag": f"v{n}"} for n in range(4)]
        await connection.send(postback(world, "later"))
        assert json.loads((await connection.receive()).body)["tag_values"] == {"tag": "later"}
    assert await world.look_up() == {"tag": "later"}
    assert len(await world.log()) == MOST_IN_FLIGHT + 1
    assert narrow.door.load.in_flight == 0


async def test_a_request_with_a_body_is_refused_before_its_body_is_read(
    world: World, narrow: NarrowServer, valkey: EmbeddedValkey
) -> None:
    async with (
        Frozen(narrow, valkey, [postback(world, f"v{n}") for n in range(MOST_IN_FLIGHT)]),
        Connection(narrow.url) as connection,
    ):
        await connection.send(b"POST /data_writing HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n")
        assert is_shed(await connection.receive())
        await connection.send(b"x" * 50_000 + get("/livez"))  # the body is passed over, and what follows it is a request
        assert (await connection.receive()).status == 200


async def test_health_is_answered_however_much_is_asked(world: World, narrow: NarrowServer, valkey: EmbeddedValkey) -> None:
    async with (
        Frozen(narrow, valkey, [postback(world, f"v{n}") for n in range(MOST_IN_FLIGHT)]),
        Connection(narrow.url) as connection,
    ):
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await connection.get(path)).status == 200
        await connection.send(b"OPTIONS /data_writing HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await connection.receive()).status == 204


async def test_bulk_is_refused_before_singles(world: World, narrow: NarrowServer, valkey: EmbeddedValkey) -> None:
    async with Frozen(narrow, valkey, [postback(world, "a"), postback(world, "b")]), Connection(narrow.url) as connection:
        await connection.send(BULK)
        assert is_shed(await connection.receive())
        refused = shed("single")
        async with Connection(narrow.url) as single:
            await single.send(postback(world, "c"))
            await wait_for(narrow.in_flight, 3)
        assert shed("single") == refused


async def test_look_ups_are_refused_last(world: World, narrow_merger: NarrowServer, valkey: EmbeddedValkey) -> None:
    key = world.company.engine_key.secret
    look_up = get(f"/v1/lookup?key={key}&{NUMBER}")
    show = get(f"/v1/calls/c1?key={key}")
    hit = b"POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    for in_flight, refused in ((1, []), (2, [show]), (3, [show, hit]), (4, [show, hit, look_up])):
        async with Frozen(narrow_merger, valkey, [look_up] * in_flight), AsyncExitStack() as stack:
            for request in (show, hit, look_up):
                connection = await stack.enter_async_context(Connection(narrow_merger.url))
                narrow_merger.door.load.in_flight = in_flight  # those that weren't refused before wait too
                await connection.send(request)
                if request in refused:
                    assert is_shed(await connection.receive())
                elif request is not hit:  # which is refused for its key before it would wait
                    await wait_for(narrow_merger.in_flight, lambda count, before=in_flight: count > before)
        narrow_merger.door.load.in_flight = 0


async def test_a_connection_too_many_is_told_so_and_closed(
    world: World, narrow: NarrowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "GOODBYE_SECONDS", 60.0)  # however slowly it asks
    async with AsyncExitStack() as stack:
        for _ in range(narrow.limits.max_connections):
            await (await stack.enter_async_context(Connection(narrow.url))).get("/livez")
        async with Connection(narrow.url) as connection:
            reply = await connection.get("/livez")
            assert is_shed(reply)
            assert reply.closes
            await connection.closed_after()
        monkeypatch.setattr(door, "GOODBYE_SECONDS", 0.1)
        async with Connection(narrow.url) as silent:
            await silent.closed_after()
    monkeypatch.setattr(door, "GOODBYE_SECONDS", 60.0)

    async def status_of_a_new_connection() -> int:
        async with Connection(narrow.url) as connection:
            return (await connection.get("/livez")).status

    await wait_for(status_of_a_new_connection, 200)


async def test_a_connection_reads_a_bounded_number_of_requests_ahead(
    world: World, narrow: NarrowServer, valkey: EmbeddedValkey
) -> None:
    asked = 10 * MAX_PIPELINED
    async with Connection(narrow.url) as connection:
        valkey.pause()
        try:
            sending = asyncio.create_task(connection.send(b"".join(postback(world, f"v{n}") for n in range(asked))))
            await wait_for(narrow.in_flight, lambda count: count >= MAX_PIPELINED, "requests in flight")
            async with Connection(narrow.url) as other:
                for _ in range(50):  # turns of the server's loop in which it could read more
                    assert (await other.get("/livez")).status == 200
            assert max(each.unanswered for each in narrow.door.connections) <= MAX_PIPELINED + 1  # type: ignore[attr-defined] # a Door
        finally:
            valkey.resume()
        for number in range(asked):
            reply = await connection.receive()
            assert json.loads(reply.body)["tag_values"] == {"tag": f"v{number}"}
        await sending
    assert narrow.door.load.in_flight == 0


async def test_what_is_more_than_may_be_refused_waits_for_room(
    world: World, narrow: NarrowServer, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusing costs time, too: when enough were told no, the others are kept until there is room."""
    monkeypatch.setattr(overload, "SHEDS_PER_SECOND", 0.0)
    monkeypatch.setattr(overload, "SHEDS_AT_ONCE", 2.0)
    async with AsyncExitStack() as stack:
        late = [await stack.enter_async_context(Connection(narrow.url)) for _ in range(8)]
        async with Frozen(narrow, valkey, [postback(world, f"v{n}") for n in range(MOST_IN_FLIGHT)]):
            for number, connection in enumerate(late):
                await connection.send(postback(world, f"late{number}"))
                if number < 2:
                    assert is_shed(await connection.receive())

            await wait_for(narrow.waiting, 6)
            late[2].writer.transport.abort()  # one that leaves is forgotten
            refused = shed("bulk")
            async with Connection(narrow.url) as bulk:
                await bulk.send(BULK)
                assert is_shed(await bulk.receive())  # which never waits
            assert shed("bulk") == refused + 1
        for number, connection in enumerate(late[3:], 3):
            assert json.loads((await connection.receive()).body)["tag_values"] == {"tag": f"late{number}"}
    assert narrow.door.load.in_flight == 0
    assert not narrow.door.load.waiting


async def test_a_burst_waits_and_nobody_is_refused(
    world: World, narrow: NarrowServer, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overload, "WAIT_SECONDS", 60.0)  # however slowly the burst comes
    before = shed("single")
    async with AsyncExitStack() as stack:
        burst = [await stack.enter_async_context(Connection(narrow.url)) for _ in range(15)]
        async with Frozen(narrow, valkey, [postback(world, f"v{n}") for n in range(MOST_IN_FLIGHT)]):
            for number, connection in enumerate(burst):
                await connection.send(postback(world, f"burst{number}"))
            await wait_for(narrow.waiting, len(burst))
            monkeypatch.setattr(overload, "WAIT_SECONDS", 0.1)

            async def seconds_of_the_first() -> float:
                return time.monotonic() - narrow.door.load._waiting[0][1]

            await wait_for(seconds_of_the_first, lambda seconds: seconds >= 0.1)
            async with Connection(narrow.url) as late:
                await late.send(postback(world, "late"))
                assert is_shed(await late.receive())
        for number, connection in enumerate(burst):
            assert json.loads((await connection.receive()).body)["tag_values"] == {"tag": f"burst{number}"}
    assert shed("single") == before + 1
