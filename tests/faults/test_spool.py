"""The spool: what is queued while the store is away counts once it is back, as if it had come when it came, and once."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.embedded import EmbeddedValkey
from shared.settings import StartRefused
from tests.faults.spooling import StartIngest, away, emptied, noticed, readiness, rows_in
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import CALLER, World


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
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, spool_folder: Path
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
        assert rows_in(spool_folder) == 3


async def test_without_a_spool_it_is_503(world: World, start_ingest: StartIngest, valkey: EmbeddedValkey) -> None:
    await start_ingest(spool_dir="")
    with away(valkey):
        await wait_for(lambda: readiness(world), lambda found: found[0] == 503)
        assert (await world.post({"a": "1"}))["http"] == 503


async def test_what_was_sent_to_a_frozen_store_is_503_and_what_comes_then_is_queued(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey
) -> None:
    await start_ingest(store_timeout_ms=1000)
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

    async def post() -> Any:
        return (await world.post({"a": "1"}))["http"]

    await wait_for(post, 503)
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
    services: ServiceProcesses, start_ingest: StartIngest, spool_folder: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(spool_folder)
    with pytest.raises(StartRefused, match="the spool in"):
        await start_ingest()
    process = services.start("ingest", until_ready=False, INGEST_SPOOL_DIR=str(spool_folder))
    assert await asyncio.to_thread(process.process.wait, WAIT_SECONDS) == 78
    assert "the spool in" in process.log.read_text()
