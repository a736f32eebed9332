"""Each row of the outcome table, by caller number and by call_uuid."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.waiting import wait_for
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


async def test_a_postback_before_the_call_waits(world: World) -> None:
    before = datetime.now(UTC)
    reply = await world.post({"a": "1"})
    after = datetime.now(UTC)
    assert reply["outcome"] == "stored"
    assert reply["status"] == "call not found, tags stored"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply["headers"]["Callstamp-Postback-Id"])
    expires_at = datetime.fromisoformat(reply["headers"]["Callstamp-Expires-At"])
    assert before - timedelta(milliseconds=1) <= expires_at - timedelta(hours=48) <= after  # to the millisecond
    assert await world.look_up() == {"a": "1"}


async def test_a_key_that_stores_nothing_says_so_when_there_is_no_call(world: World) -> None:
    key = await world.add_key(storage_duration_seconds=0)
    await world.eventually_known(key)
    reply = await world.post({"a": "1"}, key=key)
    assert (reply["outcome"], reply["status"]) == ("not_stored", "call not found, tags not stored")
    assert "Callstamp-Expires-At" not in reply["headers"]
    assert await world.look_up() == {}
    assert (await world.log(outcome="not_stored"))[0]["expires_at"] is None


async def test_a_postback_during_a_call_is_on_the_call_and_waits(world: World) -> None:
    await world.hit("c1")
    reply = await world.post({"a": "1"})
    assert (reply["outcome"], reply["status"]) == ("stored_for_call", "in progress call found, tags stored")
    assert "Callstamp-Expires-At" in reply["headers"]
    assert (await world.call("c1"))["tags"] == {"a": "1"}
    assert await world.look_up() == {"a": "1"}


async def test_a_key_that_stores_nothing_writes_on_the_call_in_progress_alone(world: World) -> None:
    key = await world.add_key(storage_duration_seconds=0)
    await world.eventually_known(key)
    await world.hit("c1")
    reply = await world.post({"a": "1"}, key=key)
    assert reply["outcome"] == "stored_for_call"
    assert "Callstamp-Expires-At" not in reply["headers"]
    assert (await world.call("c1"))["tags"] == {"a": "1"}
    assert await world.look_up() == {}


async def test_a_postback_reaches_every_call_in_progress_of_the_caller(world: World) -> None:
    await world.hit("c1")
    await world.hit("c2")
    await world.post({"a": "1"})
    assert (await world.call("c1"))["tags"] == (await world.call("c2"))["tags"] == {"a": "1"}
    (row,) = await world.log()
    assert sorted(row["call_uuids"]) == ["c1", "c2"]


async def test_a_transfer_leg_gets_what_was_posted_during_the_first_leg(world: World) -> None:
    await world.hit("leg-1")
    await world.post({"a": "1"})
    assert (await world.hit("leg-2"))["tags"] == {"a": "1"}


async def test_a_postback_after_the_call_goes_to_that_call_and_not_to_the_next(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    reply = await world.post({"sale": "yes"})
    assert (reply["outcome"], reply["status"]) == ("applied", "completed call found, tags applied")
    assert "Callstamp-Expires-At" not in reply["headers"]
    assert (await world.call("c1"))["tags"] == {"sale": "yes"}
    assert (await world.hit("c2"))["tags"] == {}


async def test_a_key_with_also_store_keeps_late_tags_for_the_next_call_too(world: World) -> None:
    key = await world.add_key(also_store=True)
    await world.eventually_known(key)
    await world.hit("c1")
    await world.event("c1", "end")
    reply = await world.post({"a": "1"}, key=key)
    assert reply["outcome"] == "applied"
    assert "Callstamp-Expires-At" in reply["headers"]
    assert (await world.hit("c2"))["tags"] == {"a": "1"}


async def test_late_tags_go_to_the_call_that_ended_last(world: World) -> None:
    await world.hit("c1")
    await world.hit("c2")
    await world.event("c2", "end")
    await world.event("c1", "end")
    await world.post({"a": "1"})
    assert (await world.call("c1"))["tags"] == {"a": "1"}
    assert (await world.call("c2"))["tags"] == {}


async def store_ms(world: World) -> int:
    """Returns the store's time in whole milliseconds."""
    seconds, microseconds = await world.store.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


async def test_a_hit_that_comes_after_its_end_doesnt_make_it_the_call_that_ended_last(world: World) -> None:
    await world.event("c1", "end")  # waits for its hit
    before = await store_ms(world)
    await wait_for(lambda: store_ms(world), lambda now: now > before, "a later millisecond of the store's clock")
    await world.hit("c2")
    await world.event("c2", "end")
    assert (await world.hit("c1"))["status"] == "completed"
    await world.post({"a": "1"})
    assert (await world.call("c2"))["tags"] == {"a": "1"}
    assert (await world.call("c1"))["tags"] == {}


async def test_a_call_in_progress_counts_before_one_that_ended(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    await world.hit("c2")
    assert (await world.post({"a": "1"}))["outcome"] == "stored_for_call"
    assert (await world.call("c1"))["tags"] == {}


async def test_past_the_cut_off_tags_wait_for_the_next_call(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    await world.age_call("c1", 3_600_000 + 1)
    assert (await world.post({"a": "1"}))["outcome"] == "stored"
    assert (await world.call("c1"))["tags"] == {}


async def test_a_cut_off_of_nought_never_applies(world: World) -> None:
    key = await world.add_key(end_call_cutoff_seconds=0)
    await world.eventually_known(key)
    await world.hit("c1")
    await world.event("c1", "end")
    assert (await world.post({"a": "1"}, key=key))["outcome"] == "stored"
    assert (await world.post({"a": "1"}, caller="", call_uuid="c1", key=key))["code"] == "call_past_cutoff"


async def test_two_keys_with_different_durations_on_one_caller(world: World) -> None:
    short = await world.add_key(storage_duration_seconds=60, end_call_cutoff_seconds=60)
    await world.eventually_known(short)
    await world.post({"short": "1"}, key=short)
    await world.post({"long": "1"})
    await world.age_waiting(61_000)
    assert await world.look_up() == {"long": "1"}
    await world.hit("c1")
    await world.event("c1", "end")
    await world.age_call("c1", 61_000)
    assert (await world.post({"late": "1"}, key=short))["outcome"] == "stored"
    assert (await world.post({"late": "2"}))["outcome"] == "applied"


async def test_by_call_uuid_only_that_call_is_meant(world: World) -> None:
    await world.hit("c1")
    await world.hit("c2")
    reply = await world.post({"a": "1"}, call_uuid="c1")
    assert (reply["outcome"], reply["call_uuid"]) == ("stored_for_call", "c1")
    assert list(reply)[:3] == ["tag_values", "call_uuid", "status"]
    assert (await world.call("c1"))["tags"] == {"a": "1"}
    assert (await world.call("c2"))["tags"] == {}
    assert await world.look_up() == {}  # nothing is stored


async def test_by_call_uuid_a_call_within_its_cut_off_gets_the_tag(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    await world.hit("c2")
    reply = await world.post({"a": "1"}, caller="", call_uuid="c1")
    assert (reply["outcome"], reply["status"]) == ("applied", "completed call found, tags applied")
    assert (await world.call("c1"))["tags"] == {"a": "1"}


async def test_by_call_uuid_a_call_past_its_cut_off_is_refused(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    await world.age_call("c1", 3_600_000 + 1)
    reply = await world.post({"a": "1"}, call_uuid="c1")
    assert (reply["http"], reply["code"]) == (409, "call_past_cutoff")
    assert (await world.call("c1"))["tags"] == {}
    assert await world.look_up() == {}


async def test_by_call_uuid_an_unknown_call_is_refused_and_logged(world: World) -> None:
    reply = await world.post({"a": "1"}, caller="", call_uuid="nobody")
    assert (reply["http"], reply["code"]) == (404, "call_not_found")


async def test_an_empty_call_uuid_counts_as_absent(world: World) -> None:
    assert (await world.post({"a": "1"}, call_uuid=""))["outcome"] == "stored"


async def test_a_call_without_a_caller_number_is_reached_by_its_uuid(world: World) -> None:
    hit = await world.hit("c1", caller="anonymous")
    assert hit["caller_number"] is None
    assert (await world.post({"a": "1"}, call_uuid="c1"))["outcome"] == "stored_for_call"
    await world.event("c1", "end")
    assert (await world.post({"b": "2"}, call_uuid="c1"))["outcome"] == "applied"
    assert (await world.call("c1"))["tags"] == {"a": "1", "b": "2"}


async def test_a_full_caller_is_refused_and_keeps_what_it_has(world: World) -> None:
    for start in range(0, 500, 100):
        assert (await world.post({f"t{n}": "x" for n in range(start, start + 100)}))["outcome"] == "stored"
    reply = await world.post({"one": "more"})
    assert (reply["http"], reply["code"]) == (422, "caller_full")
    assert len(await world.look_up()) == 500
    assert (await world.post({"t0": "changed"}))["outcome"] == "stored"  # a new value of a kept name needs no room
    assert (await world.look_up())["t0"] == "changed"


async def test_a_caller_full_in_bytes_is_refused(world: World) -> None:
    for name in "abcdefghijklmno":
        status, _, _ = await world.send(
            "POST", f"/data_writing/{world.company.key.secret}?caller_number={CALLER[1:]}", {}, f"{name}={'x' * 4096}"
        )
        assert status == 200
    status, _, body = await world.send(
        "POST", f"/data_writing/{world.company.key.secret}?caller_number={CALLER[1:]}", {}, f"p={'x' * 4096}"
    )
    assert (status, body["code"]) == (422, "caller_full")


async def test_a_call_in_progress_takes_no_more_than_a_caller_may_have(world: World) -> None:
    key = await world.add_key(storage_duration_seconds=0)
    await world.eventually_known(key)
    await world.hit("c1")
    for start in range(0, 500, 100):
        await world.post({f"t{n}": "x" for n in range(start, start + 100)}, key=key)
    assert (await world.post({"one": "more"}, key=key))["code"] == "caller_full"
    assert len((await world.call("c1"))["tags"]) == 500


async def test_another_companys_calls_are_out_of_reach(world: World) -> None:
    other = await world.add_company()
    await world.eventually_known(other.key)
    await world.hit("c1")
    assert (await world.post({"a": "1"}, key=other.key))["outcome"] == "stored"
    assert (await world.post({"a": "1"}, call_uuid="c1", key=other.key))["code"] == "call_not_found"
    assert (await world.call("c1"))["tags"] == {}
    assert await world.look_up() == {}
