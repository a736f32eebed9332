"""Guarantee 1: what was acknowledged is readable until it expires, whenever a worker of ingest dies."""

import os
import random
import signal
import time

import pytest

from callstamp.service_process import ServiceProcess
from callstamp.services import Service
from tests.conftest import CheckFigure
from tests.e2e.test_workers import children
from tests.faults.load import Postbacks
from tests.faults.test_store_killed import find_lost
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

READY_WITHIN_SECONDS = 2.0
WORKERS = 2


async def kill_again_and_again(process: ServiceProcess, load: Postbacks, kills: int, *, alone: float = 0.5) -> list[float]:
    """Kill one worker at random, so often as `alone` says, or all at once.

    Returns in how many seconds postbacks were taken again after all were killed.
    """
    pid, seconds, killed = process.process.pid, [], 0
    between = 200 if kills >= 200 else 50

    async def workers() -> set[int]:
        return children(pid)

    while killed < kills:
        await wait_for(workers, lambda found: len(found) == WORKERS)
        await load.until_acknowledged(random.randrange(between, between + 100))
        victims = await workers()
        if random.random() < alone:
            victims = {random.choice(list(victims))}
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        killed += len(victims)
        await wait_for(workers, victims.isdisjoint, f"workers other than {victims}")
        gone_at = time.monotonic()
        await load.until_acknowledged(1)
        if len(victims) == WORKERS:
            seconds.append(time.monotonic() - gone_at)
    return seconds


@pytest.mark.parametrize("kills", [4, pytest.param(10, marks=pytest.mark.long), pytest.param(200, marks=pytest.mark.long)])
async def test_nothing_acknowledged_is_lost_when_a_worker_is_killed(
    world: World, services: ServiceProcesses, redis_url: str, kills: int, check_figure: CheckFigure
) -> None:
    process = services.start("ingest", INGEST_WORKERS=str(WORKERS), INGEST_STORE_TIMEOUT_MS=str(PATIENT_MS))
    async with Postbacks(services.url("ingest"), world.company) as load:
        seconds = await kill_again_and_again(process, load, kills)
        while kills >= 200 and len(load.acknowledged()) < 50_000:
            await load.until_acknowledged(100)
    acknowledged = load.acknowledged()
    lost = await find_lost(world, redis_url, acknowledged)
    print(f"n={len(load.answers)} kills={kills} acknowledged={len(acknowledged)} lost={len(lost)}")
    assert {answer.status for answer in load.answers} <= {200, None}  # None: it was with the worker that died
    assert lost == []
    if kills >= 200:
        check_figure("until postbacks were taken again, in s", max(seconds), at_most=READY_WITHIN_SECONDS)


async def test_the_check_finds_what_a_worker_loses_that_acknowledges_before_the_write(
    world: World, services: ServiceProcesses, redis_url: str
) -> None:
    environ = services.environ | {"INGEST_WORKERS": str(WORKERS)}
    process = ServiceProcess(Service("ingest", "tests.faults.hasty_ingest", services.url("ingest")), environ, services.logs)
    services.running["ingest"] = process

    async def what_is_missing() -> str | None:
        assert process.find_end() is None, process.find_end()
        return process.find_missing()

    await wait_for(what_is_missing, None)
    async with Postbacks(services.url("ingest"), world.company) as load:
        await kill_again_and_again(process, load, 4, alone=0)
    assert await find_lost(world, redis_url, load.acknowledged()) != []
