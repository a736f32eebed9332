"""Guarantee 17: three times of what ingest can do takes little of its goodput, and is over when it is over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loadtests.overload import Crowd, Figures, Trial, percentile, resident_bytes, try_overload
from tests.conftest import CheckFigure
from tests.faults.store_proxy import StoreProxy
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

KEPT_AT_LEAST = 0.9
SHED_WITHIN_SECONDS = 0.020
NORMAL_WITHIN_SECONDS = 5.0
GROWN_AT_MOST_BYTES = 64 * 2**20
CONNECTIONS = 600

STORE_SECONDS = 0.020
IN_FLIGHT = 32
"""A store that takes so long for each packet does at most 1,600 postbacks a second with so many in flight, on a machine of any speed."""


def judge(trial: Trial) -> None:
    """Prints a trial and asserts what doesn't depend on the speed of the machine."""
    print(f"\npeak {trial.peak}\noverload {trial.overload}\nkept={trial.kept:.2f} normal={trial.recovered_after_seconds:.1f}s")
    assert trial.overload.other == 0
    assert trial.overload.shed
    assert trial.grown_bytes <= GROWN_AT_MOST_BYTES


@pytest.fixture
async def with_slow_store(services: ServiceProcesses, redis_url: str, tmp_path: Path) -> AsyncIterator[None]:
    """Starts ingest on a slow store, which is then the bottleneck on a machine of any speed."""
    async with StoreProxy(redis_url, tmp_path) as proxy:
        proxy.delay = lambda: STORE_SECONDS
        slow = {"INGEST_REDIS_URL": proxy.url, "INGEST_MAX_IN_FLIGHT": str(IN_FLIGHT), "INGEST_STORE_TIMEOUT_MS": str(PATIENT_MS)}
        await asyncio.to_thread(services.start, "ingest", **slow)  # in a thread, as the proxy of its store needs this loop
        yield
        assert "unhandled_error" not in services.running["ingest"].log.read_text()


@pytest.mark.usefixtures("with_slow_store")
async def test_overload_breaks_nothing_and_passes(world: World, services: ServiceProcesses) -> None:
    """Offers three times the peak for a second, then a third of the peak until nothing is shed."""
    pid = services.running["ingest"].process.pid
    crowd = Crowd(services.url("ingest"), world.company.key.secret)
    await crowd.open(CONNECTIONS)
    peak = await crowd.saturate(1)
    before = resident_bytes(pid)
    overload = await crowd.offer(3 * peak.goodput, 1)
    grown = resident_bytes(pid) - before

    async def offer_little() -> Figures:
        return await crowd.offer(peak.goodput / 3, 0.1)

    await wait_for(offer_little, lambda quiet: quiet.accepted and not quiet.shed and not quiet.other)
    crowd.close()
    judge(Trial(peak, overload, 0, grown))


@pytest.mark.long
@pytest.mark.usefixtures("with_slow_store")
async def test_overload_leaves_goodput_and_passes(world: World, services: ServiceProcesses, check_figure: CheckFigure) -> None:
    pid = services.running["ingest"].process.pid
    key = world.company.key.secret
    trial = await try_overload(services.url("ingest"), key, pid, times=3, seconds=3, connections=CONNECTIONS)
    judge(trial)
    check_figure("share of the goodput that was kept", trial.kept, at_least=0.4)
    check_figure("until all was normal, in s", trial.recovered_after_seconds, at_most=15)


@pytest.mark.long
async def test_a_minute_of_overload_keeps_the_peak(world: World, services: ServiceProcesses, check_figure: CheckFigure) -> None:
    """The core is what there is too little of; so many connections that one waits too long also where 20,000 a second are answered."""
    services.start("ingest")
    pid = services.running["ingest"].process.pid
    trial = await try_overload(services.url("ingest"), world.company.key.secret, pid, times=3, seconds=60, connections=3000)
    judge(trial)
    check_figure("share of the goodput that was kept", trial.kept, at_least=KEPT_AT_LEAST)
    check_figure(
        "until half of the refusals were answered, in s", percentile(trial.overload.shed, 0.5), at_most=SHED_WITHIN_SECONDS
    )
    check_figure("until all was normal, in s", trial.recovered_after_seconds, at_most=NORMAL_WITHIN_SECONDS)


def test_the_check_sees_a_service_that_collapses() -> None:
    peak = Figures(1.0, [0.001] * 100, [], 0, 0)
    assert Trial(peak, Figures(1.0, [0.001] * 23, [0.09] * 150, 0, 0), 0.3, 0).kept < KEPT_AT_LEAST
