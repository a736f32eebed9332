"""Several workers on one socket: figures add up, a dead worker is replaced, a stop fails nobody."""

import asyncio
import os
import signal
import time
from pathlib import Path

import aiohttp
import pytest

from shared.embedded import EmbeddedValkey
from tests.service_processes import ServiceProcesses

UNKNOWN_KEY = "/data_writing?key=unknown&caller_number=%2B15551230000&a=1"


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


async def refusals(session: aiohttp.ClientSession, url: str) -> float:
    async with session.get(url + "/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return sum(
        float(line.split()[1]) for line in lines if line.startswith('callstamp_refusals_total{code="invalid_postback_key"}')
    )


async def test_the_figures_of_all_workers_are_added_up(services: ServiceProcesses) -> None:
    services.start("ingest", INGEST_WORKERS="2")
    url = services.url("ingest")
    for _ in range(40):
        async with aiohttp.ClientSession() as session, session.get(url + UNKNOWN_KEY) as reply:
            assert reply.status == 401
    async with aiohttp.ClientSession() as session:
        assert {await refusals(session, url) for _ in range(5)} == {40}


async def test_a_dead_worker_is_replaced(services: ServiceProcesses) -> None:
    parent = services.start("ingest", INGEST_WORKERS="2").process.pid
    deadline = time.monotonic() + 10
    while len(before := children(parent)) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    victim = before.pop()
    os.kill(victim, signal.SIGKILL)
    while victim in (now := children(parent)) or len(now) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    async with aiohttp.ClientSession() as session, session.get(services.url("ingest") + UNKNOWN_KEY) as reply:
        assert reply.status == 401


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_stop_under_load_fails_nobody_who_is_served(services: ServiceProcesses, workers: str) -> None:
    """Clients that keep their connection open get a last reply that says that it closes, never a broken one."""
    services.start("ingest", INGEST_WORKERS=workers, INGEST_STOP_GRACE_SECONDS="5")  # in which the slowest client asks once more
    url = services.url("ingest")
    statuses: list[int] = []
    broken: list[str] = []

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            closing = False
            while not closing:
                try:
                    async with session.get(url + UNKNOWN_KEY) as reply:
                        statuses.append(reply.status)
                        closing = reply.headers.get("Connection") == "close"
                except aiohttp.ClientError as error:
                    broken.append(repr(error))
                    return
                await asyncio.sleep(0.002)

    asking = [asyncio.create_task(ask()) for _ in range(8)]
    async with asyncio.timeout(30):
        while len(statuses) <= 100:
            await asyncio.sleep(0.01)
    assert await asyncio.to_thread(services.stop, "ingest") == 0
    _, left = await asyncio.wait(asking, timeout=5)
    assert not left
    assert set(statuses) == {401}
    assert broken == []


async def test_an_unsafe_store_ends_all_workers_with_the_reason(services: ServiceProcesses, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "weak", config={"appendfsync": "everysec"}) as weak:
        process = services.start("ingest", until_ready=False, INGEST_WORKERS="2", INGEST_REDIS_URL=weak.url)
        code = await asyncio.to_thread(process.process.wait, 20)
    assert code == 78
    assert "appendfsync everysec" in process.log.read_text()


async def test_the_drain_gives_way_to_those_whom_somebody_waits_for(services: ServiceProcesses) -> None:
    niceness = {name: os.getpriority(os.PRIO_PROCESS, services.start(name).process.pid) for name in ("merger", "drain")}
    assert niceness["drain"] == min(19, niceness["merger"] + 10)
