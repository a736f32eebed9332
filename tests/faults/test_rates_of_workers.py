"""A rate holds for all workers together: two processes, flooded for a while, admit what one bucket would."""

import asyncio
from collections import Counter

import aiohttp
import pytest

from tests.conftest import CheckFigure
from tests.faults.load import AtLeast
from tests.service_processes import PATIENT, ServiceProcesses
from tests.waiting import wait_for
from tests.world import CALLER, Key, World

CLIENTS = 12


async def flood(url: str, keys: list[Key], seconds: float) -> list[Counter[int]]:
    """Posts without a pause until some requests of each key are refused. Returns the number of responses by status for each key."""
    statuses: list[Counter[int]] = [Counter() for _ in keys]
    is_over = False

    async def ask(number: int) -> None:
        path = f"{url}/data_writing?key={keys[number].secret}&caller_number={CALLER.replace('+', '%2B')}&a=1"
        async with aiohttp.ClientSession() as session:
            while not is_over:
                async with session.get(path) as reply:
                    statuses[number][reply.status] += 1

    async def least_refused() -> int:
        return min(answered[429] for answered in statuses)

    asking = [asyncio.create_task(ask(number % len(keys))) for number in range(CLIENTS)]
    await asyncio.sleep(seconds)
    await wait_for(least_refused, AtLeast(CLIENTS), "refusals of each key")
    is_over = True
    await asyncio.gather(*asking)
    return statuses


async def store_seconds(world: World) -> float:
    seconds, microseconds = await world.store.time()
    return int(seconds) + int(microseconds) / 1e6


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        (10, 1.0),
        (50, 1.0),
        pytest.param(200, 2.0, marks=pytest.mark.long),
        pytest.param(50, 20.0, marks=pytest.mark.long),
        pytest.param(400, 20.0, marks=pytest.mark.long),
    ],
)
async def test_two_workers_together_admit_what_the_rate_says(
    world: World, services: ServiceProcesses, rate: int, seconds: float, check_figure: CheckFigure
) -> None:
    """Admits at most a second's worth plus the rate over the elapsed time, and no less than nine tenths of a second's worth."""
    key = await world.add_key(rate_limit_per_second=rate)
    services.start("ingest", **PATIENT, INGEST_WORKERS="2")
    started = await store_seconds(world)
    (statuses,) = await flood(services.url("ingest"), [key], seconds)
    allowed = rate * (1 + await store_seconds(world) - started)
    print(f"{statuses[200]} admitted of {allowed:.0f}, {statuses[429]} refused")
    assert statuses.keys() == {200, 429}
    assert 0.9 * rate <= statuses[200] <= allowed
    if seconds > 10:
        check_figure("share of what the rate allows that was admitted", statuses[200] / allowed, at_least=0.9)


async def test_the_check_of_a_rate_sees_workers_that_count_apart(world: World, services: ServiceProcesses) -> None:
    """Two keys have a bucket each, like two workers that don't share one. A rate this low is exceeded on a slow machine too."""
    rate = 10
    keys = [await world.add_key(rate_limit_per_second=rate) for _ in range(2)]
    services.start("ingest", **PATIENT, INGEST_WORKERS="2")
    started = await store_seconds(world)
    statuses = await flood(services.url("ingest"), keys, 0)
    elapsed = await store_seconds(world) - started
    assert sum(answered[200] for answered in statuses) > rate * (1 + elapsed)
