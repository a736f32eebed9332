"""Guarantees 12 and 16: PostgreSQL away holds up no postback, and afterwards the log has every one of them."""

import asyncio
import time

import aiohttp
import asyncpg
import pytest

from shared.embedded import EmbeddedPostgres
from tests.faults.load import Answer, Postbacks, eventually, percentile
from tests.service_processes import ServiceProcesses
from tests.stalls import running_clock
from tests.world import World

CAUGHT_UP_WITHIN_SECONDS = 30.0
PATIENT = {"INGEST_STORE_TIMEOUT_MS": "5000"}  # with a disk that does other things: it is PostgreSQL that is away


async def find_missing_in_log(world: World, acknowledged: list[Answer]) -> list[str]:
    """The acknowledged postbacks that aren't in the log exactly once."""
    rows = await world.postgres.fetch(
        "select caller_number, count(*) as times from postback_log where outcome <> 'refused' group by 1"
    )
    times = {row["caller_number"]: row["times"] for row in rows}
    return [answer.caller for answer in acknowledged if times.get(answer.caller) != 1]


@pytest.mark.parametrize("seconds", [10, pytest.param(60, marks=pytest.mark.long)])
async def test_the_log_is_complete_though_postgres_was_frozen(
    world: World, services: ServiceProcesses, postgres: EmbeddedPostgres, seconds: float
) -> None:
    services.start("ingest", **PATIENT)
    services.start("drain")
    async with Postbacks(services.url("ingest"), world.company, in_flight=4, pause_seconds=0.01) as load:
        await asyncio.sleep(1)
        postgres.pause()
        try:
            frozen_at = time.monotonic()
            await asyncio.sleep(seconds)
        finally:
            postgres.resume()
        resumed_at = time.monotonic()
        await asyncio.sleep(0.5)
    assert {answer.status for answer in load.answers} == {200}
    meanwhile = [answer for answer in load.answers if frozen_at < answer.asked_at < resumed_at]
    assert len(meanwhile) > 20 * seconds
    assert percentile(meanwhile, 0.99) < 0.25
    acknowledged = load.acknowledged()

    async def is_complete() -> bool:
        return not await find_missing_in_log(world, acknowledged)

    took = await eventually(is_complete, CAUGHT_UP_WITHIN_SECONDS)
    print(f"frozen={seconds}s acknowledged={len(acknowledged)} missing=0 caught_up={took:.1f}s")

    await world.postgres.execute("delete from postback_log where caller_number = $1", acknowledged[0].caller)
    assert await find_missing_in_log(world, acknowledged) == [acknowledged[0].caller]  # the check can see a loss


@pytest.mark.parametrize("seconds", [30, pytest.param(600, marks=pytest.mark.long)])
async def test_ingest_goes_on_without_postgres(
    world: World, services: ServiceProcesses, postgres: EmbeddedPostgres, postgres_url: str, seconds: float
) -> None:
    for name in ("ingest", "merger", "admin", "drain"):
        services.start(name, **PATIENT)
    company = world.company
    async with (
        aiohttp.ClientSession() as session,
        Postbacks(services.url("ingest"), company, in_flight=2, pause_seconds=0.02) as load,
    ):

        async def status_of(service: str, path: str) -> int:
            async with session.get(services.url(service) + path) as reply:
                return reply.status

        unknown = "/data_writing?key=unknown&caller_number=%2B15551230000&a=1"
        assert await status_of("ingest", unknown) == 401
        await eventually(lambda: _has_snapshot(world), 20)
        postgres.kill()
        try:
            stopped_at = time.monotonic()

            async def is_unsure() -> bool:
                return await status_of("ingest", unknown) == 503

            await eventually(is_unsure, 20)
            assert await status_of("merger", f"/v1/lookup?key={company.engine_key.secret}&caller_number=%2B15550000001") == 200
            nobody = {"Authorization": "Bearer nobody"}
            took = []
            for _ in range(3):  # the machine has moods
                async with (
                    running_clock() as clock,
                    session.get(services.url("admin") + "/v1/companies", headers=nobody) as reply,
                ):
                    assert (reply.status, (await reply.json(content_type=None))["code"]) == (503, "unavailable")
                    took.append(clock.seconds)
            assert min(took) <= 1
            before_restart = len(load.acknowledged())
            services.kill("ingest")
            services.start("ingest", **PATIENT)
            await eventually(lambda: _has_more(load, before_restart), 20)
            assert await status_of("ingest", unknown) == 503
            await asyncio.sleep(max(0, stopped_at + seconds - time.monotonic()))
        finally:
            postgres.start()

        async def is_sure() -> bool:
            return await status_of("ingest", unknown) == 401

        await eventually(is_sure, 20)
    assert {answer.status for answer in load.answers} <= {200, None}  # None: in flight when the worker was killed
    acknowledged = load.acknowledged()

    world.postgres.terminate()  # the server it knew is gone
    world.postgres = await asyncpg.connect(postgres_url)

    async def is_complete() -> bool:
        return not await find_missing_in_log(world, acknowledged)

    await eventually(is_complete, CAUGHT_UP_WITHIN_SECONDS)


async def _has_snapshot(world: World) -> bool:
    return bool(await world.store.hlen("{keyring}:postback_keys")) and bool(await world.store.hlen("{keyring}:engine_keys"))


async def _has_more(load: Postbacks, count: int) -> bool:
    return len(load.acknowledged()) > count
