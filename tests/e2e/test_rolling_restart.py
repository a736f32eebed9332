"""Guarantee 20: workers are replaced one by one under load, and nobody is failed."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack

import pytest

from callstamp.service_process import ServiceProcess
from shared.embedded import EmbeddedValkey
from tests.connection import Connection
from tests.e2e.test_workers import UNKNOWN_KEY, children
from tests.faults.load import eventually
from tests.service_processes import ServiceProcesses

ROLL_SECONDS = 60.0


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
    async def is_said() -> bool:
        return said(process, event) >= times

    await eventually(is_said, ROLL_SECONDS)


async def roll(process: ServiceProcess, times: int) -> None:
    for number in range(times):
        done = said(process, "roll_done")
        process.process.send_signal(signal.SIGHUP)
        await until_said(process, "roll_done", done + 1)
        assert said(process, "roll_started") >= number + 1


@pytest.mark.parametrize(
    ("workers", "rolls"),
    [("1", 2), ("2", 1), pytest.param("1", 8, marks=pytest.mark.long), pytest.param("2", 8, marks=pytest.mark.long)],
)
async def test_a_roll_under_load_fails_nobody(services: ServiceProcesses, workers: str, rolls: int) -> None:
    process = services.start("ingest", INGEST_WORKERS=workers)
    url = services.url("ingest")
    async with Asking(url, keep_alive=True) as kept, Asking(url, keep_alive=False) as new:
        await asyncio.sleep(0.3)
        before = children(process.process.pid)
        await roll(process, rolls)
        after = children(process.process.pid)
        await asyncio.sleep(0.3)
    print(f"workers={workers} rolls={rolls} answered={kept.answered}+{new.answered} failed={len(kept.failed) + len(new.failed)}")
    assert len(after) == int(workers)
    assert not before & after
    assert kept.answered > 100
    assert new.answered > 100
    assert kept.failed + new.failed == []
    assert await asyncio.to_thread(services.stop, "ingest") == 0


async def test_the_check_sees_a_restart_that_fails_somebody(services: ServiceProcesses) -> None:
    services.start("ingest")
    async with Asking(services.url("ingest"), keep_alive=True) as asking:
        await asyncio.sleep(0.2)
        services.kill("ingest")
        await asyncio.to_thread(services.start, "ingest")
    assert asking.failed != []


async def test_a_worker_that_refuses_to_start_leaves_the_others_serving(
    services: ServiceProcesses, valkey: EmbeddedValkey
) -> None:
    """The store was weakened: new workers are refused, and old ones would notice only at their next look."""
    import redis.asyncio

    process = services.start("ingest", INGEST_WORKERS="2")
    await roll(process, 1)  # after which both serve for sure
    before = children(process.process.pid)
    store = redis.asyncio.from_url(valkey.url, protocol=2)
    try:
        await store.config_set("maxmemory-policy", "allkeys-lru")
        process.process.send_signal(signal.SIGHUP)
        await until_said(process, "roll_given_up")
    finally:
        await store.config_set("maxmemory-policy", "noeviction")
        await store.aclose()
    assert children(process.process.pid) == before
    await roll(process, 1)
    assert not children(process.process.pid) & before


async def test_a_single_process_whose_successor_refuses_to_start_serves_on(
    services: ServiceProcesses, valkey: EmbeddedValkey
) -> None:
    import redis.asyncio

    process = services.start("ingest")
    store = redis.asyncio.from_url(valkey.url, protocol=2)
    try:
        await store.config_set("appendfsync", "everysec")
        process.process.send_signal(signal.SIGHUP)
        await until_said(process, "roll_given_up")
    finally:
        await store.config_set("appendfsync", "always")
        await store.aclose()
    assert children(process.process.pid) == set()
    async with Connection(services.url("ingest")) as connection:
        assert (await connection.get(UNKNOWN_KEY)).status == 401
    await roll(process, 1)
    assert len(children(process.process.pid)) == 1


async def test_a_second_wish_during_a_roll_is_remembered(services: ServiceProcesses) -> None:
    process = services.start("ingest")
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_started")
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_done", 2)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_stop_during_a_roll_stops(services: ServiceProcesses, workers: str) -> None:
    process = services.start("ingest", INGEST_WORKERS=workers)
    process.process.send_signal(signal.SIGHUP)
    await until_said(process, "roll_started")
    family = await wait_for_children(process, int(workers))
    assert await asyncio.to_thread(services.stop, "ingest") == 0
    assert not [pid for pid in family if os.path.exists(f"/proc/{pid}")]  # noqa: ASYNC240, PTH110 - a look at the kernel, no disk


async def test_a_worker_that_dies_after_a_roll_is_replaced(services: ServiceProcesses) -> None:
    process = services.start("ingest")
    await roll(process, 1)
    (worker,) = children(process.process.pid)
    os.kill(worker, signal.SIGKILL)

    async def is_replaced() -> bool:
        return len(children(process.process.pid) - {worker}) == 1

    await eventually(is_replaced, 20)
    async with Connection(services.url("ingest")) as connection:
        assert (await connection.get(UNKNOWN_KEY)).status == 401


async def test_who_waits_to_be_accepted_is_answered_at_a_stop(services: ServiceProcesses) -> None:
    """It has half a second for them all, which a busy machine may take: who fails them does so each time."""
    for _ in range(3):
        answers = await wake_after_its_grace(services)
        if answers == {401}:
            break
    assert answers == {401}


async def wake_after_its_grace(services: ServiceProcesses) -> set[int | str]:
    """The statuses, or what broke. The process sleeps through the grace of its stop while connections pile up in the socket's queue."""
    process = services.start("ingest", INGEST_STOP_GRACE_SECONDS="1.5")
    async with AsyncExitStack() as open_connections:
        process.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        process.process.send_signal(signal.SIGSTOP)
        waiting = [await open_connections.enter_async_context(Connection(services.url("ingest"))) for _ in range(50)]
        for connection in waiting:
            await connection.send(f"GET {UNKNOWN_KEY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await asyncio.sleep(1.6)
        process.process.send_signal(signal.SIGCONT)
        replies = await asyncio.gather(*(connection.receive() for connection in waiting), return_exceptions=True)
    await asyncio.to_thread(process.wait_for_end)  # and isn't asked twice: a second signal in its last moments would be its end
    assert process.process.returncode == 0
    return {repr(reply) if isinstance(reply, BaseException) else reply.status for reply in replies}


async def wait_for_children(process: ServiceProcess, count: int) -> set[int]:
    async def are_there() -> bool:
        return len(children(process.process.pid)) >= count

    await eventually(are_there, 20)
    return children(process.process.pid)
