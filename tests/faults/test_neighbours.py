"""Guarantee 19: a company that asks for far too much doesn't starve its neighbour."""

from collections import Counter

import pytest

from loadtests.neighbours import RATE_LIMIT, UNDISTURBED, Seen, show, try_neighbours
from loadtests.overload import percentile
from tests.conftest import CheckFigure
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import Company, World

P99_GROWS_AT_MOST = 1.5
LOW_RATE = 2
"""A rate limit that a nuisance exceeds on a busy machine too."""
OVER_ITS_RATE, ONE_CALLER, FULL_BULKS = "over its rate", "one caller", "full bulks"


async def nuisances(world: World, rate: int) -> dict[str, str]:
    """Adds a company with this rate limit and one without. Returns the key for each kind of nuisance."""
    limited, unlimited = await world.add_company(number="+18005550101"), await world.add_company(number="+18005550102")
    await limit(world, limited, rate)
    return {OVER_ITS_RATE: limited.key.secret, ONE_CALLER: unlimited.key.secret, FULL_BULKS: unlimited.key.secret}


async def limit(world: World, company: Company, rate: int) -> None:
    await world.postgres.execute("update companies set rate_limit_per_second = $2 where id = $1", company.id, rate)


async def try_them(
    world: World,
    services: ServiceProcesses,
    redis_url: str,
    kinds: dict[str, str],
    *,
    rate: float,
    seconds: float,
    rounds: int = 1,
) -> dict[str, Seen]:
    """The neighbour is the test's company; the store may be slow on a machine that does other things."""
    if "ingest" not in services.running:
        services.start("ingest", INGEST_STORE_TIMEOUT_MS=str(PATIENT_MS), INGEST_MAX_IN_FLIGHT="1024")
        services.start("drain")
    url, key = services.url("ingest"), world.company.key.secret
    seen = await try_neighbours(url, key, kinds, rate=rate, seconds=seconds, rounds=rounds, redis_url=redis_url)
    show(seen)
    return seen


async def test_nobody_fails_because_a_neighbour_asks_for_too_much(
    world: World, services: ServiceProcesses, redis_url: str
) -> None:
    """Repeats the trial until every nuisance got enough responses. The neighbour may not fail in any trial.

    At its rate it has free connections even if the machine stands still for seconds.
    """
    kinds = await nuisances(world, LOW_RATE)
    told: dict[str, Counter[int]] = {kind: Counter() for kind in kinds}
    asked: Counter[str] = Counter()

    async def try_once_more() -> tuple[Counter[str], dict[str, Counter[int]]]:
        seen = await try_them(world, services, redis_url, kinds, rate=60, seconds=0.6)
        assert {kind: failed for kind, (_, failed, _) in seen.items() if failed} == {}
        for kind, (times, _, answers) in seen.items():
            asked[kind] += len(times)
            told.setdefault(kind, Counter()).update(answers)
        assert told[OVER_ITS_RATE].keys() <= {200, 429}
        assert told[ONE_CALLER].keys() | told[FULL_BULKS].keys() <= {200}
        return asked, told

    await wait_for(try_once_more, lambda _: has_tried_enough(asked, told))


def has_tried_enough(asked: Counter[str], told: dict[str, Counter[int]]) -> bool:
    """Returns True if the neighbour and every nuisance got enough responses."""
    limited = told[OVER_ITS_RATE]
    return all(asked[kind] > 20 for kind in told) and 0 < limited[200] < limited[429] and told[ONE_CALLER][200] > 0


async def test_the_check_sees_a_neighbour_who_is_refused(world: World, services: ServiceProcesses, redis_url: str) -> None:
    await limit(world, world.company, LOW_RATE)
    seen = await try_them(world, services, redis_url, {}, rate=60, seconds=0.6)
    assert seen[UNDISTURBED].failed > 0


@pytest.mark.long
async def test_a_neighbour_is_hardly_slower(
    world: World, services: ServiceProcesses, redis_url: str, check_figure: CheckFigure
) -> None:
    """Full bulks aren't judged here: beside them the p99 grows by more than this, see loadtests/baselines.md."""
    kinds = await nuisances(world, RATE_LIMIT)
    del kinds[FULL_BULKS]
    seen = await try_them(world, services, redis_url, kinds, rate=100, seconds=4, rounds=10)
    alone = percentile(seen[UNDISTURBED].times, 0.99)
    for kind in kinds:
        grows = percentile(seen[kind].times, 0.99) / alone
        check_figure(f"p99 beside {kind}, as a multiple of the undisturbed one", grows, at_most=P99_GROWS_AT_MOST)
