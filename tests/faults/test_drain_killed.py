"""Guarantee 9: each tag reaches each matching call once, in PostgreSQL too, however often the drain dies."""

import asyncio
import json
import random

import pytest

from ingest.merger.call_store import CallStore
from ingest.read_postback import Postback
from ingest.store import Store
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from tests.faults.load import AtLeast
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import World


async def make_calls(world: World, redis_url: str, numbers: range) -> None:
    """Creates a call for each number, with one tag posted before it and one during it, and ends it."""
    company = world.company
    store = Store(redis_url, timeout_seconds=PATIENT_MS / 1000)
    await store.start()
    calls, buffer = CallStore(store, 14_400), TagBuffer(store)
    key = PostbackKeyRow(
        company.key.id, 1, company.id, company.publisher_id, "US", 60_000, 60_000, False, False, False, False, []
    )

    async def make_call(number: int) -> None:
        caller, call_uuid = f"+1555{number:07}", f"c{number}"
        await buffer.write(key, Postback({"before": str(number)}, caller), None)
        await calls.hit(company.id, caller, call_uuid, {})
        await buffer.write(key, Postback({"during": str(number)}, caller), None)
        await calls.add_event(company.id, call_uuid, "end", {"duration_seconds": number})

    for start in range(0, len(numbers), 50):
        await asyncio.gather(*(make_call(number) for number in numbers[start : start + 50]))
    await store.stop()


async def find_faults(world: World, count: int) -> list[str]:
    """What is missing or double in PostgreSQL."""
    faults = []
    calls = await world.postgres.fetch("select call_uuid, tags, status, duration_seconds from calls")
    if len(calls) != count:
        faults.append(f"{len(calls)} calls instead of {count}")
    for call in calls:
        number = call["call_uuid"][1:]
        if json.loads(call["tags"]) != {"before": number, "during": number} or call["duration_seconds"] != int(number):
            faults.append(f"call {number} is {dict(call)}")
    for table, expected in (("postback_log", 2 * count), ("call_events", 2 * count)):
        found = await world.postgres.fetchval(f"select count(*) from {table}")
        if found != expected:
            faults.append(f"{found} rows in {table} instead of {expected}")
    return faults


async def count_drained(world: World) -> int:
    return int(await world.postgres.fetchval("select count(*) from postback_log"))


async def count_entries_left(world: World) -> int:
    """Returns how many entries are left in the streams."""
    return sum([await world.store.xlen(name) for name in await world.store.keys("*}s")])


@pytest.mark.parametrize(
    ("kills", "calls"),
    [(4, 800), pytest.param(20, 4000, marks=pytest.mark.long), pytest.param(100, 20_000, marks=pytest.mark.long)],
)
async def test_every_tag_is_on_its_call_once_though_the_drain_is_killed(
    world: World, services: ServiceProcesses, redis_url: str, kills: int, calls: int
) -> None:
    """Each round creates calls while a drain starts, so that every drain that is killed has work."""
    share = calls // kills
    for kill in range(kills):
        before = await count_drained(world)
        making = asyncio.create_task(make_calls(world, redis_url, range(kill * share, (kill + 1) * share)))
        services.start("drain", until_ready=False)
        await wait_for(lambda: count_drained(world), AtLeast(before + 1), "rows in the postback log")
        await asyncio.sleep(random.uniform(0, 0.4))
        services.kill("drain")
        await making
    services.start("drain")
    await wait_for(lambda: count_entries_left(world), 0)
    faults = await find_faults(world, calls)
    print(f"kills={kills} calls={calls} faults={len(faults)}")
    assert faults == []


async def test_nothing_is_double_when_it_dies_between_commit_and_acknowledgement(world: World, redis_url: str) -> None:
    await make_calls(world, redis_url, range(200))
    remove = world.drain_loop._remove

    async def die(entries: object) -> None:
        raise ConnectionError

    world.drain_loop._remove = die  # type: ignore[method-assign]
    for _ in range(20):
        with pytest.raises(ConnectionError):
            await world.drain_loop.drain_once(world.postgres)
    world.drain_loop._remove = remove  # type: ignore[method-assign]
    await world.drain()
    assert await find_faults(world, 200) == []


async def test_the_check_finds_doubles_when_the_log_has_no_key_to_meet(world: World, redis_url: str) -> None:
    await world.postgres.execute("alter table postback_log drop constraint postback_log_pkey")
    await make_calls(world, redis_url, range(50))
    remove = world.drain_loop._remove

    async def forget(entries: object) -> None:
        world.drain_loop._remove = remove  # type: ignore[method-assign]

    world.drain_loop._remove = forget  # type: ignore[method-assign]
    await world.drain()
    assert "rows in postback_log" in " ".join(await find_faults(world, 50))


async def test_the_check_finds_what_is_missing(world: World, redis_url: str) -> None:
    await make_calls(world, redis_url, range(50))
    await world.store.delete((await world.store.keys("*}s"))[0])
    await world.drain()
    assert await find_faults(world, 50) != []
