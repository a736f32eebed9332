"""What happened reaches PostgreSQL, each entry once, however often it is delivered."""

import asyncio
import json
import time
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY

from ingest.merger.drain import Drain
from ingest.refused_postbacks import SINGLY
from ingest.rooms import REFUSED_POSTBACKS
from tests.conftest import CheckFigure
from tests.waiting import wait_for
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


async def rows(world: World, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await world.postgres.fetch(f"select * from {table} order by 1, 2, 3")]


async def test_a_postback_is_in_the_log_with_all_that_is_known_of_it(world: World) -> None:
    reply = await world.post({"b": "2", "a": "1"})
    (row,) = await world.log()
    assert str(row["id"]) == reply["headers"]["Callstamp-Postback-Id"]
    assert (row["company_id"], row["publisher_id"], row["postback_key_id"]) == (
        world.company.id,
        world.company.publisher_id,
        world.company.key.id,
    )
    assert (row["caller_number"], row["outcome"], row["code"]) == (CALLER, "stored", None)
    assert row["tag_values"] == '{"b":"2","a":"1"}'  # in the order in which they came
    assert str(row["source_ip"]) == "127.0.0.1"
    assert row["expires_at"]


async def test_a_call_is_in_postgres_with_its_tags_and_attribution(world: World) -> None:
    reply = await world.post({"a": "1"})
    await world.hit("c1")
    await world.event("c1", "answer", buyer_id=world.company.buyer_id)
    await world.event("c1", "end", duration_seconds=5)
    await world.drain()
    (call,) = await rows(world, "calls")
    assert (call["call_uuid"], call["caller_number"], call["status"], call["duration_seconds"]) == ("c1", CALLER, "completed", 5)
    assert (call["campaign_id"], call["publisher_id"], call["answered_by"]) == (
        world.company.campaign_id,
        world.company.publisher_id,
        world.company.buyer_id,
    )
    assert json.loads(call["tags"]) == {"a": "1"}
    assert json.loads(call["attribution"])["a"]["postback_id"] == reply["headers"]["Callstamp-Postback-Id"]


async def test_the_log_says_of_a_postback_which_calls_it_reached_at_once_or_by_waiting(world: World) -> None:
    await world.post({"a": "1"})
    await world.drain()
    await world.hit("c1")
    await world.post({"b": "2"})
    await world.hit("c2")
    await world.event("c1", "end")
    waited, direct = await world.log()
    assert sorted(waited["call_uuids"]) == ["c1", "c2"]
    assert sorted(direct["call_uuids"]) == ["c1", "c2"]


async def test_a_late_tag_is_on_the_call_in_postgres(world: World) -> None:
    await world.hit("c1")
    await world.drain()
    await world.event("c1", "end")
    await world.post({"late": "1"})
    await world.drain()
    (call,) = await rows(world, "calls")
    assert json.loads(call["tags"]) == {"late": "1"}


async def test_refused_postbacks_of_known_keys_are_in_the_log(world: World) -> None:
    paused = await world.add_key(paused=True)
    assert (await world.post({"a": "1"}, caller="123"))["code"] == "invalid_caller_number"
    assert (await world.post({}))["code"] == "no_tags"
    assert (await world.post({"a": "\x01"}))["code"] == "invalid_tag"
    assert (await world.post({"a": "1"}, call_uuid="nobody"))["code"] == "call_not_found"
    status, _, _ = await world.send(
        "POST", f"/data_writing?key={world.company.key.secret}", {"Content-Type": "application/json"}, "{"
    )
    assert status == 400
    expected = {"invalid_caller_number", "no_tags", "invalid_tag", "call_not_found", "invalid_body", "invalid_postback_key"}

    async def logged_codes() -> set[str]:
        assert (await world.post({"a": "1"}, key=paused))["code"] == "invalid_postback_key"  # logged once the key is known
        return {row["code"] for row in await world.log(outcome="refused")}

    assert await wait_for(logged_codes, lambda codes: codes >= expected) == expected
    assert await world.log(postback_key_id=paused.id)
    assert (await world.log(code="call_not_found"))[0]["tag_values"] == '{"a":"1"}'


async def test_a_flood_of_equal_refusals_shares_a_row(world: World) -> None:
    refused = world.ingest.app[REFUSED_POSTBACKS]  # type: ignore[index] # a server of ours
    await refused._loop.stop()  # so that all of them are of one flush, however slow the machine is
    for _ in range(60):
        await world.post({})
    await refused._flush()
    rows = await world.log(code="no_tags")
    assert sorted(row["occurrences"] for row in rows) == [1] * SINGLY + [60 - SINGLY]


async def test_postbacks_with_unknown_keys_leave_no_trace(world: World) -> None:
    await world.send("GET", "/data_writing?key=nobody&caller_number=%2B15551230000&a=1")
    assert (await world.post({}))["code"] == "no_tags"  # a later one, of a known key: refusals are logged in their order
    (row,) = await wait_for(world.log)
    assert (row["postback_key_id"], row["code"]) == (world.company.key.id, "no_tags")


async def test_an_entry_delivered_again_changes_nothing(world: World) -> None:
    await world.post({"a": "1"})
    await world.hit("c1")
    await world.event("c1", "end")
    streams = {name: await world.store.dump(name) for name in await world.store.keys("*}s")}
    await world.drain()
    first = [await rows(world, table) for table in ("postback_log", "call_events", "calls")]
    for name, content in streams.items():
        await world.store.restore(name, 0, content, replace=True)
    await world.drain()
    assert [await rows(world, table) for table in ("postback_log", "call_events", "calls")] == first


async def test_an_older_state_of_a_call_never_overwrites_a_newer_one(world: World) -> None:
    await world.hit("c1")
    (name,) = await world.store.keys("*}k:*")
    older = await world.store.dump(name)
    await world.event("c1", "end")
    await world.drain()
    await world.store.restore(name, 0, older, replace=True)
    await world.post({"a": "1"})
    await world.drain()
    (call,) = await rows(world, "calls")
    assert call["status"] == "completed"


async def test_two_drains_at_once_write_each_entry_once(world: World, redis_url: str, postgres_url: str) -> None:
    for number in range(200):
        await world.post({"n": str(number)}, caller=f"+1555129{number:04}")
    second, connection = Drain(redis_url, postgres_url), await asyncpg.connect(postgres_url)
    await asyncio.gather(world.drain_loop.drain_once(world.postgres), second.drain_once(connection))
    await connection.close()
    await second.stop()
    assert len(await world.log()) == 200


async def test_a_poison_entry_is_set_aside_and_counted_and_blocks_nothing(world: World, subtests: pytest.Subtests) -> None:
    for poison in (b"", b"\xc1", b"\x93\xa1p\x01\x02", b"\x97\xa1p" + b"\xc0" * 6):
        with subtests.test(poison=poison):
            await world.postgres.execute("truncate postback_log, set_aside")
            await world.post({"a": "1"})
            (stream,) = await world.store.keys("*}s")
            await world.store.xadd(stream, {"e": poison})
            await world.post({"a": "2"})
            before = REGISTRY.get_sample_value("callstamp_drain_set_aside_total") or 0
            assert len(await world.log()) == 2
            (row,) = await rows(world, "set_aside")
            assert (row["payload"], row["stream"]) == (poison, stream.decode())
            assert REGISTRY.get_sample_value("callstamp_drain_set_aside_total") == before + 1
            assert await world.store.xlen(stream) == 0


async def test_a_row_that_postgres_refuses_is_set_aside_alone(world: World) -> None:
    await world.postgres.execute("alter table postback_log add constraint picky check (caller_number <> '+15551290003')")
    for number in range(8):
        await world.post({"a": "1"}, caller=f"+1555129000{number}")
    assert len(await world.log()) == 7
    (row,) = await rows(world, "set_aside")
    assert row["stream"] == "postback_log"
    assert "+15551290003" in row["payload"].decode()


async def test_a_day_without_its_partition_lands_in_the_rest(world: World) -> None:
    await world.postgres.execute(
        "drop table "
        + ", ".join(
            row["name"]
            for row in await world.postgres.fetch("select relname as name from pg_class where relname ~ '^postback_log_2[0-9]+$'")
        )
    )
    await world.post({"a": "1"})
    assert len(await world.log()) == 1


async def test_the_loop_brings_a_postback_over_within_a_second(
    world: World, redis_url: str, postgres_url: str, check_figure: CheckFigure
) -> None:
    drain = Drain(redis_url, postgres_url)
    await drain.start()
    try:

        async def missing() -> str | None:
            return drain.missing()

        await wait_for(missing, None)  # what is done once: to connect, to lock, to make partitions
        await world.post({"a": "1"})
        began = time.monotonic()
        await wait_for(lambda: world.postgres.fetchval("select count(*) from postback_log"), 1, "rows in the postback log")
        check_figure("a postback is in PostgreSQL after, in s", time.monotonic() - began, at_most=1)
    finally:
        await drain.stop()
