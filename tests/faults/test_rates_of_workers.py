"""A rate holds for all workers together: two processes, flooded for a while, admit what one bucket would."""

import asyncio
from collections import Counter

import aiohttp
import pytest

from tests.service_processes import ServiceProcesses
from tests.world import CALLER, Key, World

CLIENTS = 12


async def flood(url: str, keys: list[Key], seconds: float) -> Counter[int]:
    """How often which status was answered to clients that ask without a break, each with one of the keys, until some are refused."""
    statuses: Counter[int] = Counter()

    async def ask(key: Key) -> None:
        path = f"{url}/data_writing?key={key.secret}&caller_number={CALLER.replace('+', '%2B')}&a=1"
        async with aiohttp.ClientSession() as session:
            while asyncio.get_running_loop().time() < ends_at or statuses[429] < CLIENTS:
                async with session.get(path) as reply:
                    statuses[reply.status] += 1

    ends_at = asyncio.get_running_loop().time() + seconds
    async with asyncio.timeout(seconds + 60):
        await asyncio.gather(*(ask(keys[number % len(keys)]) for number in range(CLIENTS)))
    return statuses


async def store_seconds(world: World) -> float:
    seconds, microseconds = await world.store.time()
    return int(seconds) + int(microseconds) / 1e6


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [(50, 2.0), (200, 2.0), pytest.param(50, 20.0, marks=pytest.mark.long), pytest.param(400, 20.0, marks=pytest.mark.long)],
)
async def test_two_workers_together_admit_what_the_rate_says(
    world: World, services: ServiceProcesses, rate: int, seconds: float
) -> None:
    """At most a second's worth and what leaks meanwhile; in the long run no less than nine tenths of that."""
    key = await world.add_key(rate_limit_per_second=rate)
    services.start("ingest", INGEST_WORKERS="2", INGEST_STORE_TIMEOUT_MS="5000")
    started = await store_seconds(world)
    statuses = await flood(services.url("ingest"), [key], seconds)
    allowed = rate * (1 + await store_seconds(world) - started)
    assert statuses.keys() == {200, 429}
    assert statuses[200] <= allowed
    assert statuses[200] >= 0.9 * (allowed if seconds > 10 else rate)
    print(f"{statuses[200]} admitted of {allowed:.0f}, {statuses[429]} refused")


async def test_the_check_of_a_rate_sees_workers_that_count_apart(world: World, services: ServiceProcesses) -> None:
    """Two keys have a bucket each, as two workers would that didn't share one."""
    keys = [await world.add_key(rate_limit_per_second=100) for _ in range(2)]
    services.start("ingest", INGEST_WORKERS="2", INGEST_STORE_TIMEOUT_MS="5000")
    started = await store_seconds(world)
    statuses = await flood(services.url("ingest"), keys, 0.5)
    elapsed = await store_seconds(world) - started
    assert statuses[200] > 100 * (1 + elapsed) or elapsed > 1
