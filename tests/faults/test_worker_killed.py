"""Guarantee 1: what was acknowledged is readable until it expires, whenever a worker of ingest dies."""

import asyncio
import os
import random
import signal

import pytest

from callstamp.service_process import ServiceProcess
from callstamp.services import Service
from tests.e2e.test_workers import children
from tests.faults.load import Postbacks, eventually
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.world import World

READY_WITHIN_SECONDS = 2.0
WORKERS = 2


async def kill_again_and_again(process: ServiceProcess, load: Postbacks, kills: int, *, alone: float = 0.5) -> list[float]:
    """Kill one worker at random, so often as `alone` says, or all at once.

    Answers in how many seconds postbacks were taken again after all were killed.
    """
    pid, seconds, killed = process.process.pid, [], 0
    while killed < kills:
        await eventually(lambda: _has_children(pid, WORKERS), 30)
        enough = len(load.acknowledged()) + random.randrange(200, 300)
        await eventually(lambda: _has(load, enough), 30)  # noqa: B023 - awaited before the next round
        victims = list(children(pid))
        if random.random() < alone:
            victims = [random.choice(victims)]
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        killed += len(victims)
        await eventually(lambda: _are_gone(pid, victims), 10)  # noqa: B023
        before = len(load.acknowledged())
        took = await eventually(lambda: _has(load, before + 1), 30)  # noqa: B023
        if len(victims) == WORKERS:
            seconds.append(took)
    return seconds


async def _has_children(pid: int, count: int) -> bool:
    return len(children(pid)) == count


async def _are_gone(pid: int, victims: list[int]) -> bool:
    return not children(pid) & set(victims)


async def _has(load: Postbacks, count: int) -> bool:
    return len(load.acknowledged()) >= count


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.long)])
async def test_nothing_acknowledged_is_lost_when_a_worker_is_killed(
    world: World, services: ServiceProcesses, redis_url: str, kills: int
) -> None:
    process = services.start("ingest", INGEST_WORKERS=str(WORKERS), INGEST_STORE_TIMEOUT_MS="5000")
    async with Postbacks(services.url("ingest"), world.company) as load:
        seconds = await kill_again_and_again(process, load, kills)
        while kills >= 200 and len(load.acknowledged()) < 50_000:
            await asyncio.sleep(0.5)
    acknowledged = load.acknowledged()
    lost = await find_lost(world, redis_url, acknowledged)
    print(
        f"n={len(load.answers)} kills={kills} acknowledged={len(acknowledged)} lost={len(lost)} ready={max(seconds, default=0):.2f}s"
    )
    assert {answer.status for answer in load.answers} <= {200, None}  # None: it was with the worker that died
    assert lost == []
    if kills >= 200:
        assert max(seconds) <= READY_WITHIN_SECONDS


async def test_the_check_finds_what_a_worker_loses_that_acknowledges_before_the_write(
    world: World, services: ServiceProcesses, redis_url: str
) -> None:
    environ = services.environ | {"INGEST_WORKERS": str(WORKERS)}
    process = ServiceProcess(Service("ingest", "tests.faults.hasty_ingest", services.url("ingest")), environ, services.logs)
    services.running["ingest"] = process

    async def is_ready() -> bool:
        return process.find_missing() is None

    await eventually(is_ready, 20)
    async with Postbacks(services.url("ingest"), world.company) as load:
        await kill_again_and_again(process, load, 4, alone=0)
    assert await find_lost(world, redis_url, load.acknowledged()) != []
