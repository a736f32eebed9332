"""The spool: what is queued while the store is away counts once it is back, as if it had come when it came, and once."""

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient

from ingest.app import create_app
from ingest.merger.app import create_app as create_merger
from ingest.merger.settings import MergerSettings
from ingest.settings import IngestSettings
from ingest.spool import SpooledPostback
from shared.embedded import EmbeddedValkey
from shared.settings import StartRefused
from tests.faults.load import eventually
from tests.service_processes import ServiceProcesses
from tests.world import CALLER, DoorServer, World

StartIngest = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
async def start_ingest(world: World, redis_url: str, postgres_url: str, folder: Path) -> AsyncIterator[StartIngest]:
    """Starts ingest in process, with a spool, as the world's; it is stopped when another one starts, and at the end."""
    stores: dict[str, Any] = {"redis_url": redis_url, "postgres_url": postgres_url, "store_timeout_ms": 1000}

    async def stop() -> None:
        if world.ingest is not None:
            await world.ingest.close()

    async def start(**settings: Any) -> TestClient[Any, Any]:
        await stop()
        app = create_app(IngestSettings(**stores | {"spool_dir": str(folder)} | settings))
        world.ingest = TestClient(DoorServer(app))
        await world.ingest.start_server()
        return world.ingest

    world.merger = TestClient(DoorServer(create_merger(MergerSettings(**stores))))
    await world.merger.start_server()
    yield start
    await stop()
    await world.merger.close()


@contextmanager
def away(valkey: EmbeddedValkey) -> Iterator[None]:
    """The store is killed, and back at the end."""
    valkey.kill()
    try:
        yield
    finally:
        valkey.start()


def rows_in(folder: Path) -> int:
    """What is in the files of a spool that nobody has open."""
    rows = 0
    for path in folder.glob("*.sqlite"):
        file = sqlite3.connect(path)
        rows += file.execute("select count(*) from postbacks").fetchone()[0]
        file.close()
    return rows


def change_rows(folder: Path, change: Callable[[SpooledPostback], None]) -> None:
    """Change what is in the file of a spool that nobody has open."""
    file = sqlite3.connect(folder / "001.sqlite")
    for row_id, packed in file.execute("select id, packed from postbacks").fetchall():
        spooled = msgspec.msgpack.decode(packed, type=SpooledPostback)
        change(spooled)
        file.execute("update postbacks set packed = ? where id = ?", (msgspec.msgpack.encode(spooled), row_id))
    file.commit()
    file.close()


async def readiness(world: World) -> tuple[int, dict[str, Any]]:
    async with world.ingest.get("/readyz") as reply:
        return reply.status, await reply.json(content_type=None)


async def noticed(world: World) -> None:
    """Return once ingest has lost the store: until then a postback may be on its way."""

    async def says_so() -> bool:
        return bool((await readiness(world))[1]["servers_away"])

    await eventually(says_so, 20)


async def emptied(world: World) -> None:
    """Return once the spool is empty, and the merger has found the store again."""

    async def is_empty() -> bool:
        _, said = await readiness(world)
        return said["spool"]["rows"] == 0 and not said["servers_away"]

    async def merger_is_ready() -> bool:
        async with world.merger.get("/readyz") as reply:
            return reply.status == 200

    await eventually(is_empty, 20)
    await eventually(merger_is_ready, 20)


async def test_a_postback_is_queued_while_the_store_is_away_and_counts_once_it_is_back(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey
) -> None:
    await start_ingest()
    await world.hit("c1", "+15551230007")
    before = time.time()
    with away(valkey):
        await noticed(world)
        reply = await world.post({"a": "1", "b": "ü"})
        assert (reply["http"], reply["outcome"]) == (202, "queued")
        assert list(reply)[:3] == ["tag_values", "caller_number", "status"]
        assert (reply["tag_values"], reply["caller_number"], reply["status"]) == ({"a": "1", "b": "ü"}, CALLER, "tags queued")
        by_uuid = await world.post({"late": "yes"}, call_uuid="c1")
        assert (by_uuid["http"], by_uuid["call_uuid"]) == (202, "c1")
        assert (await readiness(world))[0] == 200
        after = time.time()
    await emptied(world)
    assert await world.look_up() == {"a": "1", "b": "ü"}
    assert (await world.call("c1"))["tags"] == {"late": "yes"}
    (row,) = await world.log(caller_number=CALLER)
    assert (str(row["id"]), row["outcome"]) == (reply["headers"]["Callstamp-Postback-Id"], "stored")
    assert before - 1 <= row["received_at"].timestamp() <= after + 1
    assert (row["expires_at"] - row["received_at"]).total_seconds() == 172_800
    (row,) = await world.log(caller_number="+15551230007")
    assert (row["outcome"], row["call_uuids"]) == ("stored_for_call", ["c1"])


async def test_what_memory_can_tell_is_refused_and_what_only_the_store_can_tell_isnt_queued(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, folder: Path
) -> None:
    await start_ingest()
    limited = await world.add_key(rate_limit_per_second=1)
    await world.eventually_known(limited)
    key = world.company.key.secret
    with away(valkey):
        await noticed(world)
        for spelt, status, code in (
            ("/data_writing?key=unknown&caller_number=%2B15551230000&a=1", 401, "invalid_postback_key"),
            (f"/data_writing?key={key}&caller_number=12&a=1", 422, "invalid_caller_number"),
            (f"/data_writing?key={key}&caller_number=%2B15551230000", 400, "no_tags"),
        ):
            got, _, body = await world.send("GET", spelt)
            assert (got, body["code"]) == (status, code)
        good = f"/data_writing?key={key}&caller_number=%2B15551230000&a=1"
        assert (await world.send("GET", good, {"Idempotency-Key": "once"}))[0] == 503
        line = json.dumps({"caller_number": CALLER, "tag_values": {"a": "1"}})
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        assert (await world.send("POST", "/v1/postbacks", headers, line))[0] == 503
        statuses = [(await world.post({"a": "1"}, key=limited))["http"] for _ in range(3)]
        assert statuses == [202, 202, 202]  # nobody knows its rate now
        await world.ingest.close()
        assert rows_in(folder) == 3


async def test_without_a_spool_it_is_503(world: World, start_ingest: StartIngest, valkey: EmbeddedValkey) -> None:
    await start_ingest(spool_dir="")
    with away(valkey):
        await eventually(lambda: _isnt_ready(world), 20)
        assert (await world.post({"a": "1"}))["http"] == 503


async def _isnt_ready(world: World) -> bool:
    return (await readiness(world))[0] == 503


async def test_what_was_sent_to_a_frozen_store_is_503_and_what_comes_then_is_queued(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey
) -> None:
    await start_ingest()
    valkey.pause()
    try:
        assert (await world.post({"a": "1"}))["http"] == 503  # it may have happened
        await noticed(world)
        assert (await world.post({"b": "2"}))["http"] == 202
    finally:
        valkey.resume()
    await emptied(world)
    assert (await world.look_up())["b"] == "2"


async def test_an_unsafe_store_is_no_store(world: World, start_ingest: StartIngest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.store.CHECK_SECONDS", 0.05)
    await start_ingest()
    await world.store.config_set("appendfsync", "no")
    try:
        await noticed(world)
        assert (await world.post({"a": "1"}))["http"] == 202
    finally:
        await world.store.config_set("appendfsync", "always")
    await emptied(world)
    assert await world.look_up() == {"a": "1"}


async def test_a_full_backlog_keeps_the_spool_shut(world: World, start_ingest: StartIngest, valkey: EmbeddedValkey) -> None:
    await start_ingest(max_backlog_bytes=1)

    async def is_shut() -> bool:
        return (await world.post({"a": "1"}))["http"] == 503

    await eventually(is_shut, 20)
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "1"}))["http"] == 503
        assert (await readiness(world))[1]["spool"]["rows"] == 0


async def test_an_opaque_key_is_told_no_more_than_ever(world: World, start_ingest: StartIngest, valkey: EmbeddedValkey) -> None:
    await start_ingest()
    opaque = await world.add_key(opaque_status=True)
    await world.eventually_known(opaque)
    with away(valkey):
        await noticed(world)
        reply = await world.post({"a": "1"}, key=opaque)
    assert (reply["http"], reply["status"], reply["outcome"]) == (202, "tags accepted", None)


async def test_a_tag_that_came_directly_wins_over_an_older_one_from_the_spool(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.replay_spool.LOOK_SECONDS", 3600)  # it replays when it starts, and then no more
    await start_ingest()
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "old", "b": "old"}))["http"] == 202
    await eventually(lambda: _is_stored(world, {"a": "new"}), 20)
    await start_ingest()
    await emptied(world)
    assert await world.look_up() == {"a": "new", "b": "old"}


async def _is_stored(world: World, tags: dict[str, str]) -> bool:
    """Whether these tags were taken by the store itself."""
    return (await world.post(tags))["http"] == 200


async def test_expiry_and_cut_off_count_from_when_it_was_received(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, folder: Path
) -> None:
    brief = await world.add_key(storage_duration_seconds=60, end_call_cutoff_seconds=60)
    await start_ingest()
    await world.eventually_known(brief)
    other = "+15551230001"
    await world.hit("ended", other)
    await world.event("ended", "end")
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "1"}, key=brief))["http"] == 202
        assert (await world.post({"a": "1"}, key=brief, caller=other))["http"] == 202
        await world.ingest.close()

        def age(spooled: SpooledPostback) -> None:
            spooled.received_at_ms -= 61_000

        change_rows(folder, age)
    await eventually(lambda: _answers(world), 20)
    await world.age_call("ended", 120_000, other)
    await start_ingest()
    await emptied(world)
    assert await world.look_up() == {}  # its minute was over
    assert (await world.call("ended"))["tags"] == {"a": "1"}  # within a minute of the end, though it gets there after two
    assert [row["outcome"] for row in await world.log(caller_number=other)] == ["applied"]


async def _answers(world: World) -> bool:
    return bool(await world.store.ping())


async def test_a_replay_that_died_halfway_has_one_effect(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, folder: Path, tmp_path: Path
) -> None:
    """What is in the spool was written already, as if the worker had died before it could remove the rows."""
    once = await world.add_key(apply_once=True)
    await start_ingest()
    await world.eventually_known(once)
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "1"}, key=once))["http"] == 202
        assert (await world.post({"a": "1"}, call_uuid="unknown"))["http"] == 202
        await world.ingest.close()
        shutil.copytree(folder, tmp_path / "copy")

    async def replay() -> None:
        await world.ingest.close()
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "copy", folder)
        await start_ingest()
        await emptied(world)

    await replay()
    assert (await world.hit("c1"))["tags"] == {"a": "1"}
    await replay()
    assert (await world.hit("c2"))["tags"] == {}
    rows = await world.log()
    assert sorted((row["outcome"], row["code"]) for row in rows) == [("refused", "call_not_found"), ("stored", None)]

    for marker in await world.store.keys("*}m:*"):
        await world.store.delete(marker)
    await replay()
    assert (await world.hit("c3"))["tags"] == {"a": "1"}  # the check can see a second effect


async def test_a_tag_of_a_key_that_was_paused_meanwhile_still_counts(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey
) -> None:
    await start_ingest()
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "1"}))["http"] == 202
        await world.postgres.execute("update postback_keys set paused = true where id = $1", world.company.key.id)
        await eventually(lambda: _is_refused(world), 20)
    await emptied(world)
    assert (await world.look_up())["a"] == "1"


async def _is_refused(world: World) -> bool:
    return (await world.post({"b": "2"}))["http"] == 401


async def test_a_full_spool_refuses_and_keeps_what_it_has(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey
) -> None:
    await start_ingest(spool_max_bytes=2**16)
    queued: list[str] = []
    with away(valkey):
        await noticed(world)
        for number in range(1000):
            reply = await world.post({"a": "x" * 1000}, caller=f"+1555124{number:04}")
            if reply["http"] != 202:
                break
            queued.append(reply["caller_number"])
        assert (reply["http"], reply["code"], reply["headers"]["Retry-After"]) == (503, "unavailable", "1")
        assert (await readiness(world))[0] == 503
        assert len(queued) > 10
    await emptied(world)
    for caller in queued:
        assert await world.look_up(caller) == {"a": "x" * 1000}
    assert (await readiness(world))[0] == 200


def put_in_the_way(folder: Path) -> None:
    folder.write_text("no folder")


def break_its_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "001.sqlite").write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("spoil", [put_in_the_way, break_its_file])
async def test_a_spool_that_cant_be_used_stops_the_start_with_the_reason(
    services: ServiceProcesses, start_ingest: StartIngest, folder: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(folder)
    with pytest.raises(StartRefused, match="the spool in"):
        await start_ingest()
    process = services.start("ingest", until_ready=False, INGEST_SPOOL_DIR=str(folder))
    assert await asyncio.to_thread(process.process.wait, 20) == 78
    assert "the spool in" in process.log.read_text()


async def test_a_row_that_cant_be_replayed_holds_up_no_other(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, folder: Path
) -> None:
    await start_ingest()
    with away(valkey):
        await noticed(world)
        for caller in ("+15551230001", "+15551230002"):
            assert (await world.post({"a": "1"}, caller=caller))["http"] == 202
        await world.ingest.close()
        file = sqlite3.connect(folder / "001.sqlite")
        file.execute("update postbacks set packed = x'c1' where id = 1")
        file.commit()
        file.close()
    await start_ingest()

    async def is_replayed() -> bool:
        return (await readiness(world))[1]["spool"]["rows"] == 1

    await eventually(is_replayed, 20)
    assert await world.look_up("+15551230002") == {"a": "1"}
    await world.ingest.close()
    assert rows_in(folder) == 1
