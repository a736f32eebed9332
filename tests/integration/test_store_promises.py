"""A store that would not keep what is acknowledged is refused; one that is full or flushed is survived."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis

from ingest.durability import Durability
from ingest.store import Store, UnsafeStore
from shared.embedded import EmbeddedValkey
from shared.errors import Unavailable
from tests.waiting import wait_for
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


@pytest.mark.parametrize(
    ("weakness", "reason"),
    [
        ({"maxmemory-policy": "allkeys-lru"}, "maxmemory-policy"),
        ({"appendonly": "no"}, "appendonly"),
        ({"appendfsync": "everysec"}, "appendfsync"),
        ({"no-appendfsync-on-rewrite": "yes"}, "no-appendfsync-on-rewrite"),
    ],
)
async def test_an_unsafe_store_is_refused_at_start_with_the_reason(tmp_path: Path, weakness: dict[str, str], reason: str) -> None:
    with EmbeddedValkey(tmp_path / "valkey", config=weakness) as valkey:
        store = Store(valkey.url, timeout_seconds=30)
        with pytest.raises(UnsafeStore, match=reason):
            await store.start()


async def test_a_profile_takes_a_store_as_strict_as_itself_and_no_weaker_one(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey", config={"appendfsync": "everysec"}) as valkey:
        fast = Store(valkey.url, timeout_seconds=30, durability=Durability.FAST)
        await fast.start()
        assert await fast.run("find_caller", b"{p000}", 1, "c1") is None
        await fast.stop()
        with pytest.raises(UnsafeStore, match="appendfsync"):
            await Store(valkey.url, timeout_seconds=30, durability=Durability.REPLICATED).start()
        with redis.Redis.from_url(valkey.url, protocol=2) as client:
            client.config_set("appendfsync", "no")
        with pytest.raises(UnsafeStore, match="always or everysec"):
            await Store(valkey.url, timeout_seconds=30, durability=Durability.FAST).start()


async def test_readyz_says_what_a_200_survives_and_who_is_away(world: World) -> None:
    for client in (world.ingest, world.merger):
        async with client.get("/readyz") as reply:
            said = await reply.json(content_type=None)
        assert said == {"status": "ready", "missing": {}, "durability": "durable", "servers_away": []}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:9", "redis+cluster://127.0.0.1:9", "redis+sentinel://127.0.0.1:9/it"])
async def test_a_store_that_is_away_at_the_start_is_waited_for(url: str) -> None:
    store = Store(url, timeout_seconds=30)
    await store.start()
    assert store.missing() == "the store can't be reached"
    assert len(store.describe()["servers_away"]) == 1
    with pytest.raises(Unavailable):
        await store.run("find_caller", b"{p000}", 1, "c1")
    await store.stop()


async def test_a_store_that_is_weakened_while_it_runs_takes_nothing_more(
    world: World, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.setattr("ingest.store.CHECK_SECONDS", 0.05)
    store = Store(redis_url, timeout_seconds=30)
    await store.start()

    async def missing() -> str | None:
        return store.missing()

    await world.store.config_set("appendfsync", "no")
    try:
        await wait_for(missing, lambda reason: "appendfsync" in str(reason))
        with pytest.raises(Unavailable):
            await store.run("find_caller", b"{p000}", 1, "c1")
    finally:
        await world.store.config_set("appendfsync", "always")
    await wait_for(missing, None)
    await store.stop()


async def test_a_flushed_store_gets_its_scripts_again(world: World) -> None:
    await world.post({"a": "1"})
    await world.store.function_flush()
    assert (await world.post({"b": "2"}))["outcome"] == "stored"
    assert await world.look_up() == {"a": "1", "b": "2"}


@pytest.fixture
async def full_store(world: World) -> AsyncIterator[World]:
    """A store without any memory left."""
    await world.post({"kept": "1"})
    await world.store.config_set("maxmemory", "1")
    yield world
    await world.store.config_set("maxmemory", "0")


async def test_a_full_store_refuses_and_forgets_nothing(full_store: World) -> None:
    world = full_store
    reply = await world.post({"a": "1"}, caller="+15551230001")
    assert (reply["http"], reply["code"], reply["headers"]["Retry-After"]) == (503, "unavailable", "1")
    assert await world.look_up() == {"kept": "1"}  # looking goes on
    await world.store.config_set("maxmemory", "0")
    assert (await world.post({"a": "1"}, caller="+15551230001"))["outcome"] == "stored"


@pytest.mark.one_server("memory is counted in one process")
async def test_what_waits_takes_little_room(world: World) -> None:
    """A hundred callers with three tags each; the log's streams apart, and what doesn't grow with the callers.

    Key by key, as the server's buffers come and go. tests/integration/test_memory_of_callers.py has the figure of all its memory.
    """

    async def used() -> int:
        names = [name for name in await world.store.keys("*") if not name.endswith(b"}s")]
        return sum([int(await world.store.memory_usage(name, samples=0)) for name in names])

    await world.post({"warm": "up"})
    before = await used()
    for number in range(100):
        await world.post({"prequalified": "true", "source": "search", "zip": "94110"}, caller=f"+1555130{number:04}")
    print(f"bytes={(await used() - before) / 100:.0f}")
    assert (await used() - before) / 100 <= 260


async def test_a_key_or_a_full_number_is_in_no_log_line(world: World, capsys: pytest.CaptureFixture[str], caplog: Any) -> None:
    await world.post({"a": "1"})
    await world.post({"a": "\x00"})
    await world.post({"a": "1"}, caller="12")
    await world.send("GET", "/data_writing?key=planted-canary-key&caller_number=%2B15551230000&a=1")
    await world.store.config_set("maxmemory", "1")
    await world.post({"a": "1"}, caller="+15559998877")
    await world.store.config_set("maxmemory", "0")
    async with world.ingest.get("/metrics") as reply:
        metrics = await reply.text()
    printed = capsys.readouterr()
    for secret in (world.company.key.secret, "planted-canary-key", CALLER, "15559998877", world.company.engine_key.secret):
        for place in (metrics, caplog.text, printed.out, printed.err):
            assert secret not in place
    dump = [await world.store.dump(name) for name in await world.store.keys("*")]
    assert not [content for content in dump if content and world.company.key.secret.encode() in content]
