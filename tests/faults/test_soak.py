"""Guarantee 22: hours of mixed load with a fault each few seconds leave nothing behind, and are nobody's error.

`CALLSTAMP_SOAK_MINUTES` says for how long; the guarantee's figure is 30.
"""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from tests.connection import Connection
from tests.e2e.test_workers import children
from tests.faults.load import Load, LookUps, Postbacks
from tests.faults.test_drain_killed import count_entries_left
from tests.faults.test_store_frozen import write_callers
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

MINUTES = float(os.environ.get("CALLSTAMP_SOAK_MINUTES", "2.5"))
FAULT_EACH_SECONDS = 20.0
SERVICES = ("ingest", "merger", "drain", "admin")


class Calls(Load):
    """An engine whose calls hit, are routed, answered and end."""

    async def ask(self, caller: str, value: str) -> None:
        headers = {"Authorization": f"Bearer {self.company.engine_key.secret}"}
        steps = (("", {"call_uuid": value, "caller_number": caller}), (f"/{value}/route", {}), (f"/{value}/end", {}))
        for path, body in steps:
            try:
                async with self._session.post(f"{self.base_url}/v1/calls{path}", json=body, headers=headers) as reply:
                    await reply.read()
            except OSError:
                await asyncio.sleep(0.02)


class Held(NamedTuple):
    """What a service holds: memory and files of its process and its workers."""

    resident_bytes: int
    files: int


def look_at(pid: int) -> Held:
    pids = [pid, *children(pid)]
    resident = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in pids) * os.sysconf("SC_PAGE_SIZE")
    return Held(resident, sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in pids))


def find_grown(before: dict[str, Held], after: dict[str, Held]) -> list[str]:
    """The services that hold clearly more than before."""
    return [
        name
        for name in before
        if after[name].resident_bytes > 1.25 * before[name].resident_bytes + 16 * 2**20
        or after[name].files > before[name].files + 8
    ]


@asynccontextmanager
async def mixed_load(world: World, services: ServiceProcesses, *, turn: int) -> AsyncIterator[Postbacks]:
    """The first turn or the second: about callers of its own, and no postback about one who calls, whose tags wouldn't wait."""
    ingest, merger, company = services.url("ingest"), services.url("merger"), world.company
    async with AsyncExitStack() as stack:
        posts = await stack.enter_async_context(Postbacks(ingest, company, in_flight=6, pause_seconds=0.01))
        posts._number = turn * 1_000_000  # for hours
        await stack.enter_async_context(LookUps(merger, company, in_flight=2, pause_seconds=0.02))
        calls = await stack.enter_async_context(Calls(merger, company, in_flight=2, pause_seconds=0.05))
        calls._number = turn * 100_000
        yield posts


async def rest(world: World, services: ServiceProcesses) -> dict[str, Held]:
    """What all hold once everything has been carried away and nobody asks any more."""
    await wait_for(lambda: count_entries_left(world), 0)
    await wait_for(lambda: find_busy(services), [])
    return {name: look_at(services.running[name].process.pid) for name in SERVICES}


async def find_busy(services: ServiceProcesses) -> list[str]:
    """Returns the metrics of requests in flight and open connections that aren't 0."""
    busy = []
    for name in SERVICES:
        async with Connection(services.url(name)) as connection:
            figures = (await connection.get("/metrics")).body.decode().splitlines()
        for figure in ("callstamp_in_flight", "callstamp_connections"):
            busy += [f"{name}: {line}" for line in figures if line.startswith(f"{figure} ") and line != f"{figure} 0.0"]
    return busy


async def break_something(number: int, services: ServiceProcesses, valkey: EmbeddedValkey, postgres: EmbeddedPostgres) -> None:
    match number % 3:
        case 0:
            os.kill(min(children(services.running["ingest"].process.pid)), signal.SIGKILL)
        case 1:
            valkey.pause()
            try:
                await asyncio.sleep(1)
            finally:
                valkey.resume()
        case 2:
            postgres.kill()
            await asyncio.sleep(1)
            postgres.start()


@pytest.mark.long
async def test_mixed_load_with_faults_leaves_nothing_behind(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, postgres: EmbeddedPostgres, redis_url: str
) -> None:
    for name in SERVICES:
        services.start(name, INGEST_WORKERS="2")
    await write_callers(world, services)
    acknowledged = []
    async with mixed_load(world, services, turn=1) as posts:
        await asyncio.sleep(15)
    acknowledged += posts.acknowledged()
    before = await rest(world, services)
    async with mixed_load(world, services, turn=2) as posts:
        ends_at = time.monotonic() + MINUTES * 60
        for number in itertools.count():
            await asyncio.sleep(FAULT_EACH_SECONDS)
            if time.monotonic() > ends_at:
                break
            await break_something(number, services, valkey, postgres)
    acknowledged += posts.acknowledged()
    after = await rest(world, services)
    for name in SERVICES:
        print(f"{name}: {before[name].resident_bytes / 2**20:.0f} MiB, {before[name].files} files before,", end=" ")
        print(f"{after[name].resident_bytes / 2**20:.0f} MiB, {after[name].files} files after")
    lost = await find_lost(world, redis_url, acknowledged)
    print(f"faults={number} acknowledged={len(acknowledged)} lost={len(lost)}")
    assert lost == []
    assert find_grown(before, after) == []
    for name in SERVICES:
        assert "unhandled_error" not in services.running[name].log.read_text()
        assert "Traceback" not in services.running[name].log.read_text()


def test_the_check_sees_what_grows() -> None:
    before = {"ingest": Held(100 * 2**20, 40), "merger": Held(100 * 2**20, 40)}
    assert find_grown(before, before | {"merger": Held(100 * 2**20, 60)}) == ["merger"]
    assert find_grown(before, before | {"ingest": Held(200 * 2**20, 40)}) == ["ingest"]
    assert find_grown(before, before) == []
