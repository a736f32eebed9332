"""Rates: exact where they are low, leased where they are high, for a key and for a company, with a Retry-After that is true."""

import asyncio
from math import ceil
from typing import Any

import pytest

from ingest.errors import RateLimited
from ingest.rates import Rates
from ingest.redis_keys import company_rate_key, rate_key
from ingest.store import Store
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Unavailable
from tests.integration.buckets import age_bucket, freeze_bucket, read_bucket
from tests.waiting import wait_for
from tests.world import Key, World

pytestmark = pytest.mark.on_cluster


def limited(rate: int | None, company_rate: int | None = None, key_id: int = 9) -> PostbackKeyRow:
    """A key as ingest keeps it."""
    return PostbackKeyRow(
        key_id, 1, 1, 3, "US", 0, 0, False, False, False, False, [], rate_limit=rate, company_rate_limit=company_rate
    )


async def limited_key(world: World, rate: int = 5) -> Key:
    key = await world.add_key(rate_limit_per_second=rate)
    await world.eventually_known(key)
    return key


# --- through the door


async def test_a_key_sends_a_seconds_worth_at_once_and_then_waits(world: World) -> None:
    key = await limited_key(world, 3)
    reply = await world.post({"a": "1"}, key=key)
    assert (reply["http"], reply["outcome"]) == (200, "stored")
    assert reply["headers"]["RateLimit-Policy"] == '"key";q=3;w=1'
    assert reply["headers"]["RateLimit"] == '"key";r=2;t=1'
    await freeze_bucket(world.store, rate_key(key.id), 3)
    reply = await world.post({"a": "2"}, key=key)
    assert (reply["http"], reply["code"], reply["headers"]["Retry-After"]) == (429, "rate_limited", "1")
    assert reply["headers"]["RateLimit-Policy"] == '"key";q=3;w=1'
    assert reply["headers"]["RateLimit"] == '"key";r=0;t=1'
    assert reply["outcome"] == "refused"
    assert await world.look_up() == {"a": "1"}


async def test_after_retry_after_the_same_request_is_admitted(world: World, subtests: pytest.Subtests) -> None:
    for rate, level in ((1, 1), (1, 0.5), (3, 2.5), (2, 7), (5, 31), (7, 12_345)):
        with subtests.test(rate=rate, level=level):
            key = await limited_key(world, rate)
            await freeze_bucket(world.store, rate_key(key.id), level)
            reply = await world.post({"a": "1"}, key=key)
            assert reply["http"] == 429
            seconds = int(reply["headers"]["Retry-After"])
            assert seconds == ceil((level + 1 - rate) / rate)
            if seconds > 1:  # the control: a second sooner it isn't
                await freeze_bucket(world.store, rate_key(key.id), level - rate * (seconds - 1))
                assert (await world.post({"a": "1"}, key=key))["http"] == 429
            await freeze_bucket(world.store, rate_key(key.id), max(0, level - rate * seconds))
            assert (await world.post({"a": "1"}, key=key))["http"] == 200


async def test_what_is_refused_takes_nothing(world: World) -> None:
    """Over the rate, or wrong in itself: what can't be stored isn't counted either."""
    key = await limited_key(world)
    await freeze_bucket(world.store, rate_key(key.id), 500.5)  # once it leaks, it is gone after 100 seconds
    before = await read_bucket(world.store, rate_key(key.id))
    for tags, caller, code in (({"a": "1"}, "nobody", "invalid_caller_number"), ({"a": "\0"}, "+15551230000", "invalid_tag")):
        assert (await world.post(tags, caller, key))["code"] == code
        assert await read_bucket(world.store, rate_key(key.id)) == before
    assert (await world.post({"a": "1"}, key=key))["code"] == "rate_limited"
    held = await read_bucket(world.store, rate_key(key.id))
    assert held is not None
    assert held[0] == 500.5


async def test_refused_ones_are_in_the_postback_log(world: World) -> None:
    key = await limited_key(world)
    await freeze_bucket(world.store, rate_key(key.id), 5)
    await world.post({"a": "1"}, key=key)
    rows = await wait_for(lambda: world.log(postback_key_id=key.id, code="rate_limited"))
    assert [(row["outcome"], row["caller_number"], row["code"]) for row in rows] == [("refused", "+15551230000", "rate_limited")]


async def send_many(world: World, key: Key, count: int) -> tuple[int, Any, Any]:
    line = b'{"caller_number":"+15551230000","tag_values":{"a":"1"}}\n'
    headers = {"Authorization": f"Bearer {key.secret}", "Content-Type": "application/x-ndjson"}
    return await world.send("POST", "/v1/postbacks", headers, line * count)


async def test_many_in_one_request_count_one_by_one(world: World) -> None:
    key = await limited_key(world, 50)
    status, headers, _ = await send_many(world, key, 20)
    assert (status, headers["RateLimit-Policy"]) == (200, '"key";q=50;w=1')
    assert headers["RateLimit"] == '"key";r=30;t=1'
    await freeze_bucket(world.store, rate_key(key.id), 31)
    status, headers, body = await send_many(world, key, 20)
    assert (status, body["code"], headers["Retry-After"]) == (429, "rate_limited", "1")
    assert headers["RateLimit"] == '"key";r=19;t=1'
    rows = await wait_for(lambda: world.log(postback_key_id=key.id, code="rate_limited"))
    assert [(row["outcome"], row["caller_number"], row["tag_values"]) for row in rows] == [("refused", None, "{}")]


async def test_more_than_a_seconds_worth_in_one_request_is_taken_at_once(world: World) -> None:
    key = await limited_key(world, 10)
    status, headers, _ = await send_many(world, key, 100)
    assert (status, headers["RateLimit"]) == (200, '"key";r=0;t=10')
    assert (await send_many(world, key, 1))[0] == 429


async def test_the_companys_rate_bounds_all_its_keys_and_tells_nobody_what_others_send(world: World) -> None:
    other = await world.add_key(publisher_id=await world.add_publisher())
    await world.eventually_known(other)
    await world.postgres.execute("update companies set rate_limit_per_second = 2")
    reply = await wait_for(lambda: world.post({"a": "1"}), lambda reply: "RateLimit-Policy" in reply["headers"])
    assert reply["headers"]["RateLimit-Policy"] == '"company";q=2;w=1'
    assert "RateLimit" not in reply["headers"]
    for key in (world.company.key, other):
        await freeze_bucket(world.store, company_rate_key(world.company.id), 2)
        reply = await world.post({"a": "1"}, key=key)
        assert (reply["http"], reply["headers"]["Retry-After"]) == (429, "1")
        assert reply["headers"]["RateLimit"] == '"company";r=0;t=1'


async def test_a_key_without_a_limit_leaves_no_trace_of_rates(world: World) -> None:
    reply = await world.post({"a": "1"})
    assert not [name for name in reply["headers"] if name.startswith("RateLimit")]
    assert await world.store.keys("{r:*") == []


async def test_a_page_may_read_how_long_to_wait(world: World) -> None:
    key = await limited_key(world)
    await freeze_bucket(world.store, rate_key(key.id), 5)
    path = f"/data_writing?key={key.secret}&caller_number=%2B15551230000&a=1"
    status, headers, _ = await world.send("GET", path, {"Origin": "https://page.example"})
    assert (status, headers["Access-Control-Allow-Origin"]) == (429, "*")
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)


# --- both limits, and more than a second's worth


async def test_when_the_company_refuses_the_key_keeps_what_it_had(world: World, rate_store: Store) -> None:
    rates, key = Rates(rate_store), limited(5, 3)
    await freeze_bucket(world.store, company_rate_key(1), 3)
    with pytest.raises(RateLimited) as refused:
        await rates.take(key)
    assert await read_bucket(world.store, rate_key(9)) is None
    assert refused.value.headers["RateLimit-Policy"] == '"key";q=5;w=1, "company";q=3;w=1'
    assert refused.value.headers["RateLimit"] == '"key";r=5;t=1, "company";r=0;t=1'


async def test_when_the_key_refuses_the_company_isnt_asked(world: World, rate_store: Store) -> None:
    await freeze_bucket(world.store, rate_key(9), 5)
    with pytest.raises(RateLimited):
        await Rates(rate_store).take(limited(5, 3))
    assert await read_bucket(world.store, company_rate_key(1)) is None


@pytest.mark.parametrize("rate", [5, 1000])
async def test_more_than_a_seconds_worth_goes_in_when_the_bucket_is_empty_and_is_paid_for_afterwards(
    world: World, rate_store: Store, rate: int
) -> None:
    rates, key = Rates(rate_store), limited(rate)
    left = await rates.take(key, rate * 10)
    assert left["RateLimit"] == '"key";r=0;t=10'
    await freeze_bucket(world.store, rate_key(9), rate * 10)
    with pytest.raises(RateLimited) as refused:
        await rates.take(key, rate * 10)
    assert refused.value.retry_after_seconds == 10
    await freeze_bucket(world.store, rate_key(9), 0)
    await wait_for(lambda: is_admitted(rates, key, rate * 10))  # a worker that was refused waits a few milliseconds to ask again


async def is_admitted(rates: Rates, key: PostbackKeyRow, items: int) -> bool:
    try:
        await rates.take(key, items)
    except RateLimited:
        return False
    return True


async def test_a_clock_that_stepped_back_locks_nobody_out(world: World, rate_store: Store) -> None:
    """What was noted an hour from now leaks from now on."""
    await freeze_bucket(world.store, rate_key(9), 500)  # full for 100 seconds: once it leaks, it is gone when it is empty
    _, _, wait = await rate_store.run("take_rate", rate_key(9), 5, 1, 1)
    assert wait == 99_200_000
    await age_bucket(world.store, rate_key(9), wait)
    taken, _, _ = await rate_store.run("take_rate", rate_key(9), 5, 1, 1)
    assert taken == 1


async def test_who_has_no_limit_is_told_of_none(world: World, rate_store: Store) -> None:
    assert await Rates(rate_store).take(limited(None), 10_000) == {}
    assert await world.store.keys("{r:*") == []


async def test_while_the_store_is_away_nobody_is_admitted() -> None:
    with pytest.raises(Unavailable):
        await Rates(Store("unix:///nowhere.sock", timeout_seconds=1)).take(limited(5))


# --- leases


async def test_a_high_rate_is_leased_so_that_most_requests_need_no_trip(world: World, rate_store: Store) -> None:
    key, kept = limited(1000), False
    while not kept:  # it expires in a second, and a machine may stand still for one
        rates = Rates(rate_store)
        await rates.take(key)
        kept = await world.store.persist(rate_key(9))
    before = await read_bucket(world.store, rate_key(9))
    assert before is not None
    assert before[0] == 20
    for _ in range(19):
        await rates.take(key)
    assert await read_bucket(world.store, rate_key(9)) == before
    await rates.take(key)
    assert await read_bucket(world.store, rate_key(9)) != before


async def test_a_changed_rate_counts_at_once_and_forgets_what_was_leased(world: World, rate_store: Store) -> None:
    rates = Rates(rate_store)
    await rates.take(limited(1000))
    await freeze_bucket(world.store, rate_key(9), 200)
    with pytest.raises(RateLimited):
        await rates.take(limited(200))


async def admitted_by(workers: list[Rates], keys: list[PostbackKeyRow]) -> int:
    """How many items workers admit that are flooded until all of them refuse, which a machine slower than the rate never does."""

    async def flood(rates: Rates, key: PostbackKeyRow) -> int:
        for admitted in range(1000):
            try:
                await rates.take(key)
            except RateLimited:
                return admitted
        return 1000

    posters = [flood(rates, key) for rates, key in zip(workers, keys, strict=True) for _ in range(4)]
    return sum(await asyncio.gather(*posters))


async def store_seconds(world: World) -> float:
    seconds, microseconds = await world.store.time()
    return int(seconds) + int(microseconds) / 1e6


async def test_several_workers_together_keep_the_rate_within_a_tenth(world: World, rate_store: Store) -> None:
    started = await store_seconds(world)
    admitted = await admitted_by([Rates(rate_store) for _ in range(3)], [limited(1000)] * 3)
    elapsed = await store_seconds(world) - started
    assert 900 <= admitted <= 1000 * (1 + elapsed)


async def test_the_check_of_workers_sees_some_who_dont_share(world: World, rate_store: Store) -> None:
    started = await store_seconds(world)
    admitted = await admitted_by([Rates(rate_store) for _ in range(3)], [limited(1000, key_id=number) for number in (1, 2, 3)])
    elapsed = await store_seconds(world) - started
    assert admitted >= 3 * 900
    assert admitted > 1000 * (1 + elapsed) or elapsed > 1


@pytest.mark.parametrize("rate", [7, 1000])
async def test_a_hundred_at_once_get_exactly_what_there_is(world: World, rate_store: Store, rate: int) -> None:
    """Of a frozen bucket with room for five."""
    rates, key = Rates(rate_store), limited(rate)
    await freeze_bucket(world.store, rate_key(9), rate - 5)
    started = await store_seconds(world)
    outcomes = await asyncio.gather(*(rates.take(key) for _ in range(100)), return_exceptions=True)
    leaked = ceil((await store_seconds(world) - started) * rate)  # what was put in has unfrozen it
    refused = [outcome for outcome in outcomes if isinstance(outcome, RateLimited)]
    assert 5 <= len(outcomes) - len(refused) <= 5 + leaked
