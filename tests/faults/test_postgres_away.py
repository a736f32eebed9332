"""Guarantees 12 and 16: PostgreSQL away holds up no postback, and afterwards the log has every one of them."""

import asyncio
import time

import aiohttp
import asyncpg
import pytest

from shared.embedded import EmbeddedPostgres
from tests.conftest import CheckFigure
from tests.faults.load import Answer, Postbacks, percentile
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.stalls import running_clock
from tests.waiting import wait_for
from tests.world import World

CAUGHT_UP_WITHIN_SECONDS = 30.0
PATIENT = {"INGEST_STORE_TIMEOUT_MS": str(PATIENT_MS)}  # the store may be slow: these tests are about PostgreSQL


async def find_missing_in_log(world: World, acknowledged: list[Answer]) -> list[str]:
    """The acknowledged postbacks that aren't in the log exactly once."""
    rows = await world.postgres.fetch(
        "select caller_number, count(*) as times from postback_log where outcome <> 'refused' group by 1"
    )
    times = {row["caller_number"]: row["times"] for row in rows}
    return [answer.caller for answer in acknowledged if times.get(answer.caller) != 1]


@pytest.mark.parametrize("seconds", [3, pytest.param(10, marks=pytest.mark.long), pytest.param(60, marks=pytest.mark.long)])
async def test_the_log_is_complete_though_postgres_was_frozen(
    world: World, services: ServiceProcesses, postgres: EmbeddedPostgres, seconds: float, check_figure: CheckFigure
) -> None:
    services.start("ingest", **PATIENT)
    services.start("drain")
    async with Postbacks(services.url("ingest"), world.company, in_flight=4, pause_seconds=0.01) as load:
        await load.until_acknowledged(20)
        postgres.pause()
        try:
            frozen_at = time.monotonic()
            await asyncio.sleep(seconds)
            await load.until_acknowledged(20)
        finally:
            postgres.resume()
        resumed_at = time.monotonic()
        await load.until_acknowledged(20)
    assert {answer.status for answer in load.answers} == {200}
    meanwhile = [answer for answer in load.answers if frozen_at < answer.asked_at < resumed_at]
    acknowledged = load.acknowledged()
    caught_up_from = time.monotonic()
    await wait_for(lambda: find_missing_in_log(world, acknowledged), [])
    took = time.monotonic() - caught_up_from
    print(f"frozen={seconds}s acknowledged={len(acknowledged)} missing=0 caught_up={took:.1f}s")
    check_figure("postbacks acknowledged while frozen, a second", len(meanwhile) / (resumed_at - frozen_at), at_least=20)
    check_figure("p99 while frozen, in s", percentile(meanwhile, 0.99), at_most=0.25)
    check_figure("until the log had caught up, in s", took, at_most=CAUGHT_UP_WITHIN_SECONDS)

    await world.postgres.execute("delete from postback_log where caller_number = $1", acknowledged[0].caller)
    assert await find_missing_in_log(world, acknowledged) == [acknowledged[0].caller]  # the check can see a loss


@pytest.mark.parametrize("seconds", [0, pytest.param(30, marks=pytest.mark.long), pytest.param(600, marks=pytest.mark.long)])
async def test_ingest_goes_on_without_postgres(
    world: World,
    services: ServiceProcesses,
    postgres: EmbeddedPostgres,
    postgres_url: str,
    seconds: float,
    check_figure: CheckFigure,
) -> None:
    """PostgreSQL is down for at least `seconds`, and until everything that must work without it was checked."""
    for name in ("ingest", "merger", "admin", "drain"):
        services.start(name, **PATIENT)
    company = world.company
    async with (
        aiohttp.ClientSession() as session,
        Postbacks(services.url("ingest"), company, in_flight=2, pause_seconds=0.02) as load,
        running_clock() as clock,
    ):

        async def status_of(service: str, path: str) -> int:
            async with session.get(services.url(service) + path) as reply:
                return reply.status

        unknown = "/data_writing?key=unknown&caller_number=%2B15551230000&a=1"
        assert await status_of("ingest", unknown) == 401
        await wait_for(lambda: _rows_in_snapshot(world), all)
        postgres.kill()
        try:
            stopped_at = time.monotonic()
            await wait_for(lambda: status_of("ingest", unknown), 503, "the status of an unknown key without PostgreSQL")
            assert await status_of("merger", f"/v1/lookup?key={company.engine_key.secret}&caller_number=%2B15550000001") == 200
            nobody = {"Authorization": "Bearer nobody"}
            took = []
            for _ in range(3):
                clock.start()
                async with session.get(services.url("admin") + "/v1/companies", headers=nobody) as reply:
                    assert (reply.status, (await reply.json(content_type=None))["code"]) == (503, "unavailable")
                took.append(clock.seconds)
            services.kill("ingest")
            services.start("ingest", **PATIENT)
            await load.until_acknowledged(1)
            assert await status_of("ingest", unknown) == 503
            await asyncio.sleep(max(0, stopped_at + seconds - time.monotonic()))
            await load.until_acknowledged(1)
        finally:
            postgres.start()
        await wait_for(lambda: status_of("ingest", unknown), 401, "the status of an unknown key")
    assert {answer.status for answer in load.answers} <= {200, None}  # None: in flight when the worker was killed
    acknowledged = load.acknowledged()

    world.postgres.terminate()  # the server it knew is gone
    world.postgres = await asyncpg.connect(postgres_url)
    caught_up_from = time.monotonic()
    await wait_for(lambda: find_missing_in_log(world, acknowledged), [])
    check_figure("until admin says that it is unavailable, in s", max(took), at_most=1)
    check_figure("until the log had caught up, in s", time.monotonic() - caught_up_from, at_most=CAUGHT_UP_WITHIN_SECONDS)


async def _rows_in_snapshot(world: World) -> list[int]:
    return [await world.store.hlen(f"{{keyring}}:{table}") for table in ("postback_keys", "engine_keys")]
