"""What is different on a cluster: who has a key, who is away, and slots that move."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.durability import Durability
from ingest.merger.call_store import CallStore
from ingest.merger.outgoing_streams import OutgoingStreams
from ingest.read_postback import Postback
from ingest.redis_keys import ALL_PARTITIONS, partition_of, stream_key
from ingest.store import Store, pack_function_call
from ingest.tag_buffer import TagBuffer
from schemas.call import read_tags
from schemas.kept_rows import PostbackKeyRow
from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from shared.errors import Unavailable
from shared.redis_cluster import RedisCluster, slot_of
from shared.redis_connection import Moving, pack_args
from tests import cluster_moves
from tests.waiting import wait_for

CALLER = "+15551230000"
PARTITION = partition_of(1, CALLER)
SLOT = slot_of(PARTITION)
KEY = PostbackKeyRow(1, 1, 1, 1, "US", 60_000, 60_000, False, False, False, False, [])


@pytest.fixture
async def open_store(cluster: EmbeddedValkeyCluster) -> AsyncIterator[Callable[..., Any]]:
    """Opens stores on the emptied cluster, with options of Store; they are closed at the end."""
    cluster.flush()
    stores = []

    async def open_one(url: str = cluster.url, **options: Any) -> Store:
        stores.append(store := Store(url, **{"timeout_seconds": 30} | options))
        await store.start()
        return store

    yield open_one
    for store in stores:
        await store.stop()
    for server in cluster.servers:  # a move that a test gave up half way is none of the next one's business
        if server.ask("ROLE")[0] == b"master":
            for slot in (SLOT, slot_of(b"{keyring}")):
                server.ask("CLUSTER", "SETSLOT", slot, "STABLE")


async def post(store: Store, **tags: str) -> None:
    await TagBuffer(store).write(KEY, Postback(tags, CALLER), None)


async def waiting(store: Store) -> dict[str, str]:
    return {tag.name: tag.value for tag in await CallStore(store, 60).look_up(1, CALLER)}


def test_slots_are_counted_as_the_server_counts_them(cluster: EmbeddedValkeyCluster) -> None:
    keys = [*ALL_PARTITIONS, b"{keyring}:campaigns", b"foo{}{bar}", b"foo{{bar}}zap", b"no tag", b"{open", b"\xff{\x00}\xfe"]
    for key in keys:
        assert cluster.servers[0].ask("CLUSTER", "KEYSLOT", key) == slot_of(key)


async def test_every_partition_answers_though_the_map_is_wrong(open_store: Callable[..., Any]) -> None:
    store = await open_store()
    links: RedisCluster = store._writes
    links._slots[:] = [next(iter(links.links()))] * len(links._slots)
    assert await asyncio.gather(*(store.run("expire", partition, 20) for partition in ALL_PARTITIONS)) == [0] * 256
    assert len({links.at(partition).name for partition in ALL_PARTITIONS}) == 3


async def test_scripts_that_are_lost_are_loaded_again_on_each_server(open_store: Callable[..., Any], cluster: Any) -> None:
    store = await open_store()
    for server in cluster.primaries():
        server.ask("FUNCTION", "FLUSH")
    await asyncio.gather(*(store.run("expire", partition, 20) for partition in ALL_PARTITIONS))
    for server in cluster.primaries():
        assert len(server.ask("FUNCTION", "LIST")) == 1


async def test_one_server_of_a_cluster_isnt_taken_for_all_of_it(open_store: Callable[..., Any], cluster: Any) -> None:
    store = await open_store(f"redis://{cluster.primaries()[0].address}")
    away = next(each for each in ALL_PARTITIONS if cluster_moves.owner_of(cluster, each) is not cluster.primaries()[0])
    with pytest.raises(Unavailable) as refusal:
        await store.run("expire", away, 20)
    assert "redis+cluster://" in str(refusal.value.__cause__)


async def test_a_server_that_is_weakened_loses_its_partitions_alone(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.store.CHECK_SECONDS", 0.05)
    store = await open_store()
    weak = cluster_moves.owner_of(cluster, PARTITION)

    async def servers_away() -> list[str]:
        return list(store.describe()["servers_away"])

    weak.ask("CONFIG", "SET", "appendfsync", "everysec")
    try:
        await wait_for(servers_away, [weak.address])
        with pytest.raises(Unavailable):
            await post(store, a="1")
        others = [each for each in ALL_PARTITIONS if store._writes.at(each).name != weak.address][:3]
        assert [await store.run("expire", partition, 20) for partition in others] == [0] * 3
        assert store.describe() == {"durability": "durable", "servers_away": [weak.address]}
        assert store.missing() is None
    finally:
        weak.ask("CONFIG", "SET", "appendfsync", "always")
    await wait_for(servers_away, [])
    await post(store, a="1")


async def test_a_cluster_with_a_weak_server_is_refused_at_start(tmp_path: Path) -> None:
    with EmbeddedValkeyCluster(tmp_path, primaries=1, replicas=0, config={"appendfsync": "everysec"}) as cluster:
        store = Store(cluster.url, timeout_seconds=30)
        with pytest.raises(Exception, match="appendfsync"):
            await store.start()
        store = Store(cluster.url, timeout_seconds=30, durability=Durability.FAST)
        await store.start()
        await post(store, a="1")
        await store.stop()


async def test_a_slot_that_moves_key_by_key_is_refused_until_it_is_there(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster
) -> None:
    store = await open_store()
    await post(store, a="1")
    source = cluster_moves.owner_of(cluster, PARTITION)
    target = next(server for server in cluster.primaries() if server is not source)
    cluster_moves.begin_move(SLOT, source, target)
    for attempt in range(2):
        with pytest.raises(Unavailable):
            await post(store, b=str(attempt))
        cluster_moves.move_keys(SLOT, source, target)
    cluster_moves.end_move(SLOT, source, target)
    await wait_for(lambda: accepts(store))
    assert await waiting(store) == {"a": "1", "b": "2"}


async def accepts(store: Store) -> bool:
    try:
        await post(store, b="2")
    except Unavailable:
        return False
    return True


async def test_a_script_that_goes_ahead_of_its_keys_finds_them_missing(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster
) -> None:
    store = await open_store()
    await post(store, a="1")
    source = cluster_moves.owner_of(cluster, PARTITION)
    target = next(server for server in cluster.primaries() if server is not source)
    cluster_moves.begin_move(SLOT, source, target)
    command = pack_function_call("look_up", PARTITION, 2) + pack_args(1, CALLER)
    assert read_tags(await store._writes.follow(Moving(f"ASK {SLOT} {target.address}"), command)) == []  # and yet one waits
    cluster_moves.move_keys(SLOT, source, target)
    cluster_moves.end_move(SLOT, source, target)
    await wait_for(lambda: accepts(store))
    assert await waiting(store) == {"a": "1", "b": "2"}


async def test_streams_and_calls_are_found_while_their_slot_moves(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster
) -> None:
    store = await open_store()
    await post(store, a="1")
    source = cluster_moves.owner_of(cluster, PARTITION)
    target = next(server for server in cluster.primaries() if server is not source)
    streams = OutgoingStreams(cluster.url, timeout_seconds=30)
    cluster_moves.begin_move(SLOT, source, target)
    before = await streams.read()
    cluster_moves.move_keys(SLOT, source, target)
    assert before.keys() == {stream_key(PARTITION)}
    assert await streams.read() == before  # it has gone ahead of its slot
    await streams.remove(before)
    assert await streams.read() == {}
    cluster_moves.end_move(SLOT, source, target)
    await streams.stop()


async def test_in_replicated_a_write_is_acknowledged_once_a_replica_has_it(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster
) -> None:
    store = await open_store(durability=Durability.REPLICATED)
    await asyncio.gather(*(post(store, **{f"a{number}": "1"}) for number in range(200)))
    assert len(await waiting(store)) == 200
    primary = cluster_moves.owner_of(cluster, PARTITION)
    acknowledged = int(primary.ask("ROLE")[2][0][2])
    assert int(primary.ask("ROLE")[1]) - acknowledged < 2000  # bytes: of pings, not of postbacks
    assert store.describe()["durability"] == "replicated"


async def test_in_replicated_what_no_replica_has_isnt_acknowledged_and_looking_goes_on(
    open_store: Callable[..., Any], cluster: EmbeddedValkeyCluster
) -> None:
    store = await open_store(durability=Durability.REPLICATED, replicas=2, timeout_seconds=1)  # each primary has one
    with pytest.raises(Unavailable):
        await post(store, a="1")
    assert await waiting(store) == {"a": "1"}  # it was written, and is safe to repeat
    durable = await open_store()
    await post(durable, a="2")
    assert await waiting(durable) == {"a": "2"}
