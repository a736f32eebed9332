"""Guarantee 23: clients that ask slowly, say nothing or never read are let go, and hurt nobody meanwhile."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.conftest import CheckFigure
from tests.connection import Connection
from tests.faults.load import Answer, Postbacks, percentile
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import World

CLOSED_WITHIN_SECONDS = 15.0
SLOWER_AT_MOST = 1.2
PATIENCE_SECONDS = 0.5
"""Shorter than the 10 of production, to save time. The service checks for slow clients once a second."""
NEVER_READING = 5  # clients; each is sent megabytes before the kernel keeps no more for it
IMPATIENT = {"INGEST_SLOW_CLIENT_SECONDS": str(PATIENCE_SECONDS)}
PATIENT = {"INGEST_SLOW_CLIENT_SECONDS": "3600"}

GET = b"GET /data_writing?key=unknown&caller_number=%2B15551230000&a=1 HTTP/1.1\r\nHost: x\r\n\r\n"


async def dribble_head(connection: Connection) -> None:
    """A byte of a header each tenth of a second, for ever."""
    await connection.send(b"GET /data_writing?a=1 HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    while True:
        await connection.send(b"x")
        await asyncio.sleep(0.1)


async def dribble_body(connection: Connection) -> None:
    await connection.send(b"POST /data_writing HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
    while True:
        await connection.send(b"x")
        await asyncio.sleep(0.1)


async def say_nothing(connection: Connection) -> None:
    await asyncio.Event().wait()


async def stop_within_head(connection: Connection) -> None:
    await connection.send(GET[:40])
    await asyncio.Event().wait()


async def ask_once_then_dribble(connection: Connection) -> None:
    await connection.send(GET)
    await connection.receive()
    await dribble_head(connection)


async def never_read(connection: Connection) -> None:
    """Ask as often as the other side lets us, and read no answer."""
    connection.reader._transport.pause_reading()  # type: ignore[attr-defined]
    while True:
        await connection.send(GET * 20)


SLOW: dict[str, Callable[[Connection], object]] = {
    "dribbles a head": dribble_head,
    "says nothing": say_nothing,
    "stops within a head": stop_within_head,
    "asks once, then dribbles": ask_once_then_dribble,
    "never reads": never_read,
}


async def time_until_closed(url: str, behave: Callable[[Connection], object], most: float = WAIT_SECONDS) -> float | None:
    """Returns after how many seconds the service closes the connection of such a client, or None if that takes longer than `most`."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with Connection(url) as connection:
        client = asyncio.ensure_future(behave(connection))  # type: ignore[call-overload, arg-type] # each is a coroutine function
        watching = asyncio.ensure_future(is_gone(connection))
        closed, _ = await asyncio.wait({client, watching}, return_when=asyncio.FIRST_COMPLETED, timeout=most)
        took = loop.time() - started
        for task in (client, watching):
            task.cancel()
        await asyncio.gather(client, watching, return_exceptions=True)
    return took if closed else None


async def is_gone(connection: Connection) -> None:
    """Return when the kernel knows that the other side has closed, without reading anything."""
    sock = connection.writer.get_extra_info("socket")
    while sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1:  # TCP_ESTABLISHED
        await asyncio.sleep(0.05)


async def test_a_slow_client_is_let_go(services: ServiceProcesses, check_figure: CheckFigure) -> None:
    services.start("ingest", **IMPATIENT)
    url = services.url("ingest")
    took = await asyncio.gather(*(time_until_closed(url, behave) for behave in SLOW.values()))
    borne_with = dict(zip(SLOW, took, strict=True))
    assert [manner for manner, seconds in borne_with.items() if seconds is None] == []
    assert {manner: seconds for manner, seconds in borne_with.items() if seconds and seconds < PATIENCE_SECONDS} == {}
    assert "unhandled_error" not in services.running["ingest"].log.read_text()
    check_figure("until a slow client is let go, in s", max(filter(None, took)), at_most=CLOSED_WITHIN_SECONDS)


async def test_the_check_sees_a_service_that_bears_with_everything(services: ServiceProcesses) -> None:
    services.start("ingest", **PATIENT)
    url, most = services.url("ingest"), 6 * PATIENCE_SECONDS
    manners = ("says nothing", "never reads")
    assert await asyncio.gather(*(time_until_closed(url, SLOW[manner], most) for manner in manners)) == [None, None]


async def test_who_begins_a_request_and_doesnt_end_it_is_told(services: ServiceProcesses) -> None:
    services.start("ingest", **IMPATIENT)
    async with Connection(services.url("ingest")) as connection:
        await connection.send(GET[:-2])
        reply = await connection.receive()
        assert (reply.status, b'"request_timeout"' in reply.body, reply.closes) == (408, True, True)


async def test_an_idle_connection_between_two_requests_is_kept(services: ServiceProcesses) -> None:
    """It is kept while two later connections that send nothing are closed, which shows that the service has checked in between."""
    services.start("ingest", **IMPATIENT)
    async with Connection(services.url("ingest")) as connection:
        await connection.send(GET)
        await connection.receive()
        await connection.send(b"\r\n")  # as some old clients do behind a body (RFC 9112, 2.2)
        for _ in range(2):
            assert await time_until_closed(services.url("ingest"), say_nothing)
        await connection.send(GET)
        assert (await connection.receive()).status == 401


async def test_a_slow_reader_who_reads_gets_everything(services: ServiceProcesses) -> None:
    """Reads slowly until the service has closed another connection that never reads, then reads the rest."""
    services.start("ingest", INGEST_SLOW_CLIENT_SECONDS="3")
    url, asked = services.url("ingest"), 6000
    async with Connection(url) as connection:
        asking = asyncio.create_task(connection.send(GET * asked))
        never_reading = asyncio.create_task(time_until_closed(url, never_read))
        for number in range(asked):
            assert (await connection.receive()).status == 401
            if number % 50 == 0 and not never_reading.done():
                await asyncio.sleep(0.1)
        await asking
    assert await never_reading


async def test_replies_that_nobody_reads_dont_pile_up(services: ServiceProcesses) -> None:
    """Measures what further clients add to the memory once none can send any more because the service has stopped reading from it."""
    process = services.start(
        "ingest", **PATIENT, INGEST_MAX_IN_FLIGHT="8192"
    )  # so that no request is shed and no connection closed
    url = services.url("ingest")
    async with many_slow(url, NEVER_READING, ["never reads"]) as first:
        await wait_until_stuck(url, first)
        before = resident_bytes(process.process.pid)
        async with many_slow(url, NEVER_READING, ["never reads"]) as further:
            await wait_until_stuck(url, further)
            grown = resident_bytes(process.process.pid) - before
    print(f"grown={grown / NEVER_READING / 1024:.0f} KiB a connection")
    assert grown <= NEVER_READING * 512 * 1024


async def wait_until_stuck(url: str, connections: list[Connection]) -> None:
    async with Connection(url) as other:

        async def unsent() -> list[list[int]]:
            """Returns each client's unsent bytes twice; in between the service answers 100 other requests."""
            sizes = []
            for _ in range(2):
                sizes.append([connection.writer.transport.get_write_buffer_size() for connection in connections])
                for _ in range(100):
                    await other.get("/livez")
            return sizes

        await wait_for(
            unsent, lambda sizes: all(sizes[0]) and sizes[0] == sizes[1], "all clients to have unsent bytes that stay the same"
        )


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


@asynccontextmanager
async def many_slow(url: str, count: int, manners: list[str]) -> AsyncIterator[list[Connection]]:
    """So many of them at a time."""
    async with AsyncExitStack() as stack:
        connections, clients = [], []
        for number in range(count):
            connection = await stack.enter_async_context(Connection(url))
            connections.append(connection)
            clients.append(asyncio.ensure_future(SLOW[manners[number % len(manners)]](connection)))  # type: ignore[call-overload, arg-type] # as above
        try:
            yield connections
        finally:
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)


@pytest.mark.long
async def test_a_thousand_slow_clients_dont_hurt_good_traffic(
    world: World, services: ServiceProcesses, check_figure: CheckFigure
) -> None:
    services.start("ingest")
    url, measured_seconds = services.url("ingest"), 6

    async def measure() -> list[Answer]:
        async with Postbacks(url, world.company, in_flight=4, pause_seconds=0.005) as load:
            await asyncio.sleep(measured_seconds)
        assert {answer.status for answer in load.answers} == {200}
        return load.answers

    quiet, among_slow, closed = [], [], []
    for _ in range(3):
        quiet += await measure()
        async with many_slow(url, 1000, ["says nothing", "stops within a head"]) as connections:
            among_slow += await measure()
            closed += await asyncio.gather(*(connection.closed_after(WAIT_SECONDS) for connection in connections))
    p99, p99_among_slow = percentile(quiet, 0.99), percentile(among_slow, 0.99)
    print(f"p99 quiet={p99 * 1000:.1f}ms among 1000 slow={p99_among_slow * 1000:.1f}ms")
    check_figure("until slow clients are let go, in s", measured_seconds + max(closed), at_most=CLOSED_WITHIN_SECONDS)
    check_figure("p99 among slow clients, as a multiple of the quiet one", p99_among_slow / p99, at_most=SLOWER_AT_MOST)
