"""The replay of the spool: in its place by time, under the rules of then, and once."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ingest.spool import SpooledPostback
from shared.embedded import EmbeddedValkey
from tests.faults.spooling import StartIngest, away, change_rows, emptied, merger_is_back, noticed, readiness, rows_in
from tests.waiting import wait_for
from tests.world import World


async def test_a_tag_that_came_directly_wins_over_an_older_one_from_the_spool(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.replay_spool.LOOK_SECONDS", 3600)  # it replays when it starts, and then no more
    await start_ingest()
    with away(valkey):
        await noticed(world)
        assert (await world.post({"a": "old", "b": "old"}))["http"] == 202
    await wait_for(lambda: _status_of(world, {"a": "new"}), 200)
    await start_ingest()
    await emptied(world)
    assert await world.look_up() == {"a": "new", "b": "old"}


async def _status_of(world: World, tags: dict[str, str]) -> Any:
    """Posts these tags and returns the status: 200 if the store has them, 202 if they are in the spool."""
    return (await world.post(tags))["http"]


async def test_expiry_and_cut_off_count_from_when_it_was_received(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, spool_folder: Path
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
            spooled.received_at_ms -= 100_000

        change_rows(spool_folder, age)
    assert await world.store.ping()
    await world.age_call("ended", 120_000, other)
    await start_ingest()
    await emptied(world)
    assert await world.look_up() == {}  # its minute was over
    assert (await world.call("ended"))["tags"] == {"a": "1"}  # within a minute of the end, though it gets there after two
    assert [row["outcome"] for row in await world.log(caller_number=other)] == ["applied"]


async def test_a_replay_that_died_halfway_has_one_effect(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, spool_folder: Path, tmp_path: Path
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
        shutil.copytree(spool_folder, tmp_path / "copy")

    async def replay() -> None:
        await world.ingest.close()
        shutil.rmtree(spool_folder)
        shutil.copytree(tmp_path / "copy", spool_folder)
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
        await wait_for(lambda: _status_of(world, {"b": "2"}), 401)
    await emptied(world)
    assert (await world.look_up())["a"] == "1"


async def test_a_row_that_cant_be_replayed_holds_up_no_other(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, spool_folder: Path
) -> None:
    await start_ingest()
    with away(valkey):
        await noticed(world)
        for caller in ("+15551230001", "+15551230002"):
            assert (await world.post({"a": "1"}, caller=caller))["http"] == 202
        await world.ingest.close()
        file = sqlite3.connect(spool_folder / "001.sqlite")
        file.execute("update postbacks set packed = x'c1' where id = 1")
        file.commit()
        file.close()
    await start_ingest()

    async def rows() -> Any:
        return (await readiness(world))[1]["spool"]["rows"]

    await wait_for(rows, 1, "rows in the spool")
    await merger_is_back(world)
    assert await world.look_up("+15551230002") == {"a": "1"}
    await world.ingest.close()
    assert rows_in(spool_folder) == 1
