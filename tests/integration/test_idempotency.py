"""A repeat with the same Idempotency-Key has the effect of one, gets the first answer, and the log says so."""

import asyncio
from typing import Any

import pytest

from ingest.redis_keys import idempotency_key
from ingest.store import Store
from shared.errors import Unavailable
from tests.integration.test_bulk import caller, items, send
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


async def post_once(world: World, name: str, tags: dict[str, str], caller_number: str = CALLER) -> tuple[int, Any, Any]:
    """A single postback with an Idempotency-Key."""
    parameters = {"key": world.company.key.secret, "caller_number": caller_number, **tags}
    async with world.ingest.get("/data_writing", params=parameters, headers={"Idempotency-Key": name}) as reply:
        return reply.status, reply.headers, await reply.json(content_type=None)


async def test_a_repeated_postback_has_the_effect_of_one(world: World) -> None:
    first = await post_once(world, "order-1", {"sale": "yes"})
    await world.hit("call-1")
    again = await post_once(world, "order-1", {"sale": "yes"})
    assert (first[0], again[0]) == (200, 200)
    assert first[2] == again[2]
    assert first[2]["status"] == "call not found, tags stored"
    assert again[1]["Callstamp-Postback-Id"] == first[1]["Callstamp-Postback-Id"]
    assert again[1]["Callstamp-Expires-At"] == first[1]["Callstamp-Expires-At"]
    assert (first[1].get("Callstamp-Replayed"), again[1].get("Callstamp-Replayed")) == (None, "true")
    (row,) = await world.log()
    assert (str(row["id"]), row["replayed"], row["outcome"]) == (first[1]["Callstamp-Postback-Id"], True, "stored")


async def test_without_the_key_a_repeat_is_a_postback_of_its_own(world: World) -> None:
    """The control: what the key keeps from happening does happen without it."""
    await world.post({"sale": "yes"})
    await world.hit("call-1")
    assert (await world.post({"sale": "yes"}))["outcome"] == "stored_for_call"
    assert [row["replayed"] for row in await world.log()] == [False, False]


async def test_a_repeat_does_not_bring_back_what_one_call_took(world: World) -> None:
    world.company.key = await world.add_key(apply_once=True)
    await world.eventually_known(world.company.key)
    await world.drain()
    await post_once(world, "order-1", {"sale": "yes"}, caller(1))
    assert (await world.hit("call-1", caller(1)))["tags"] == {"sale": "yes"}
    await post_once(world, "order-1", {"sale": "yes"}, caller(1))
    assert await world.look_up(caller(1)) == {}


async def test_another_request_under_the_same_key_is_a_mismatch(world: World) -> None:
    await post_once(world, "order-1", {"sale": "yes"})
    status, _, body = await post_once(world, "order-1", {"sale": "no"})
    assert (status, body["code"]) == (422, "idempotency_mismatch")
    assert await world.look_up() == {"sale": "yes"}
    await send(world, items(2), Idempotency_Key="bulk-1")
    status, _, body = await send(world, items(3), Idempotency_Key="bulk-1")
    assert (status, body["code"]) == (422, "idempotency_mismatch")


async def test_keys_of_two_postback_keys_are_apart(world: World) -> None:
    await post_once(world, "order-1", {"sale": "yes"})
    world.company.key = await world.add_key()
    await world.eventually_known(world.company.key)
    status, headers, _ = await post_once(world, "order-1", {"sale": "other"})
    assert (status, headers.get("Callstamp-Replayed")) == (200, None)


async def test_a_request_that_is_being_worked_on_is_in_flight(world: World) -> None:
    await send(world, items(2), Idempotency_Key="bulk-1")
    record = idempotency_key(world.company.key.id, "bulk-1")
    await world.store.hdel(record, "answer")
    await world.store.hset(record, "lease", 10**15)  # as while another attempt works on it
    status, headers, body = await send(world, items(2), Idempotency_Key="bulk-1")
    assert (status, body["code"]) == (409, "idempotency_in_flight")
    assert int(headers["Retry-After"]) >= 1
    await world.store.hset(record, "lease", 1)  # that attempt died long ago
    status, _, body = await send(world, items(2), Idempotency_Key="bulk-1")
    assert (status, body["outcomes"]) == (200, {"stored": 2})


async def test_a_key_is_printable_and_short(world: World, subtests: pytest.Subtests) -> None:
    for name in ("", "ü", "x" * 256, "a b"):
        with subtests.test(name[:10]):
            status, _, body = await send(world, items(1), Idempotency_Key=name)
            assert (status, body["code"]) == (400, "bad_request")


async def test_a_refused_postback_is_not_remembered(world: World) -> None:
    """4xx means not applied: the same request may succeed later."""

    async def by_uuid() -> int:
        parameters = {"key": world.company.key.secret, "call_uuid": "call-1", "a": "1"}
        async with world.ingest.get("/data_writing", params=parameters, headers={"Idempotency-Key": "one"}) as reply:
            return reply.status

    assert await by_uuid() == 404
    await world.hit("call-1")
    assert await by_uuid() == 200
    assert (await world.call("call-1"))["tags"] == {"a": "1"}


async def test_a_repeated_bulk_has_the_effect_of_one(world: World) -> None:
    sent = [*items(300), {"caller_number": "nobody", "tag_values": {"a": "1"}}]
    first = await send(world, sent, path="/v1/postbacks?results=all", Idempotency_Key="bulk-1")
    await world.hit("call-1", caller(7))
    again = await send(world, sent, path="/v1/postbacks?results=all", Idempotency_Key="bulk-1")
    assert first[2] == again[2]
    assert again[1]["Callstamp-Replayed"] == "true"
    assert [line["outcome"] for line in again[2]] == ["stored"] * 300 + ["refused"]
    log = await world.log(outcome="stored")
    assert len(log) == 300
    assert {row["replayed"] for row in log} == {True}


async def test_a_repeat_after_a_break_finishes_what_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store goes away in the middle of a bulk: 503, and its repeat writes the rest, doubles nothing, and gets a whole answer."""
    sent = items(400)
    run_packed, left = Store.run_packed, [2]

    async def break_off(store: Store, key: bytes, command: bytes, **more: Any) -> Any:
        answer = await run_packed(store, key, command, **more)
        if b"write_many" in command:
            left[0] -= 1
            if left[0] < 0:
                raise Unavailable  # written, and its answer lost
        return answer

    monkeypatch.setattr(Store, "run_packed", break_off)
    status, _, body = await send(world, sent, Idempotency_Key="bulk-1")
    assert (status, body["code"]) == (503, "unavailable")
    monkeypatch.undo()

    before = {row["id"]: row["received_at"] for row in await world.log()}
    assert 0 < len(before) < 400
    status, headers, body = await send(world, sent, Idempotency_Key="bulk-1")
    assert (status, body["outcomes"], headers.get("Callstamp-Replayed")) == (200, {"stored": 400}, None)
    log = await world.log()
    assert len(log) == len({row["caller_number"] for row in log}) == 400
    assert {row["id"] for row in log if row["replayed"]} == set(before)


async def test_a_hundred_repeats_at_once_have_the_effect_of_one(world: World) -> None:
    replies = await asyncio.gather(*(post_once(world, "order-1", {"sale": "yes"}) for _ in range(100)))
    assert {status for status, _, _ in replies} <= {200, 409}
    assert len({headers["Callstamp-Postback-Id"] for status, headers, _ in replies if status == 200}) == 1
    assert len(await world.log(outcome="stored")) == 1


async def test_what_is_remembered_is_forgotten_after_a_day(world: World) -> None:
    await send(world, items(40), Idempotency_Key="bulk-1")
    kept = [key async for key in world.store.scan_iter("*}m:*")] + [key async for key in world.store.scan_iter("{i:*")]
    assert len(kept) >= 3
    assert all([86_000_000 < await world.store.pttl(key) <= 86_400_000 for key in kept])
