"""Guarantee 19: a company that asks for far too much doesn't starve its neighbour."""

from collections import Counter

import pytest

from loadtests.neighbours import CONNECTIONS, RATE_LIMIT, UNDISTURBED, Nuisance, show, try_neighbours
from loadtests.overload import percentile
from tests.conftest import CheckFigure
from tests.faults.load import AtLeast, Postbacks
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import Company, World

P99_GROWS_AT_MOST = 1.5
LOW_RATE = 2
"""A rate limit that a nuisance exceeds on a busy machine too."""
OVER_ITS_RATE, ONE_CALLER, FULL_BULKS = "over its rate", "one caller", "full bulks"
EXPECTED = {OVER_ITS_RATE: {200, 429}, ONE_CALLER: {200}, FULL_BULKS: {200}}
"""The statuses of the responses to each kind of nuisance."""


async def nuisances(world: World, rate: int) -> dict[str, str]:
    """Adds a company with this rate limit and one without. Returns the key for each kind of nuisance."""
    limited, unlimited = await world.add_company(number="+18005550101"), await world.add_company(number="+18005550102")
    await limit(world, limited, rate)
    return {OVER_ITS_RATE: limited.key.secret, ONE_CALLER: unlimited.key.secret, FULL_BULKS: unlimited.key.secret}


async def limit(world: World, company: Company, rate: int) -> None:
    await world.postgres.execute("update companies set rate_limit_per_second = $2 where id = $1", company.id, rate)


def start(services: ServiceProcesses) -> str:
    """Starts ingest and the drain, and returns the URL of ingest. The store may be slow on a machine that does other things."""
    patient = {"INGEST_STORE_TIMEOUT_MS": str(PATIENT_MS), "INGEST_SLOW_CLIENT_SECONDS": "3600"}
    services.start("ingest", **patient, INGEST_MAX_IN_FLIGHT="1024")
    services.start("drain")
    return services.url("ingest")


@pytest.mark.parametrize("kind", EXPECTED)
async def test_nobody_fails_because_a_neighbour_asks_for_too_much(world: World, services: ServiceProcesses, kind: str) -> None:
    """Posts beside one kind of nuisance until both have got enough responses."""
    key, url = (await nuisances(world, LOW_RATE))[kind], start(services)
    nuisance = Nuisance(url, key, kind)
    await nuisance.open(CONNECTIONS[kind])
    async with Postbacks(url, world.company, in_flight=4, pause_seconds=0.01) as neighbour:

        async def disturb() -> tuple[int, Counter[int]]:
            await nuisance.saturate(0.1)
            return len(neighbour.answers), nuisance.statuses

        await wait_for(disturb, lambda found: found[0] > 50 and has_enough(kind, found[1]), f"{kind}: responses to both")
    nuisance.close()
    assert {answer.status for answer in neighbour.answers} == {200}
    assert nuisance.statuses.keys() == EXPECTED[kind]


def has_enough(kind: str, statuses: Counter[int]) -> bool:
    """Returns True if a nuisance got enough responses: one that is over its rate, more refusals than others."""
    return 0 < statuses[200] < statuses[429] if kind == OVER_ITS_RATE else statuses[200] > (50 if kind == ONE_CALLER else 0)


async def test_the_check_sees_a_neighbour_who_is_refused(world: World, services: ServiceProcesses, redis_url: str) -> None:
    await limit(world, world.company, LOW_RATE)
    url = start(services)

    async def count_failed() -> int:
        seen = await try_neighbours(url, world.company.key.secret, {}, rate=60, seconds=0.6, rounds=1, redis_url=redis_url)
        return seen[UNDISTURBED].failed

    await wait_for(count_failed, AtLeast(1))
    async with Postbacks(url, world.company) as neighbour:
        await neighbour.until_answered(429, 1)


@pytest.mark.long
async def test_a_neighbour_is_hardly_slower(
    world: World, services: ServiceProcesses, redis_url: str, check_figure: CheckFigure
) -> None:
    """Full bulks aren't judged here: beside them the p99 grows by more than this, see loadtests/baselines.md."""
    kinds = await nuisances(world, RATE_LIMIT)
    del kinds[FULL_BULKS]
    url, key = start(services), world.company.key.secret
    seen = await try_neighbours(url, key, kinds, rate=100, seconds=4, rounds=10, redis_url=redis_url)
    show(seen)
    alone = percentile(seen[UNDISTURBED].times, 0.99)
    for kind in kinds:
        grows = percentile(seen[kind].times, 0.99) / alone
        check_figure(f"p99 beside {kind}, as a multiple of the undisturbed one", grows, at_most=P99_GROWS_AT_MOST)
