"""A key with opaque status: whatever becomes of a postback, the publisher reads the same."""

from typing import Any

from tests.waiting import wait_for
from tests.world import Key, World

HOUR = 3_600_000  # milliseconds


async def opaque_key(world: World, **options: Any) -> Key:
    key = await world.add_key(opaque_status=True, **options)
    await world.eventually_known(key)
    return key


def as_read(reply: dict[str, Any]) -> dict[str, Any]:
    """All that a publisher can see of a reply, but for what differs from each to each."""
    same = {"Date", "Callstamp-Postback-Id", "Content-Length"}
    headers = {name: value for name, value in reply["headers"].items() if name not in same}
    return {"status": reply["status"], "http": reply["http"], "headers": headers}


async def every_case(world: World, key: Key) -> list[dict[str, Any]]:
    """The replies to a postback in each case: nothing known, a call, an ended one, one past its cut-off, and by uuid."""
    replies = [await world.post({"a": "1"}, key=key)]
    await world.hit("c1")
    replies += [await world.post({"a": "2"}, key=key), await world.post({"a": "3"}, key=key, call_uuid="c1")]
    await world.event("c1", "end")
    replies += [await world.post({"a": "4"}, key=key), await world.post({"a": "5"}, key=key, call_uuid="c1")]
    await world.age_call("c1", 2 * HOUR)
    replies += [await world.post({"a": "6"}, key=key), await world.post({"a": "7"}, key=key, call_uuid="c1")]
    return [*replies, await world.post({"a": "8"}, key=key, call_uuid="unknown")]


async def test_every_case_reads_the_same(world: World) -> None:
    replies = await every_case(world, await opaque_key(world))
    assert [as_read(reply) for reply in replies] == [as_read(replies[0])] * len(replies)
    assert (replies[0]["http"], replies[0]["status"]) == (200, "tags accepted")
    assert not {"Callstamp-Outcome", "Callstamp-Expires-At"} & set(replies[0]["headers"])


async def test_the_check_sees_a_key_that_tells(world: World) -> None:
    replies = await every_case(world, world.company.key)
    assert len({(reply["status"], reply["outcome"]) for reply in replies}) == 5


async def test_the_tags_go_where_they_would_and_the_log_knows_it(world: World) -> None:
    key = await opaque_key(world)
    replies = await every_case(world, key)
    assert (await world.call("c1"))["tags"]["a"] == "5"
    assert await world.look_up() == {"a": "6"}
    ids = [reply["headers"]["Callstamp-Postback-Id"] for reply in replies]
    # one more was sent to learn that the key is known
    rows = await wait_for(lambda: world.log(postback_key_id=key.id), lambda rows: len(rows) > len(ids))
    logged = {str(row["id"]): (row["outcome"], row["code"]) for row in rows}
    assert [logged[postback_id] for postback_id in ids] == [
        ("stored", None),
        ("stored_for_call", None),
        ("stored_for_call", None),
        ("applied", None),
        ("applied", None),
        ("stored", None),
        ("refused", "call_past_cutoff"),
        ("refused", "call_not_found"),
    ]


async def test_a_repeat_tells_no_more_than_the_first(world: World) -> None:
    """A postback that reaches a call and one that reaches none, each sent twice under an Idempotency-Key; the second call comes later."""
    key = await opaque_key(world)
    await world.hit("c1")

    async def send(call_uuid: str) -> tuple[int, str, str | None, str]:
        path = f"/data_writing?key={key.secret}&call_uuid={call_uuid}&a={call_uuid}"
        status, headers, body = await world.send("GET", path, {"Idempotency-Key": call_uuid})
        return status, body["status"], headers.get("Callstamp-Replayed"), headers["Callstamp-Postback-Id"]

    first = [await send("c1"), await send("c2")]
    await world.hit("c2")
    again = [await send("c1"), await send("c2")]
    assert [reply[:3] for reply in first] == [(200, "tags accepted", None)] * 2
    assert [reply[:3] for reply in again] == [(200, "tags accepted", "true")] * 2
    assert [reply[3] for reply in again] == [reply[3] for reply in first]
    assert ((await world.call("c1"))["tags"], (await world.call("c2"))["tags"]) == ({"a": "c1"}, {})
    rows = await wait_for(lambda: world.log(postback_key_id=key.id, code="call_not_found"))
    assert [str(row["id"]) for row in rows] == [first[1][3]]


async def test_what_the_publisher_did_wrong_it_is_told(world: World) -> None:
    key = await opaque_key(world)
    assert (await world.post({"a": "1"}, "nobody", key))["code"] == "invalid_caller_number"
    assert (await world.post({"a": "\0"}, key=key))["code"] == "invalid_tag"


async def test_tags_that_dont_wait_are_accepted_all_the_same(world: World) -> None:
    key = await opaque_key(world, storage_duration_seconds=0)
    reply = await world.post({"a": "1"}, key=key)
    assert (reply["status"], await world.look_up()) == ("tags accepted", {})
