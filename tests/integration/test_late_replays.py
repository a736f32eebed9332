"""A postback that was received before its caller was erased, and comes to the store afterwards: out of a spool."""

from datetime import UTC, datetime

import pytest

from ingest.postback_id import BatchIds
from ingest.read_postback import Postback
from ingest.redis_keys import erased_caller_key, partition_of
from ingest.store import Store
from ingest.tag_buffer import Group, TagBuffer, pack_group_head, pack_tail
from schemas.kept_rows import PostbackKeyRow
from tests.integration.admin.manager import Manager
from tests.integration.erasing import EMAIL, SPELT, erase, everything_in_postgres, internal, manager
from tests.world import CALLER, World

__all__ = ["internal", "manager"]  # fixtures

pytestmark = pytest.mark.on_cluster


async def replay(world: World, received_at_ms: int, redis_url: str) -> str:
    """What the spool does with a postback: the letter of its fate."""
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    try:
        key = PostbackKeyRow(
            id=world.company.key.id,
            version=0,
            company_id=world.company.id,
            publisher_id=world.company.publisher_id,
            region="US",
            storage_ms=172_800_000,
            cutoff_ms=3_600_000,
            apply_once=False,
            also_store=False,
            paused=False,
            revoked=False,
            secrets=[],
        )
        ids, postback, group = BatchIds(), Postback({"email": EMAIL}, CALLER, None), Group()
        tail = pack_tail(key, ids.kept(0), postback.tag_values)
        group.add(0, partition_of(key.company_id, CALLER), CALLER, tail, postback)
        return (await TagBuffer(store).write_many(key, group, pack_group_head(key, None), ids.batch, received_at_ms)).letters
    finally:
        await store.stop()


def in_ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


async def test_a_late_replay_of_what_was_received_up_to_the_instant_stores_nothing(
    world: World, manager: Manager, redis_url: str
) -> None:
    await world.hit("open")
    erased_at = in_ms((await erase(manager))["erased_at"])
    assert await replay(world, erased_at, redis_url) == "n"
    assert await world.look_up() == {}
    assert (await world.call("open"))["tags"] == {}
    await world.drain()
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left


async def test_a_late_replay_of_what_was_received_later_is_new(world: World, manager: Manager, redis_url: str) -> None:
    erased_at = in_ms((await erase(manager))["erased_at"])
    assert await replay(world, erased_at + 1, redis_url) == "s"
    assert await world.look_up() == {"email": EMAIL}
    assert [row["caller_number"] for row in await world.log()] == [CALLER]


async def test_without_the_marker_a_late_replay_would_bring_it_back(world: World, manager: Manager, redis_url: str) -> None:
    """The control of the two before."""
    erased_at = in_ms((await erase(manager))["erased_at"])
    assert await world.store.delete(erased_caller_key(world.company.id, CALLER)) == 1
    assert await replay(world, erased_at, redis_url) == "s"
    assert await world.look_up() == {"email": EMAIL}


async def test_a_replay_older_than_anything_could_wait_has_no_effect(world: World, redis_url: str) -> None:
    """So a marker needn't live for ever."""
    await world.hit("open")
    now = round(datetime.now(UTC).timestamp() * 1000)
    assert await replay(world, now - 98 * 86_400_000, redis_url) == "n"
    assert await replay(world, now - 96 * 86_400_000, redis_url) == "c"
    assert (await world.call("open"))["tags"] == {"email": EMAIL}
