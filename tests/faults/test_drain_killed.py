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
from tests.faults.load import eventually
from tests.service_processes import ServiceProcesses
from tests.world import World


async def make_calls(world: World, redis_url: str, count: int, *, done: asyncio.Event) -> None:
    """Calls that each get one tag before and one during them, then end."""
    company = world.company
    store = Store(redis_url, timeout_seconds=5)
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

    for start in range(0, count, 50):
        await asyncio.gather(*(make_call(number) for number in range(start, min(start + 50, count))))
    await store.stop()
    done.set()


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


async def is_drained(world: World) -> bool:
    lengths = [await world.store.xlen(name) for name in await world.store.keys("*}s")]
    return sum(lengths) == 0


@pytest.mark.parametrize(("kills", "calls"), [(20, 4000), pytest.param(100, 20_000, marks=pytest.mark.long)])
async def test_every_tag_is_on_its_call_once_though_the_drain_is_killed(
    world: World, services: ServiceProcesses, redis_url: str, kills: int, calls: int
) -> None:
    done = asyncio.Event()
    making = asyncio.create_task(make_calls(world, redis_url, calls, done=done))
    for _ in range(kills):
        before = await world.postgres.fetchval("select count(*) from postback_log")

        async def it_drains() -> bool:
            more = await world.postgres.fetchval("select count(*) from postback_log") > before  # noqa: B023 - awaited before the next round
            return more or (done.is_set() and await is_drained(world))

        services.start("drain", until_ready=False)
        await eventually(it_drains, 60)
        await asyncio.sleep(random.uniform(0, 0.4))
        services.kill("drain")
    await making
    services.start("drain")
    await eventually(lambda: is_drained(world), 60)
    faults = await find_faults(world, calls)
    print(f"kills={kills} calls={calls} faults={len(faults)}")
    assert faults == []


async def test_nothing_is_double_when_it_dies_between_commit_and_acknowledgement(world: World, redis_url: str) -> None:
    await make_calls(world, redis_url, 200, done=asyncio.Event())
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
    await make_calls(world, redis_url, 50, done=asyncio.Event())
    remove = world.drain_loop._remove

    async def forget(entries: object) -> None:
        world.drain_loop._remove = remove  # type: ignore[method-assign]

    world.drain_loop._remove = forget  # type: ignore[method-assign]
    await world.drain()
    assert "rows in postback_log" in " ".join(await find_faults(world, 50))


async def test_the_check_finds_what_is_missing(world: World, redis_url: str) -> None:
    await make_calls(world, redis_url, 50, done=asyncio.Event())
    await world.store.delete((await world.store.keys("*}s"))[0])
    await world.drain()
    assert await find_faults(world, 50) != []
