"""Hits, routing decisions, answers and ends, twice and in any order."""

import time

import pytest

from tests.waiting import wait_for
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


async def test_a_hit_makes_the_call_of_the_dialed_number(world: World) -> None:
    await world.post({"prequalified": "true"})
    status, call = await world.engine(
        "POST", "/v1/calls", {"call_uuid": "c1", "caller_number": CALLER, "dialed_number": world.company.number}
    )
    assert status == 201
    assert list(call) == ["call_uuid", "caller_number", "campaign_id", "publisher_id", "status", "tags", "attribution"]
    assert call["campaign_id"] == world.company.campaign_id
    assert call["publisher_id"] == world.company.publisher_id
    assert call["status"] == "in_progress"
    assert call["tags"] == {"prequalified": "true"}


async def test_the_same_hit_again_is_the_same_call(world: World) -> None:
    said = {"call_uuid": "c1", "caller_number": CALLER, "dialed_number": world.company.number}
    first_status, first = await world.engine("POST", "/v1/calls", said)
    again_status, again = await world.engine("POST", "/v1/calls", said)
    assert (first_status, again_status) == (201, 200)
    assert first == again


async def test_a_hit_without_a_uuid_gets_one(world: World) -> None:
    status, call = await world.engine("POST", "/v1/calls", {"caller_number": CALLER})
    assert status == 201
    assert (await world.call(call["call_uuid"]))["caller_number"] == CALLER


async def test_a_hit_may_name_its_campaign(world: World) -> None:
    call = await world.hit("c1", dialed_number=None, campaign_id=world.company.campaign_id)
    assert (call["campaign_id"], call["publisher_id"]) == (world.company.campaign_id, None)


async def test_a_hit_may_come_as_a_form(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
    form = {
        "call_uuid": "c1",
        "caller_number": CALLER,
        "dialed_number": world.company.number,
        "started_at": "2026-11-21T10:00:00Z",
    }
    async with world.merger.post("/v1/calls", data=form, headers=headers) as reply:
        assert reply.status == 201
    assert (await world.call("c1"))["started_at"] == "2026-11-21T10:00:00.000Z"


async def test_a_call_is_never_refused(world: World) -> None:
    for number, spelling in enumerate(("anonymous", "", None, "12", "tel:+1", ["x"], {"a": 1})):
        call = await world.hit(f"c{number}", caller=spelling)  # type: ignore[arg-type]
        assert call["caller_number"] is None
        assert call["tags"] == {}
    call = await world.hit("c8", dialed_number="+18005559999")
    assert (call["campaign_id"], call["publisher_id"]) == (None, None)
    other = await world.add_company(number="+18005550111")
    await world.engine_key_known(other.engine_key)  # and with it the company's numbers and campaigns
    call = await world.hit("c9", dialed_number=other.number, campaign_id=other.campaign_id, started_at="yesterday", made_up=1)
    assert (call["campaign_id"], call["publisher_id"]) == (None, None)


async def test_withheld_callers_share_nothing(world: World) -> None:
    await world.hit("c1", caller="anonymous")
    await world.hit("c2", caller="anonymous")
    await world.post({"a": "1"}, call_uuid="c1")
    assert (await world.call("c2"))["tags"] == {}


async def test_the_same_uuid_for_another_caller_is_refused(world: World) -> None:
    await world.hit("c1")
    status, body = await world.engine("POST", "/v1/calls", {"call_uuid": "c1", "caller_number": "+15551239999"})
    assert (status, body["code"]) == (409, "call_mismatch")
    other = await world.add_company()
    await world.engine_key_known(other.engine_key)
    status, body = await world.engine(
        "POST", "/v1/calls", {"call_uuid": "c1", "caller_number": "+15551239999"}, key=other.engine_key
    )
    assert status == 201  # another company's uuid is another call


async def test_a_malformed_uuid_is_refused(world: World) -> None:
    status, body = await world.engine("POST", "/v1/calls", {"call_uuid": "a b", "caller_number": CALLER})
    assert (status, body["code"], body["field"]) == (422, "invalid_field", "call_uuid")


async def test_a_route_answers_the_tags_of_this_moment(world: World) -> None:
    await world.hit("c1")
    await world.post({"a": "1"})
    call = await world.event("c1", "route", buyer_id=world.company.buyer_id)
    assert call["tags"] == {"a": "1"}
    assert (await world.call("c1"))["routed_to"] == world.company.buyer_id


async def test_an_end_completes_the_call(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "answer", buyer_id=world.company.buyer_id)
    end = await world.event(
        "c1",
        "end",
        ended_at="2026-11-21T10:00:00Z",
        duration_seconds=61,
        disposition="answered",
        recording_url="https://recordings.example/1.wav",
        revenue_cents=2000,
        payout_cents=900,
    )
    assert end["status"] == "completed"
    call = await world.call("c1")
    assert call["engine_ended_at"] == "2026-11-21T10:00:00.000Z"
    assert call["ended_at"] > call["engine_ended_at"]  # the store's time counts
    assert call["answered_by"] == world.company.buyer_id
    assert (call["duration_seconds"], call["disposition"]) == (61, "answered")
    assert (call["revenue_cents"], call["payout_cents"]) == (2000, 900)


async def test_an_answered_call_earns_the_buyers_price_and_costs_the_campaigns_payout(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "answer", buyer_id=world.company.buyer_id)
    await world.event("c1", "end", duration_seconds=61)
    call = await world.call("c1")
    assert (call["revenue_cents"], call["payout_cents"]) == (1500, 700)
    await world.event("c1", "end", revenue_cents=5)
    assert (await world.call("c1"))["revenue_cents"] == 5


async def test_another_buyer_comes_with_its_own_price_or_none(world: World) -> None:
    second = await world.postgres.fetchval(
        "insert into buyers (company_id, name) values ($1, 'No price') returning id", world.company.id
    )
    await world.hit("c1")
    await world.event("c1", "answer", buyer_id=world.company.buyer_id)

    async def status_of_an_end_by_the_second() -> int:
        return (await world.engine("POST", "/v1/calls/c1/end", {"answered_by": second}))[0]

    await wait_for(status_of_an_end_by_the_second, 200)  # 404 until the merger knows the buyer
    call = await world.call("c1")
    assert (call["answered_by"], call["revenue_cents"], call["payout_cents"]) == (second, None, 700)


async def test_an_answer_that_comes_after_the_end_earns_all_the_same(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end", disposition="answered")
    await world.event("c1", "answer", buyer_id=world.company.buyer_id)
    call = await world.call("c1")
    assert (call["answered_by"], call["revenue_cents"], call["payout_cents"]) == (world.company.buyer_id, 1500, 700)
    await world.event("c2", "end", disposition="answered")
    await world.event("c2", "answer", buyer_id=world.company.buyer_id)
    await world.hit("c2", caller="+15551230002")
    call = await world.call("c2")
    assert (call["answered_by"], call["revenue_cents"], call["payout_cents"]) == (world.company.buyer_id, 1500, 700)


async def test_an_unanswered_call_earns_nothing(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end", disposition="busy")
    call = await world.call("c1")
    assert (call["revenue_cents"], call["payout_cents"]) == (None, None)


async def test_later_ends_fill_in_and_restart_nothing(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end", duration_seconds=10)
    await world.age_call("c1", 3_599_000)
    ended_at = (await world.call("c1"))["ended_at"]
    await world.event("c1", "end", duration_seconds=12, recording_url="https://recordings.example/1.wav")
    call = await world.call("c1")
    assert call["ended_at"] == ended_at
    assert (call["duration_seconds"], call["recording_url"]) == (12, "https://recordings.example/1.wav")
    await world.age_call("c1", 2_000)
    assert (await world.post({"a": "1"}))["outcome"] == "stored"  # the cut-off still runs from the first end


async def test_events_of_an_unknown_call_wait_for_its_hit(world: World) -> None:
    await world.post({"a": "1"})
    assert await world.event("c1", "route", buyer_id=world.company.buyer_id) == {"call_uuid": "c1", "status": "parked"}
    assert await world.event("c1", "answer", buyer_id=world.company.buyer_id) == {"call_uuid": "c1", "status": "parked"}
    assert await world.event("c1", "end", duration_seconds=61) == {"call_uuid": "c1", "status": "parked"}
    hit = await world.hit("c1")
    assert hit["status"] == "completed"
    assert hit["tags"] == {"a": "1"}
    call = await world.call("c1")
    assert (call["answered_by"], call["duration_seconds"]) == (world.company.buyer_id, 61)
    assert (await world.post({"late": "1"}))["outcome"] == "applied"
    await world.drain()
    kinds = [row["kind"] for row in await world.postgres.fetch("select kind from call_events order by revision")]
    assert kinds == ["hit", "route", "answer", "end"]
    assert not [key async for key in world.store.scan_iter("*}e:*")]  # nothing stays parked


async def test_a_parked_event_is_kept_for_an_hour(world: World) -> None:
    began = time.monotonic()
    await world.event("c1", "end")
    (parked,) = [key async for key in world.store.scan_iter("*}e:*")]
    left_ms = await world.store.pttl(parked)
    passed_ms = 1000 * (time.monotonic() - began) + 1  # the store counts in whole ones
    assert 3_600_000 - passed_ms <= left_ms <= 3_600_000


async def test_an_event_that_finds_no_room_to_wait_is_not_said_to_wait(world: World) -> None:
    for number in range(100):
        assert (await world.event("c1", "end", duration_seconds=number))["status"] == "parked"
    status, body = await world.engine("POST", "/v1/calls/c1/end", {"duration_seconds": 100})
    assert (status, body["code"]) == (503, "unavailable")
    assert (await world.hit("c1"))["status"] == "completed"
    assert (await world.call("c1"))["duration_seconds"] == 99


async def test_events_twice_count_once(world: World) -> None:
    buyer = world.company.buyer_id
    await world.hit("c1")
    for kind, said in (("route", {"buyer_id": buyer}), ("answer", {"buyer_id": buyer}), ("end", {"duration_seconds": 5})):
        first = await world.event("c1", kind, **said)
        before = await world.call("c1")
        assert await world.event("c1", kind, **said) == first
        assert await world.call("c1") == before
    await world.drain()
    kinds = [row["kind"] for row in await world.postgres.fetch("select kind from call_events order by revision")]
    assert kinds == ["hit", "route", "answer", "end"]


async def test_a_hit_or_route_after_the_end_reopens_nothing(world: World) -> None:
    await world.hit("c1")
    await world.event("c1", "end")
    assert (await world.hit("c1"))["status"] == "completed"
    assert (await world.event("c1", "route", buyer_id=world.company.buyer_id))["status"] == "completed"
    assert (await world.event("c1", "answer", buyer_id=world.company.buyer_id))["status"] == "completed"
    assert (await world.post({"a": "1"}))["outcome"] == "applied"


async def test_a_call_that_never_ends_expires_at_its_deadline(world: World) -> None:
    await world.hit("c1")
    await world.age_call("c1", 4 * 3_600_000 + 1000)
    await world.store.zadd((await world.store.keys("*}d"))[0], {f"{world.company.id}:{CALLER}:c1": 1})
    assert (await world.post({"a": "1"}))["outcome"] == "applied"  # its end was its deadline, a second ago
    call = await world.call("c1")
    assert call["status"] == "expired"
    hit_at, ended_at = await world.postgres.fetchrow(
        "select $1::text::timestamptz, $2::text::timestamptz", call["hit_at"], call["ended_at"]
    )
    assert (ended_at - hit_at).total_seconds() == 4 * 3600
    late = await world.event("c1", "end", duration_seconds=99)
    assert late["status"] == "completed"
    call_after = await world.call("c1")
    assert (call_after["duration_seconds"], call_after["ended_at"]) == (99, call["ended_at"])


@pytest.fixture
def frequent_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for calls without an end twenty times as often, for a test of what a sweep does rather than of when it comes."""
    monkeypatch.setattr("ingest.merger.expire_calls.LOOK_SECONDS", 0.05)


@pytest.mark.usefixtures("frequent_sweeps")
async def test_the_sweep_tells_postgres_of_calls_that_never_ended(world: World) -> None:
    for call_uuid, caller in (("c1", CALLER), ("c:2", None)):
        await world.hit(call_uuid, caller=caller)
    for name in await world.store.keys("*}k:*"):
        await world.store.eval(
            "local c = cmsgpack.unpack(redis.call('GET', KEYS[1])) c.deadline = c.deadline - 14400000 "
            "redis.call('SET', KEYS[1], cmsgpack.pack(c))",
            1,
            name,
        )
    for name in await world.store.keys("*}d"):
        for member in await world.store.zrange(name, 0, -1):
            await world.store.zadd(name, {member: 1})
    for name in await world.store.keys("*}c:*"):
        await world.store.eval(
            "local c = cmsgpack.unpack(redis.call('GET', KEYS[1])) c[4][2] = c[4][2] - 14400000 "
            "redis.call('SET', KEYS[1], cmsgpack.pack(c))",
            1,
            name,
        )

    async def expired_calls() -> int:
        await world.drain()
        return int(await world.postgres.fetchval("select count(*) from calls where status = 'expired'"))

    await wait_for(expired_calls, 2)


async def test_a_buyer_of_another_company_is_not_found_and_nothing_changes(world: World) -> None:
    other = await world.add_company(number="+18005550111")
    await world.engine_key_known(other.engine_key)  # and with it the company's buyers
    await world.hit("c1")
    before = await world.call("c1")
    for kind, field in (("route", "buyer_id"), ("answer", "buyer_id"), ("end", "answered_by")):
        for buyer_id in (other.buyer_id, other.buyer_id + 1000):
            status, body = await world.engine("POST", f"/v1/calls/c1/{kind}", {field: buyer_id})
            assert (status, body["code"], body["field"]) == (404, "not_found", field)
    assert await world.call("c1") == before


async def test_a_field_that_cant_be_is_refused_by_name(world: World) -> None:
    await world.hit("c1")
    for said, field in (
        ({"duration_seconds": -1}, "duration_seconds"),
        ({"recording_url": "http://plain.example"}, "recording_url"),
        ({"revenue_cents": 1.5}, "revenue_cents"),
        ({"ended_at": "soon"}, "ended_at"),
        ({"ended_at": "0001-01-01T00:00:00+14:00"}, "ended_at"),
        ({"ended_at": "9999-12-31T23:59:59-14:00"}, "ended_at"),
        ({"disposition": "busy\n"}, "disposition"),
    ):
        status, body = await world.engine("POST", "/v1/calls/c1/end", said)
        assert (status, body["code"], body["field"]) == (422, "invalid_field", field), body
    status, body = await world.engine("POST", "/v1/calls/c1/end", {"duration": 5})
    assert (status, body["code"], body["field"]) == (422, "unknown_field", "duration")


async def test_an_unknown_call_is_not_found(world: World) -> None:
    status, body = await world.engine("GET", "/v1/calls/nobody")
    assert (status, body["code"]) == (404, "call_not_found")


async def test_keys_are_told_apart_by_scope(world: World) -> None:
    key = await world.add_engine_key(world.company.id, scopes=["lookup"])
    await world.engine_key_known(key)
    assert (await world.engine("GET", "/v1/lookup", key=key))[0] == 200
    status, body = await world.engine("POST", "/v1/calls", {"caller_number": CALLER}, key=key)
    assert (status, body["code"]) == (403, "scope_missing")
    async with world.merger.get("/v1/lookup", params={"key": world.company.engine_key.secret, "caller_number": CALLER}) as reply:
        assert reply.status == 200
    async with world.merger.get("/v1/lookup", params={"key": world.company.key.secret}) as reply:
        assert (reply.status, (await reply.json(content_type=None))["code"]) == (401, "invalid_engine_key")
