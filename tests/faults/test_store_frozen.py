"""Guarantee 14: with the store frozen every answer comes in bounded time, and none ever reaches another request."""

import asyncio
import statistics
import time
from typing import Any

import aiohttp
import pytest

from shared.embedded import EmbeddedValkey
from tests.conftest import CheckFigure
from tests.faults.load import Answer, LookUps, Postbacks, percentile
from tests.service_processes import ServiceProcesses
from tests.stalls import running_clock
from tests.waiting import wait_for
from tests.world import World

REFUSED_WITHIN_SECONDS = 0.3
DEGRADED_WITHIN_SECONDS = 0.025
BREAKER_SECONDS = 0.5
BACK_WITHIN_SECONDS = 2.0


def find_slow_refusals(answers: list[Answer]) -> float:
    """The 99th percentile of the 503s, in seconds."""
    return percentile([answer for answer in answers if answer.status == 503], 0.99)


def find_mixed_up(look_ups: list[Answer]) -> list[Answer]:
    """Answers that say something of another caller."""
    return [
        answer
        for answer in look_ups
        if answer.status == 200 and not answer.body["degraded"] and answer.body["tags"] != {"a": answer.value}
    ]


async def write_callers(world: World, services: ServiceProcesses) -> None:
    """Give every caller that will be looked up the tag that says who it is."""
    async with Postbacks(services.url("ingest"), world.company, in_flight=0) as load:
        for number in range(LookUps.callers):

            async def write() -> int | None:
                await load.ask(f"+1555{number:07}", f"v{number}")  # noqa: B023 - awaited before the next round
                return load.answers[-1].status

            await wait_for(write, 200)  # a retry while the store is slow has no further effect


def between(answers: list[Answer], begin: float, end: float) -> list[Answer]:
    """Returns the requests that were sent and answered in this time."""
    return [answer for answer in answers if begin < answer.asked_at and answer.asked_at + answer.seconds < end]


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.long)])
async def test_answers_come_in_bounded_time_while_the_store_is_frozen(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, seconds: float, check_figure: CheckFigure
) -> None:
    services.start("ingest")
    services.start("merger")
    await write_callers(world, services)
    company = world.company
    async with (
        Postbacks(services.url("ingest"), company, in_flight=4, pause_seconds=0.02) as posts,
        LookUps(services.url("merger"), company, in_flight=4, pause_seconds=0.02) as look_ups,
        running_clock() as clock,
    ):
        posts._number = 1_000_000  # other callers than those that are looked up
        await posts.until_acknowledged(20)
        await look_ups.until_acknowledged(20)
        valkey.pause()
        try:
            frozen_at = time.monotonic()
            await asyncio.sleep(seconds)
            await posts.until_answered(503, 20)
            await look_ups.until_acknowledged(20)
            resumed_at = time.monotonic()
        finally:
            valkey.resume()

        async def newest_answers() -> tuple[int | None, Any]:
            return posts.answers[-1].status, look_ups.answers[-1].body["degraded"]

        clock.start()
        await wait_for(newest_answers, (200, False), "a postback's status, and whether a look-up is degraded")
        back = clock.seconds
        await posts.until_acknowledged(20)
        await look_ups.until_acknowledged(20)

    refused = between(posts.answers, frozen_at, resumed_at)
    assert {answer.status for answer in refused} == {503}
    assert {answer.status for answer in posts.answers} == {200, 503}
    assert {answer.status for answer in look_ups.answers} == {200}
    assert all(answer.body["degraded"] for answer in between(look_ups.answers, frozen_at, resumed_at))
    assert find_mixed_up(look_ups.answers) == []
    frozen = [answer for answer in posts.answers if frozen_at < answer.asked_at < resumed_at]
    degraded = [answer for answer in look_ups.answers if frozen_at + BREAKER_SECONDS < answer.asked_at < resumed_at]
    print(f"frozen={seconds}s refused={len(refused)} degraded={len(degraded)} mixed_up=0")
    check_figure("p99 of refusals, in s", find_slow_refusals(frozen), at_most=REFUSED_WITHIN_SECONDS)
    check_figure("p99 of degraded look-ups, in s", percentile(degraded, 0.99), at_most=DEGRADED_WITHIN_SECONDS)
    check_figure("until all was well again, in s", back, at_most=BACK_WITHIN_SECONDS)


async def test_a_hit_is_refused_within_a_tenth_of_a_second_while_the_store_is_frozen(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, check_figure: CheckFigure
) -> None:
    services.start("merger")
    headers = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
    async with aiohttp.ClientSession(headers=headers) as session, running_clock() as clock:
        valkey.pause()
        try:
            took: list[float] = []
            for _ in range(10):
                clock.start()
                async with session.post(services.url("merger") + "/v1/calls", json={"caller_number": "+15551230000"}) as reply:
                    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
                took.append(clock.seconds)
                await asyncio.sleep(0.05)
        finally:
            valkey.resume()
    # 0.1 s in the service, and the rest for the round trip on a busy machine
    check_figure("until a hit is refused, median in s", statistics.median(took), at_most=0.15)
    check_figure("until a hit is refused, the second longest in s", sorted(took)[-2], at_most=0.5)


async def test_the_check_finds_an_ingest_that_waits_too_long(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey
) -> None:
    services.start("ingest", INGEST_STORE_TIMEOUT_MS="1000")
    async with Postbacks(services.url("ingest"), world.company, in_flight=4) as posts:
        await posts.until_acknowledged(10)
        valkey.pause()
        try:
            frozen_at = time.monotonic()

            async def refused() -> list[Answer]:
                """Returns the requests in progress when the store froze that were refused."""
                known_at = frozen_at + 0.1
                served = [answer for answer in posts.answers if answer.asked_at < known_at < answer.asked_at + answer.seconds]
                return [answer for answer in served if answer.status == 503]

            answers = await wait_for(refused)
        finally:
            valkey.resume()
    assert find_slow_refusals(answers) > REFUSED_WITHIN_SECONDS


def test_the_check_finds_an_answer_that_is_somebody_elses() -> None:
    answer = Answer("+15550000001", "v1", 200, 0.001, 0, {"degraded": False, "tags": {"a": "v2"}})
    assert find_mixed_up([answer]) == [answer]
