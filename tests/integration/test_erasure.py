"""A caller is erased everywhere: what waits, calls, logs; what was received before never comes back, and what comes later is new."""

import asyncio
import json

import asyncpg
import pytest

from ingest.merger.drain import Drain
from ingest.merger.drain_rows import Batch, read_batch
from ingest.merger.erased_callers import ErasedCallers
from ingest.merger.write_rows import write_batch
from ingest.redis_keys import call_index_key, partition_of, waiting_key
from ingest.rooms import REFUSED_POSTBACKS
from shared.postgres import ERASURE_LOCK
from tests.integration.admin.locks import wait_until_held_up
from tests.integration.admin.manager import Manager
from tests.integration.erasing import (
    EMAIL,
    OTHER,
    SPELT,
    erase,
    everything_in_postgres,
    everything_in_redis,
    impatient,
    internal,
    leave_traces,
    manager,
)
from tests.world import CALLER, World

__all__ = ["impatient", "internal", "manager"]  # fixtures

pytestmark = pytest.mark.on_cluster


async def test_nothing_is_left_of_an_erased_caller_but_money_and_durations(world: World, manager: Manager) -> None:
    await leave_traces(world, CALLER)
    await world.drain()
    assert EMAIL in await everything_in_postgres(world)
    assert SPELT in await everything_in_postgres(world)  # the control: the search finds what is there
    receipt = await erase(manager)
    await world.drain()
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left
    ended, open_call = await world.postgres.fetch("select * from calls order by call_uuid")
    assert (ended["status"], ended["duration_seconds"], ended["revenue_cents"], ended["answered_by"]) == (
        "completed",
        9,
        1500,
        world.company.buyer_id,
    )
    assert (ended["tags"], ended["attribution"], ended["recording_url"], ended["caller_number"]) == ("{}", "{}", None, None)
    assert open_call["status"] == "in_progress"
    assert receipt["caller_number"] == "+*******0000"
    assert (receipt["waiting_tags"], receipt["calls_in_progress"], receipt["calls"]) == (2, 1, 2)
    assert receipt["postbacks"] >= 3
    assert await world.look_up() == {}


async def test_redis_forgets_the_caller_too(world: World, manager: Manager) -> None:
    await leave_traces(world, CALLER)
    await world.event("open-0000", "end")
    await world.drain()
    held = await everything_in_redis(world)
    assert CALLER.encode() in held  # the control
    await erase(manager)
    await world.drain()
    names = b"\n".join(await world.store.keys("*"))
    assert CALLER.encode() not in names
    index = call_index_key(world.company.id, "ended-0000")
    assert await world.store.get(index) is None
    for key in await world.store.keys("*k:*"):
        assert CALLER.encode() not in await world.store.get(key)
        assert b"tags\x90" in await world.store.get(key)


async def test_calls_that_postgresql_has_not_heard_of_are_forgotten_too(world: World, manager: Manager) -> None:
    """Three calls ended, and none was drained: the store itself knows the last of them by the caller."""
    for number in range(3):
        await world.hit(f"c{number}")
        await world.post({"email": EMAIL})
        await world.event(f"c{number}", "end", duration_seconds=number)
    await erase(manager)
    assert [await world.store.get(call_index_key(world.company.id, f"c{number}")) for number in range(3)] == [None] * 3
    await world.drain()
    rows = await world.postgres.fetch("select * from calls order by call_uuid")
    assert [(row["caller_number"], row["tags"], row["duration_seconds"]) for row in rows] == [(None, "{}", n) for n in range(3)]
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left


async def test_other_callers_and_other_companies_keep_what_they_have(world: World, manager: Manager) -> None:
    other_company = await world.add_company(number="+18005550101")
    await world.eventually_known(other_company.key)
    await leave_traces(world, OTHER)
    await world.post({"email": EMAIL}, CALLER, other_company.key)
    await world.post({"gone": "1"})
    await world.drain()
    before = await world.postgres.fetch("select * from calls order by call_uuid")
    await erase(manager)
    await world.drain()
    assert await world.postgres.fetch("select * from calls order by call_uuid") == before
    assert await world.look_up(OTHER) == {"email": EMAIL, "late": EMAIL}
    assert [
        row["tag_values"] for row in await world.log(company_id=other_company.id, caller_number=CALLER, outcome="stored")
    ] == [f'{{"email":"{EMAIL}"}}']
    assert await world.store.exists(waiting_key(other_company.id, CALLER))


async def test_what_is_posted_after_an_erasure_is_new(world: World, manager: Manager) -> None:
    await world.hit("open")
    await world.post({"old": "1"})
    await erase(manager)
    reply = await world.post({"new": "2"})
    assert reply["outcome"] == "stored_for_call"
    assert (await world.call("open"))["tags"] == {"new": "2"}
    assert await world.look_up() == {"new": "2"}
    await world.event("open", "end", duration_seconds=5)
    assert (await world.post({"late": "3"}))["outcome"] == "applied"  # the call goes on, and so does its cut-off
    await world.drain()
    (call,) = await world.postgres.fetch("select * from calls")
    assert (call["caller_number"], call["duration_seconds"], json.loads(call["tags"])) == (None, 5, {"new": "2", "late": "3"})
    assert [json.loads(row["tag_values"]) for row in await world.log(caller_number=CALLER)] == [{"new": "2"}, {"late": "3"}]


async def test_no_cut_off_leads_to_a_call_that_was_erased(world: World, manager: Manager) -> None:
    await world.hit("ended")
    await world.event("ended", "end")
    assert (await world.post({"a": "1"}))["outcome"] == "applied"  # the control
    await erase(manager)
    assert (await world.post({"a": "2"}))["outcome"] == "stored"
    assert (await world.post({"a": "3"}, call_uuid="ended"))["code"] == "call_not_found"


async def test_erasing_twice_is_safe_and_has_a_receipt_each(world: World, manager: Manager) -> None:
    await leave_traces(world, CALLER)
    await world.drain()
    first, second = await erase(manager), await erase(manager)
    assert second["erased_at"] >= first["erased_at"]
    assert (second["waiting_tags"], second["calls"], second["postbacks"]) == (0, 0, 0)
    file = await manager.get(f"callers/{CALLER}")
    assert [erasure["id"] for erasure in file["erasures"]] == [second["id"], first["id"]]


async def test_the_audit_log_says_who_erased_and_not_whom(world: World, manager: Manager) -> None:
    await erase(manager)
    row = await world.postgres.fetchrow("select * from audit_log where action = 'erased'")
    assert row is not None
    assert (row["object"], row["object_id"]) == ("caller", "+*******0000")
    assert json.loads(row["actor"])["name"] == "the manager"
    assert SPELT not in str(dict(row))


async def test_a_repeat_of_what_was_posted_before_is_not_new(world: World, manager: Manager) -> None:
    """Its sender is told what it was told before; the same tags without the key are a post of their own."""

    async def post(**headers: str) -> str:
        path = f"/data_writing?key={world.company.key.secret}&caller_number={CALLER}&email={EMAIL}"
        status, said, _ = await world.send("GET", path, headers)
        assert status == 200
        return str(said["Callstamp-Outcome"])

    once = {"Idempotency-Key": "order-1"}
    assert await post(**once) == "stored"
    await erase(manager)
    assert await post(**once) == "stored"
    assert await world.look_up() == {}
    await world.drain()
    assert EMAIL not in await everything_in_postgres(world)
    assert await post() == "stored"
    assert await world.look_up() == {"email": EMAIL}


async def test_a_refused_postback_that_ingest_still_has_in_hand_is_written_without_the_caller(
    world: World, manager: Manager
) -> None:
    """Refusals reach the log a moment after their reply; they count from when they came."""
    refused = world.ingest.app[REFUSED_POSTBACKS]  # type: ignore[index] # a server of ours
    await refused._loop.stop()  # the moment lasts until the end of this test
    assert (await world.post({"bad\x01": "1", "email": EMAIL}))["code"] == "invalid_tag"
    assert not await world.log()  # the control: it isn't there yet
    await erase(manager)
    await refused._flush()
    rows = await world.log()
    assert [(row["caller_number"], row["outcome"], row["code"]) for row in rows] == [(None, "refused", "invalid_tag")]


async def test_an_erasure_that_postgresql_cannot_take_now_is_no_receipt_and_may_be_repeated(
    world: World, manager: Manager, impatient: Manager
) -> None:
    await leave_traces(world, CALLER)
    await world.drain()
    async with world.postgres.transaction():
        await world.postgres.execute("select pg_advisory_xact_lock($1)", ERASURE_LOCK)
        assert (await impatient.ask("DELETE", f"callers/{CALLER}")).problem == (503, "unavailable", None)
    assert await world.postgres.fetchval("select count(*) from erasures") == 0
    assert (await erase(manager))["calls"] == 2
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left


# --- the drain


async def read_all(world: World) -> Batch:
    """What the drain has in hand before it writes."""
    batch = read_batch(await world.drain_loop._streams.read())
    calls, _ = await world.drain_loop._streams.read_calls(batch.call_places)
    batch.take_calls(calls)
    return batch


async def test_an_entry_on_its_way_is_written_without_the_caller(world: World, manager: Manager) -> None:
    """The drain has read the entries and the call when the caller is erased, and writes them afterwards."""
    await leave_traces(world, CALLER)
    await world.ingest.post(
        "/v1/postbacks",
        json=[{"caller_number": CALLER, "tag_values": {"email": EMAIL}}],
        headers={"Authorization": f"Bearer {world.company.key.secret}"},
    )
    batch = await read_all(world)
    assert any(EMAIL in str(row) for row in batch.calls)  # the control: it holds the caller
    await erase(manager)
    await write_batch(world.postgres, batch)
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left
    assert await world.postgres.fetchval("select count(*) from postback_log") >= 4  # they are there, and so can't come back
    assert await world.postgres.fetchval("select duration_seconds from calls where call_uuid = $1", "ended-0000") == 9


async def test_the_test_of_entries_on_their_way_sees_a_drain_that_knows_no_erasures(
    world: World, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    await leave_traces(world, CALLER)
    batch = await read_all(world)
    await erase(manager)
    monkeypatch.setattr(ErasedCallers, "blank", lambda *_: None)
    await write_batch(world.postgres, batch)
    assert EMAIL in await everything_in_postgres(world)


async def test_an_erasure_waits_for_the_drain_that_is_writing(world: World, manager: Manager, postgres_url: str) -> None:
    """The drain's transaction is open, with rows in it that the erasure can't see yet."""
    await leave_traces(world, CALLER)
    writer = await asyncpg.connect(postgres_url)
    batch = await read_all(world)
    transaction = writer.transaction()
    await transaction.start()
    await write_batch(writer, batch)
    erasing = asyncio.create_task(erase(manager))
    assert "advisory" in await wait_until_held_up(erasing, world.postgres)
    await transaction.commit()
    await erasing
    await writer.close()
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert SPELT not in left


async def test_an_entry_that_was_set_aside_is_emptied(world: World, manager: Manager) -> None:
    insert = "insert into set_aside (stream, entry_id, payload, reason) values ($1, $2, $3, 'it can''t be read')"
    await world.postgres.execute(insert, "{p001}s", "1-1", b"\x97 " + CALLER.encode() + b" " + EMAIL.encode())
    await world.postgres.execute(insert, "{p001}s", "1-2", b"\x97 " + OTHER.encode())
    assert (await erase(manager))["set_aside"] == 1
    payloads = await world.postgres.fetch("select payload from set_aside order by entry_id")
    assert [row["payload"] for row in payloads] == [b"", b"\x97 " + OTHER.encode()]


async def test_an_entry_that_cannot_be_read_is_set_aside_empty_if_it_names_an_erased_caller(
    world: World, manager: Manager
) -> None:
    await erase(manager)
    partition = partition_of(world.company.id, CALLER)
    await world.store.xadd(partition + b"s", {"e": b"\x97?" + CALLER.encode() + b"1"})
    await world.store.xadd(partition + b"s", {"e": b"\x97?" + OTHER.encode()})
    await world.drain()
    rows = await world.postgres.fetch("select payload from set_aside order by entry_id")
    assert [row["payload"] for row in rows] == [b"", b"\x97?" + OTHER.encode()]


async def test_two_drains_and_an_erasure_at_once_leave_nothing(
    world: World, manager: Manager, redis_url: str, postgres_url: str
) -> None:
    """Whoever comes first."""
    for number in range(30):
        await world.post({"email": f"{number}{EMAIL}"})
    await world.hit("open")
    other = Drain(redis_url, postgres_url)
    connection = await asyncpg.connect(postgres_url)
    await asyncio.gather(erase(manager), world.drain(), other.drain_once(connection))
    await world.drain()
    await connection.close()
    await other.stop()
    assert EMAIL not in await everything_in_postgres(world)
