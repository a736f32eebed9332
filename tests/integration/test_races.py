"""A postback racing a call hit: lost without the script, never with it."""

import asyncio
import itertools
import random

import msgspec
import pytest
import redis.asyncio

from ingest.merger.call_store import CallStore
from ingest.read_postback import Postback
from ingest.redis_keys import waiting_key
from ingest.store import Store
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from tests.waiting import wait_for
from tests.world import World

pytestmark = pytest.mark.on_cluster

RACES = 300


def key(world: World, **options: bool) -> PostbackKeyRow:
    company = world.company
    row = PostbackKeyRow(
        company.key.id, 1, company.id, company.publisher_id, "US", 172_800_000, 3_600_000, False, False, False, False, []
    )
    return msgspec.structs.replace(row, **options)


async def test_without_the_script_a_tag_posted_while_the_call_arrives_is_lost(world: World) -> None:
    """The control: the same race with read-then-write in the client, as one would write it first."""

    async def post(store: redis.asyncio.Redis, caller: str) -> None:
        in_progress = await store.exists(f"naive:call:{caller}")
        if in_progress:
            await store.hset(f"naive:call:{caller}", "tag", "1")
        else:
            await store.set(f"naive:waiting:{caller}", "1")

    async def hit(store: redis.asyncio.Redis, caller: str) -> None:
        waiting = await store.getdel(f"naive:waiting:{caller}")
        await store.hset(f"naive:call:{caller}", mapping={"hit": "1", **({"tag": waiting} if waiting else {})})

    numbers = itertools.count()

    async def is_lost() -> bool:
        caller = str(next(numbers))
        await asyncio.gather(post(world.store, caller), hit(world.store, caller))
        return not await world.store.hexists(f"naive:call:{caller}", "tag")

    await wait_for(is_lost)


async def test_a_tag_posted_while_the_call_arrives_is_on_the_call_or_waits_and_never_both_for_once(
    world: World, redis_url: str
) -> None:
    """apply_once makes 'doubled' visible: the tag must be on exactly one of two calls."""
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    buffer, calls, once = TagBuffer(store), CallStore(store, 14_400), key(world, apply_once=True)
    company_id = world.company.id
    for number in range(RACES):
        caller = f"+1555126{number:04}"
        racers = [buffer.write(once, Postback({"a": "1"}, caller), None), calls.hit(company_id, caller, f"{number}", {})]
        random.shuffle(racers)
        await asyncio.gather(*racers)
        call = await calls.find(company_id, f"{number}")
        waits = bool(await calls.look_up(company_id, caller))
        assert call is not None
        assert bool(call.tags) or waits
        _, next_call = await calls.hit(company_id, caller, f"{number}-next", {})
        assert bool(next_call.tags) == waits
        assert not await calls.look_up(company_id, caller)
    await store.stop()


async def test_events_racing_their_hit_are_never_lost(world: World, redis_url: str) -> None:
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    calls = CallStore(store, 14_400)
    for number in range(RACES):
        caller, call_uuid = f"+1555127{number:04}", f"e{number}"
        racers = [
            calls.hit(world.company.id, caller, call_uuid, {}),
            calls.add_event(world.company.id, call_uuid, "answer", {"answered_by": world.company.buyer_id}),
            calls.add_event(world.company.id, call_uuid, "end", {"duration_seconds": 7}),
        ]
        random.shuffle(racers)
        await asyncio.gather(*racers)
        call = await calls.find(world.company.id, call_uuid)
        assert call is not None
        assert (call.status, call.duration_seconds, call.answered_by) == ("completed", 7, world.company.buyer_id)
    await store.stop()


async def test_postbacks_of_many_publishers_at_once_are_all_kept(world: World, redis_url: str) -> None:
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    buffer, caller = TagBuffer(store), "+15551280000"
    await asyncio.gather(*(buffer.write(key(world), Postback({f"t{n}": "1"}, caller), None) for n in range(200)))
    packed = await world.store.get(waiting_key(world.company.id, caller))
    assert len(await CallStore(store, 14_400).look_up(world.company.id, caller)) == 200
    assert packed
    await store.stop()
