"""Guarantee 13: with PostgreSQL gone the backlog stops at its bound, without a trim, and without a call being refused."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import asyncpg
import pytest

from ingest.backlog import Backlog
from ingest.store import Store
from shared.embedded import EmbeddedPostgres
from tests.faults.load import Postbacks
from tests.faults.test_postgres_away import find_missing_in_log
from tests.service_processes import PATIENT, ServiceProcesses
from tests.waiting import wait_for
from tests.world import CALLER, World

BOUND = 400_000


async def entries_in_streams(world: World) -> int:
    return sum([await world.store.xlen(stream) for stream in await world.store.keys("*}s")])


async def test_postbacks_are_refused_while_the_backlog_is_full_and_nothing_is_trimmed(
    world: World, services: ServiceProcesses, postgres: EmbeddedPostgres, postgres_url: str
) -> None:
    services.start("ingest", **PATIENT, INGEST_MAX_BACKLOG_BYTES=str(BOUND))
    services.start("merger", **PATIENT)
    services.start("drain")
    engine = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
    postgres.kill()
    try:
        async with aiohttp.ClientSession() as session, Postbacks(services.url("ingest"), world.company, in_flight=4) as load:

            async def newest_answer() -> Any:
                return [(answer.status, answer.body) for answer in load.answers[-1:]]

            await wait_for(newest_answer, lambda found: "postback log" in str(found), "a refusal that names the postback log")
            assert load.answers[-1].status == 503
            assert load.answers[-1].body["code"] == "unavailable"
            assert load.acknowledged() != []  # how many depends on the machine: a stream's first entry takes 3.5 kB

            bulk = {"Authorization": f"Bearer {world.company.key.secret}", "Content-Type": "application/x-ndjson"}
            line = f'{{"caller_number": "{CALLER}", "tag_values": {{"a": "1"}}}}'
            async with session.post(services.url("ingest") + "/v1/postbacks", data=line, headers=bulk) as reply:
                assert (reply.status, reply.headers["Retry-After"]) == (503, "5")
            hit = {"call_uuid": "c1", "caller_number": load.acknowledged()[0].caller}
            async with session.post(services.url("merger") + "/v1/calls", json=hit, headers=engine) as reply:
                assert reply.status == 201
                assert (await reply.json())["tags"] == {"a": load.acknowledged()[0].value}
            async with session.get(services.url("ingest") + "/metrics") as reply:
                figures = figures_of(await reply.text())
            assert figures["callstamp_backlog_bytes"] >= BOUND
            assert figures["callstamp_backlog_share"] >= 1
            assert await entries_in_streams(world) >= len(load.acknowledged())

            postgres.start()
            await load.until_acknowledged(1)
    finally:
        if postgres.process is None:
            postgres.start()
    assert {answer.status for answer in load.answers} == {200, 503}
    acknowledged = load.acknowledged()
    world.postgres.terminate()  # the server it knew is gone
    world.postgres = await asyncpg.connect(postgres_url)
    await wait_for(lambda: find_missing_in_log(world, acknowledged), [])
    await world.postgres.execute("delete from postback_log where caller_number = $1", acknowledged[0].caller)
    assert await find_missing_in_log(world, acknowledged) == [acknowledged[0].caller]  # the check can see a loss


def figures_of(metrics: str) -> dict[str, float]:
    lines = [line.split() for line in metrics.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


@pytest.fixture
async def store(world: World, redis_url: str) -> AsyncIterator[Store]:
    store = Store(redis_url, timeout_seconds=5)
    await store.start()
    yield store
    await store.stop()


async def fill(world: World, entries: int, *, stream: str = "{p007}s") -> None:
    pipeline: Any = world.store.pipeline(transaction=False)
    for _ in range(entries):
        pipeline.xadd(stream, {"e": "x" * 1000})
    await pipeline.execute()


async def test_it_has_room_again_only_some_way_below_the_bound(world: World, store: Store) -> None:
    backlog = Backlog(store, 100_000)
    await backlog.look()
    assert not backlog.is_full
    await fill(world, 110)
    await backlog.look()
    assert backlog.is_full
    await world.store.xtrim("{p007}s", maxlen=90, approximate=False)
    await backlog.look()
    assert backlog.is_full
    await world.store.xtrim("{p007}s", maxlen=60, approximate=False)
    await backlog.look()
    assert not backlog.is_full


async def test_it_stays_below_half_of_what_the_store_may_use(world: World, store: Store) -> None:
    await fill(world, 1000)
    used = int((await world.store.info("memory"))["used_memory"])
    try:
        for maxmemory, is_full in ((0, False), (used + 50_000_000, False), (used, False), (1_500_000, True)):
            await world.store.config_set("maxmemory", maxmemory)
            backlog = Backlog(store, 2**40)
            await backlog.look()
            assert backlog.is_full is is_full, maxmemory
    finally:
        await world.store.config_set("maxmemory", 0)
