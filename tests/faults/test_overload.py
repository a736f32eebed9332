"""Guarantee 17: three times of what ingest can do takes little of its goodput, and is over when it is over."""

import asyncio
from pathlib import Path

import pytest

from loadtests.overload import Trial, try_overload
from tests.faults.store_proxy import StoreProxy
from tests.service_processes import ServiceProcesses
from tests.world import World

KEPT_AT_LEAST = 0.9
SHED_WITHIN_SECONDS = 0.020
NORMAL_WITHIN_SECONDS = 5.0
GROWN_AT_MOST_BYTES = 64 * 2**20

STORE_SECONDS = 0.020
IN_FLIGHT = 32
"""A store that takes so long for each packet does at most 1,600 postbacks a second with so many in flight, on a machine of any speed."""


async def overload(world: World, services: ServiceProcesses, seconds: float, connections: int) -> Trial:
    pid = services.running["ingest"].process.pid
    url, key = services.url("ingest"), world.company.key.secret
    trial = await try_overload(url, key, pid, times=3, seconds=seconds, connections=connections)
    print(f"\npeak {trial.peak}\noverload {trial.overload}\nkept={trial.kept:.2f} normal={trial.recovered_after_seconds:.1f}s")
    assert trial.overload.other == 0
    assert trial.overload.shed
    assert trial.grown_bytes <= GROWN_AT_MOST_BYTES
    return trial


async def test_overload_leaves_goodput_and_passes(
    world: World, services: ServiceProcesses, redis_url: str, tmp_path: Path
) -> None:
    """What a few seconds on a machine that does other things can show: most is kept, nothing breaks, and it ends.

    In one of three trials: what a machine loses that stands still meanwhile, it doesn't lose each time.
    """
    async with StoreProxy(redis_url, tmp_path) as proxy:
        proxy.delay = lambda: STORE_SECONDS
        slow = {"INGEST_REDIS_URL": proxy.url, "INGEST_MAX_IN_FLIGHT": str(IN_FLIGHT), "INGEST_STORE_TIMEOUT_MS": "5000"}
        await asyncio.to_thread(services.start, "ingest", **slow)  # in a thread, as the proxy of its store needs this loop
        for _ in range(3):
            trial = await overload(world, services, 3, 600)
            if trial.kept >= 0.4:
                break
        assert trial.kept >= 0.4
        assert trial.recovered_after_seconds <= 15
        assert "unhandled_error" not in services.running["ingest"].log.read_text()


@pytest.mark.long
async def test_a_minute_of_overload_keeps_the_peak(world: World, services: ServiceProcesses) -> None:
    """The core is what there is too little of; so many connections that one waits too long also where 20,000 a second are answered."""
    services.start("ingest")
    trial = await overload(world, services, 60, 3000)
    assert trial.kept >= KEPT_AT_LEAST
    assert sorted(trial.overload.shed)[int(len(trial.overload.shed) * 0.5)] <= SHED_WITHIN_SECONDS
    assert trial.recovered_after_seconds <= NORMAL_WITHIN_SECONDS


def test_the_check_sees_a_service_that_collapses() -> None:
    from loadtests.overload import Figures

    peak = Figures(1.0, [0.001] * 100, [], 0, 0)
    assert Trial(peak, Figures(1.0, [0.001] * 23, [0.09] * 150, 0, 0), 0.3, 0).kept < KEPT_AT_LEAST
