"""Several workers on one socket: figures add up, a dead worker is replaced, a stop fails nobody."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from shared.embedded import EmbeddedValkey
from tests.databases import Databases
from tests.e2e.conftest import open_services
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for

UNKNOWN_KEY = "/data_writing?key=unknown&caller_number=%2B15551230000&a=1"


@pytest.fixture(scope="module")
def two_workers(databases: Databases) -> Iterator[ServiceProcesses]:
    """An ingest with two workers, which the tests leave running."""
    with open_services(databases) as (services, _):
        services.start("ingest", INGEST_WORKERS="2")
        yield services


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


async def wait_for_children(pid: int, count: int, *, but: int = 0) -> set[int]:
    """Return the children of a process once there are so many, not counting the one to be left out."""

    async def look() -> set[int]:
        return children(pid) - {but}

    found: set[int] = await wait_for(look, lambda found: len(found) >= count, f"{count} children of process {pid}")
    return found


async def refusals(session: aiohttp.ClientSession, url: str) -> float:
    async with session.get(url + "/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return sum(
        float(line.split()[1]) for line in lines if line.startswith('callstamp_refusals_total{code="invalid_postback_key"}')
    )


async def test_the_figures_of_all_workers_are_added_up(two_workers: ServiceProcesses) -> None:
    url = two_workers.url("ingest")
    async with aiohttp.ClientSession() as session:
        before = await refusals(session, url)
    for _ in range(40):
        async with aiohttp.ClientSession() as session, session.get(url + UNKNOWN_KEY) as reply:
            assert reply.status == 401
    async with aiohttp.ClientSession() as session:
        assert {await refusals(session, url) - before for _ in range(5)} == {40}


async def test_a_dead_worker_is_replaced(two_workers: ServiceProcesses) -> None:
    parent = two_workers.running["ingest"].process.pid
    victim = (await wait_for_children(parent, 2)).pop()
    os.kill(victim, signal.SIGKILL)
    await wait_for_children(parent, 2, but=victim)
    async with aiohttp.ClientSession() as session, session.get(two_workers.url("ingest") + UNKNOWN_KEY) as reply:
        assert reply.status == 401


async def test_a_stop_under_load_fails_nobody_who_is_served(
    services: ServiceProcesses, redis_url: str, postgres_url: str, tmp_path: Path
) -> None:
    """Clients that keep their connection open get a last reply that says that it closes, never a broken one."""
    others = ServiceProcesses(redis_url, postgres_url, tmp_path / "others")
    try:
        await asyncio.gather(*(stop_under_load(each, workers) for each, workers in ((services, "1"), (others, "2"))))
    finally:
        others.stop_all()


async def stop_under_load(services: ServiceProcesses, workers: str) -> None:
    settings = {"INGEST_WORKERS": workers, "INGEST_STOP_GRACE_SECONDS": "5"}  # in which the slowest client asks once more
    services.start("ingest", until_ready=False, **settings)  # by this thread: when a thread ends, so does what it started
    await asyncio.to_thread(services.wait_until_ready, "ingest")
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

    async def count_replies() -> int:
        return len(statuses)

    asking = [asyncio.create_task(ask()) for _ in range(8)]
    await wait_for(count_replies, lambda count: count > 100)
    assert await asyncio.to_thread(services.stop, "ingest") == 0
    _, left = await asyncio.wait(asking, timeout=WAIT_SECONDS)
    assert not left
    assert set(statuses) == {401}
    assert broken == []


async def test_an_unsafe_store_ends_all_workers_with_the_reason(services: ServiceProcesses, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "weak", config={"appendfsync": "everysec"}) as weak:
        process = services.start("ingest", until_ready=False, INGEST_WORKERS="2", INGEST_REDIS_URL=weak.url)
        code = await asyncio.to_thread(process.process.wait, WAIT_SECONDS)
    assert code == 78
    assert "appendfsync everysec" in process.log.read_text()


async def test_the_drain_gives_way_to_those_whom_somebody_waits_for(services: ServiceProcesses) -> None:
    processes = {name: services.start(name, until_ready=False) for name in ("merger", "drain")}
    for name in processes:
        services.wait_until_ready(name)
    niceness = {name: os.getpriority(os.PRIO_PROCESS, process.process.pid) for name, process in processes.items()}
    assert niceness["drain"] == min(19, niceness["merger"] + 10)
