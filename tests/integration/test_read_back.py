"""What a publisher sees and takes back of what it has waiting: its own, nobody else's."""

import json
from typing import Any

import pytest

from ingest.redis_keys import rate_key
from tests.integration.buckets import freeze_bucket
from tests.world import CALLER, Key, World

pytestmark = pytest.mark.on_cluster


async def reading_key(world: World, publisher_id: int | None = None, **options: Any) -> Key:
    key = await world.add_key(publisher_id=publisher_id, allow_read_back=True, **options)
    await world.eventually_known(key)
    return key


async def ask(world: World, method: str, key: Key, number: str = "%2B15551230000") -> tuple[int, Any, Any]:
    return await world.send(method, f"/v1/callers/{number}", {"Authorization": f"Bearer {key.secret}"})


async def test_a_publisher_sees_what_it_has_waiting_with_its_expiry(world: World) -> None:
    key = await reading_key(world)
    posted = await world.post({"b": "1", "a": "ü"})  # by another key of the same publisher
    await world.post({"c": "3"}, key=key)
    status, headers, body = await ask(world, "GET", key)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert list(body) == ["caller_number", "tag_values", "tags"]
    assert body["caller_number"] == CALLER
    assert list(body["tag_values"].items()) == [("b", "1"), ("a", "ü"), ("c", "3")]
    assert body["tags"].keys() == body["tag_values"].keys()
    assert body["tags"]["a"] == {
        "value": "ü",
        "expires_at": posted["headers"]["Callstamp-Expires-At"],
        "posted_at": body["tags"]["a"]["posted_at"],
        "postback_key_id": world.company.key.id,
        "postback_id": posted["headers"]["Callstamp-Postback-Id"],
    }
    assert body["tags"]["c"]["postback_key_id"] == key.id


async def test_another_publishers_tags_are_neither_seen_nor_cancelled(world: World) -> None:
    key, other = await reading_key(world), await reading_key(world, await world.add_publisher())
    await world.post({"a": "mine", "b": "mine"}, key=key)
    await world.post({"b": "theirs", "c": "theirs"}, key=other)
    assert (await ask(world, "GET", key))[2]["tag_values"] == {"a": "mine", "b": "mine"}
    assert (await ask(world, "GET", other))[2]["tag_values"] == {"b": "theirs", "c": "theirs"}
    assert (await ask(world, "DELETE", key))[2] == {"caller_number": CALLER, "cancelled": 2}
    assert (await ask(world, "GET", key))[2]["tag_values"] == {}
    assert (await ask(world, "GET", other))[2]["tag_values"] == {"b": "theirs", "c": "theirs"}
    assert await world.look_up() == {"b": "theirs", "c": "theirs"}


async def test_another_company_sees_nothing(world: World) -> None:
    company = await world.add_company(number="+18005550199")
    key = await reading_key(world)
    stranger = await world.add_key(company.id, company.publisher_id, allow_read_back=True)
    await world.eventually_known(stranger)
    await world.post({"a": "1"}, key=key)
    assert (await ask(world, "GET", stranger))[2]["tag_values"] == {}
    assert (await ask(world, "DELETE", stranger))[2]["cancelled"] == 0
    assert await world.look_up() == {"a": "1"}


async def test_cancelling_again_is_as_good_as_once(world: World) -> None:
    key = await reading_key(world)
    await world.post({"a": "1"}, key=key)
    assert [(await ask(world, "DELETE", key))[2]["cancelled"] for _ in range(3)] == [1, 0, 0]
    assert await world.store.keys("*w:*") == []
    await world.post({"a": "2"}, key=key)
    assert await world.look_up() == {"a": "2"}


async def test_a_call_keeps_what_it_has(world: World) -> None:
    key = await reading_key(world)
    await world.post({"a": "1"}, key=key)
    await world.hit("c1")
    assert (await ask(world, "DELETE", key))[2]["cancelled"] == 1
    assert (await world.call("c1"))["tags"] == {"a": "1"}
    assert await world.look_up() == {}


async def test_what_has_expired_is_neither_shown_nor_counted(world: World) -> None:
    key = await reading_key(world, storage_duration_seconds=60)
    await world.post({"a": "1"}, key=key)
    await world.post({"b": "1"})
    await world.age_waiting(60_000)
    assert (await ask(world, "GET", key))[2]["tag_values"] == {"b": "1"}
    assert (await ask(world, "DELETE", key))[2]["cancelled"] == 1


async def test_a_number_is_spelt_as_on_posting(world: World, subtests: pytest.Subtests) -> None:
    key = await reading_key(world)
    for number in ("+15551230000", "%2B15551230000", "%2015551230000", "(555)%20123-0000", "15551230000"):
        with subtests.test(number):
            await world.post({"a": "1"}, key=key)
            status, _, body = await ask(world, "GET", key, number)
            assert (status, body["caller_number"], body["tag_values"]) == (200, CALLER, {"a": "1"})
            assert (await ask(world, "DELETE", key, number))[2]["cancelled"] == 1


async def test_what_is_no_number_is_refused(world: World, subtests: pytest.Subtests) -> None:
    key = await reading_key(world)
    for number in ("anonymous", "123", "%00", "%ff", "%2B1555123000x", "%2B1555%2F1230000"):
        for method in ("GET", "DELETE"):
            with subtests.test(f"{method} {number}"):
                status, _, body = await ask(world, method, key, number)
                assert (status, body["code"]) == (422, "invalid_caller_number")


async def test_a_key_that_may_not_read_back_is_told_so(world: World) -> None:
    await world.post({"a": "1"})
    for method in ("GET", "DELETE"):
        status, _, body = await ask(world, method, world.company.key)
        assert (status, body["code"]) == (403, "read_back_not_allowed")
    assert await world.look_up() == {"a": "1"}


async def test_unknown_and_missing_keys_meet_the_same_refusal(world: World) -> None:
    answers = [
        await world.send("GET", f"/v1/callers/%2B15551230000{query}", headers)
        for query, headers in (("", {}), ("?key=unknown", {}), ("", {"Authorization": "Bearer unknown"}))
    ]
    assert {status for status, _, _ in answers} == {401}
    assert len({json.dumps(body) for _, _, body in answers}) == 1


async def test_the_key_may_stand_in_the_query_and_networks_hold(world: World) -> None:
    key = await reading_key(world)
    assert (await world.send("GET", f"/v1/callers/%2B15551230000?key={key.secret}"))[0] == 200
    away = await reading_key(world, allowed_networks=["203.0.113.0/24"])
    assert (await ask(world, "GET", away))[2]["code"] == "source_not_allowed"


async def test_reading_counts_as_one(world: World) -> None:
    key = await reading_key(world, rate_limit_per_second=3)
    _, headers, _ = await ask(world, "GET", key)
    assert headers["RateLimit"] == '"key";r=2;t=1'
    for method in ("GET", "DELETE"):
        await freeze_bucket(world.store, rate_key(key.id), 3)
        status, headers, body = await ask(world, method, key)
        assert (status, body["code"], headers["Retry-After"]) == (429, "rate_limited", "1")


async def test_other_methods_are_refused(world: World, subtests: pytest.Subtests) -> None:
    key = await reading_key(world)
    for method in ("HEAD", "PUT", "POST", "PATCH", "OPTIONS"):
        with subtests.test(method):
            status, headers, _ = await ask(world, method, key)
            assert (status, headers["Allow"]) == (405, "DELETE, GET")


async def test_it_can_be_taken_back_while_the_store_is_full(world: World) -> None:
    key, other = await reading_key(world, rate_limit_per_second=5), await reading_key(world, await world.add_publisher())
    await world.post({"a": "1"}, key=key)
    await world.post({"b": "1"}, key=other)
    await world.store.config_set("maxmemory", "1")
    try:
        assert (await world.post({"c": "1"}, key=other))["http"] == 503
        assert (await ask(world, "GET", key))[2]["tag_values"] == {"a": "1"}
        assert (await ask(world, "DELETE", key))[2]["cancelled"] == 1
    finally:
        await world.store.config_set("maxmemory", "0")
    assert await world.look_up() == {"b": "1"}


async def test_a_cancellation_leaves_a_line_without_the_number(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = await reading_key(world)
    await ask(world, "DELETE", key)
    assert "waiting_tags_cancelled" not in capsys.readouterr().out
    await world.post({"a": "1"}, key=key)
    await ask(world, "DELETE", key)
    printed = capsys.readouterr().out
    assert "waiting_tags_cancelled" in printed
    assert CALLER.removeprefix("+") not in printed
