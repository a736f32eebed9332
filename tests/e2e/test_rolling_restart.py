"""Guarantee 20: workers are replaced one by one under load, and nobody is failed."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack

import pytest
import redis.asyncio

from callstamp.service_process import ServiceProcess
from shared.embedded import EmbeddedValkey
from tests.connection import Connection, Reply
from tests.databases import Databases
from tests.e2e.conftest import open_services
from tests.e2e.test_workers import UNKNOWN_KEY, children, wait_for_children
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for


class Ingest:
    """An ingest that serves, and the store that it uses."""

    def __init__(self, services: ServiceProcesses, valkey: EmbeddedValkey, workers: str) -> None:
        self.url, self.valkey, self.workers = services.url("ingest"), valkey, int(workers)
        self.process = services.running["ingest"]

    @property
    def children(self) -> set[int]:
        return children(self.process.process.pid)


@pytest.fixture(scope="module")
def find_ingest(databases: Databases) -> Iterator[Callable[[str], Ingest]]:
    """The ingest with so many workers that the tests of this file roll and leave running. At the end each stops in good order."""
    running: dict[str, tuple[ServiceProcesses, EmbeddedValkey]] = {}
    with ExitStack() as stack:

        def find(workers: str) -> Ingest:
            if workers not in running:
                running[workers] = stack.enter_context(open_services(databases))
                running[workers][0].start("ingest", INGEST_WORKERS=workers)
            return Ingest(*running[workers], workers)

        yield find
        assert [services.stop("ingest") for services, _ in running.values()] == [0] * len(running)


@pytest.fixture
def ingest(find_ingest: Callable[[str], Ingest], request: pytest.FixtureRequest) -> Ingest:
    """One with as many workers as the test's parameter says."""
    return find_ingest(request.param)


class Asking:
    """Clients that ask without a break, each on a connection that it keeps, or on a new one each time."""

    def __init__(self, url: str, *, keep_alive: bool, clients: int = 6) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._url = url
        self._keep_alive = keep_alive
        self._clients = clients
        self._over = False

    async def __aenter__(self) -> "Asking":
        self._tasks = [asyncio.create_task(self._keep_asking()) for _ in range(self._clients)]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)

    async def wait_for_more(self, count: int = 50) -> None:
        """Wait until so many more were answered."""

        async def look() -> int:
            return self.answered

        before = self.answered
        await wait_for(look, lambda answered: answered >= before + count, f"{count} more answers than {before}")

    async def _keep_asking(self) -> None:
        while not self._over:
            try:
                async with Connection(self._url) as connection:
                    closes = False
                    while not closes and not self._over:
                        reply = await connection.get(UNKNOWN_KEY, headers="" if self._keep_alive else "Connection: close\r\n")
                        if reply.status != 401:
                            self.failed.append(str(reply.status))
                        self.answered += 1
                        closes = reply.closes
                        await asyncio.sleep(0.002)
            except (OSError, EOFError, TimeoutError) as error:
                self.failed.append(repr(error))


def said(process: ServiceProcess, event: str) -> int:
    """How often the log says so."""
    lines = process.log.read_text().splitlines()
    return sum(json.loads(line)["event"] == event for line in lines if line.startswith("{"))


async def until_said(process: ServiceProcess, event: str, times: int = 1) -> None:
    async def look() -> int:
        return said(process, event)

    await wait_for(look, lambda count: count >= times, f"{event} in the log, {times} times")


async def roll(process: ServiceProcess, times: int = 1) -> None:
    for _ in range(times):
        started, done = said(process, "roll_started"), said(process, "roll_done")
        process.process.send_signal(signal.SIGHUP)
        await until_said(process, "roll_done", done + 1)
        assert said(process, "roll_started") == started + 1


@pytest.mark.parametrize(
    ("ingest", "rolls"),
    [("1", 2), ("2", 1), pytest.param("1", 8, marks=pytest.mark.long), pytest.param("2", 8, marks=pytest.mark.long)],
    indirect=["ingest"],
)
async def test_a_roll_under_load_fails_nobody(ingest: Ingest, rolls: int) -> None:
    async with Asking(ingest.url, keep_alive=True) as kept, Asking(ingest.url, keep_alive=False) as new:
        for asking in (kept, new):
            await asking.wait_for_more()
        before = ingest.children
        await roll(ingest.process, rolls)
        after = ingest.children
        for asking in (kept, new):
            await asking.wait_for_more()
    print(
        f"workers={ingest.workers} rolls={rolls} answered={kept.answered}+{new.answered} failed={len(kept.failed) + len(new.failed)}"
    )
    assert len(after) == ingest.workers
    assert not before & after
    assert kept.failed + new.failed == []


async def test_the_check_sees_a_restart_that_fails_somebody(services: ServiceProcesses) -> None:
    services.start("ingest")
    async with Asking(services.url("ingest"), keep_alive=True) as asking:
        await asking.wait_for_more()
        services.kill("ingest")
        services.start("ingest", until_ready=False)
        await asking.wait_for_more()
    assert asking.failed != []


@pytest.mark.parametrize("ingest", ["2"], indirect=True)
async def test_a_worker_that_refuses_to_start_leaves_the_others_serving(ingest: Ingest) -> None:
    """The store was weakened: new workers are refused, and old ones would notice only at their next look."""
    if not said(ingest.process, "roll_done"):
        await roll(ingest.process)  # after which both serve for sure
    before, given_up = ingest.children, said(ingest.process, "roll_given_up")
    async with redis.asyncio.from_url(ingest.valkey.url, protocol=2) as store:
        try:
            await store.config_set("maxmemory-policy", "allkeys-lru")
            ingest.process.process.send_signal(signal.SIGHUP)
            await until_said(ingest.process, "roll_given_up", given_up + 1)
        finally:
            await store.config_set("maxmemory-policy", "noeviction")
    assert ingest.children == before
    await roll(ingest.process)
    assert not ingest.children & before


async def test_a_single_process_whose_successor_refuses_to_start_serves_on(
    services: ServiceProcesses, valkey: EmbeddedValkey
) -> None:
    process = services.start("ingest")
    async with redis.asyncio.from_url(valkey.url, protocol=2) as store:
        try:
            await store.config_set("appendfsync", "everysec")
            process.process.send_signal(signal.SIGHUP)
            await until_said(process, "roll_given_up")
        finally:
            await store.config_set("appendfsync", "always")
    assert children(process.process.pid) == set()
    async with Connection(services.url("ingest")) as connection:
        assert (await connection.get(UNKNOWN_KEY)).status == 401
    await roll(process)
    assert len(children(process.process.pid)) == 1


async def test_a_second_wish_during_a_roll_is_remembered(services: ServiceProcesses) -> None:
    process = services.start("ingest")
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_started")
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_done", 2)


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_stop_during_a_roll_stops(services: ServiceProcesses, workers: int) -> None:
    process = services.start("ingest", INGEST_WORKERS=str(workers))
    serving = 0 if workers == 1 else workers  # one alone has no children before its first roll
    await wait_for_children(process.process.pid, serving)
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_started")
    family = await wait_for_children(process.process.pid, serving + 1)
    assert await asyncio.to_thread(services.stop, "ingest") == 0
    assert not [pid for pid in family if os.path.exists(f"/proc/{pid}")]  # noqa: ASYNC240, PTH110 - a look at the kernel, no disk


@pytest.mark.parametrize("ingest", ["1"], indirect=True)
async def test_a_worker_that_dies_after_a_roll_is_replaced(ingest: Ingest) -> None:
    if not said(ingest.process, "roll_done"):
        await roll(ingest.process)
    (worker,) = ingest.children
    os.kill(worker, signal.SIGKILL)
    await wait_for_children(ingest.process.process.pid, 1, but=worker)
    async with Connection(ingest.url) as connection:
        assert (await connection.get(UNKNOWN_KEY)).status == 401


async def test_who_waits_to_be_accepted_is_answered_at_a_stop(services: ServiceProcesses) -> None:
    """It has half a second for them all, which a busy machine may take: who fails them does so each time."""
    await wait_for(lambda: wake_after_its_grace(services), {401}, "what those who wait are answered at a stop")


async def wake_after_its_grace(services: ServiceProcesses) -> set[int | str]:
    """The statuses, or what broke. The process sleeps through the grace of its stop while connections pile up in the socket's queue."""
    process = services.start("ingest", INGEST_STOP_GRACE_SECONDS="1")
    replies: list[Reply | BaseException]
    try:
        async with AsyncExitStack() as open_connections:
            watching = await open_connections.enter_async_context(Connection(services.url("ingest")))

            async def is_stopping() -> bool:
                return (await watching.get(UNKNOWN_KEY)).closes

            process.process.send_signal(signal.SIGTERM)
            await wait_for(is_stopping)
            process.process.send_signal(signal.SIGSTOP)
            waiting = [await open_connections.enter_async_context(Connection(services.url("ingest"))) for _ in range(50)]
            for connection in waiting:
                await connection.send(f"GET {UNKNOWN_KEY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await asyncio.sleep(1)  # the grace is over
            process.process.send_signal(signal.SIGCONT)
            replies = await asyncio.gather(*(connection.receive() for connection in waiting), return_exceptions=True)
    except OSError as too_late:  # it had ended before it was put to sleep
        replies = [too_late]
    finally:
        process.process.send_signal(signal.SIGCONT)
    await asyncio.to_thread(process.wait_for_end)  # and isn't asked twice: a second signal in its last moments would be its end
    assert process.process.returncode == 0
    return {repr(reply) if isinstance(reply, BaseException) else reply.status for reply in replies}
