"""What publishers and buyers see of the calls, as sentences; random worlds of the same are in test_sight_model.py."""

import base64
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from tests.integration.admin.manager import NOON, JsonObject, Manager, add_call, add_event, add_postback, at
from tests.integration.admin.persons import Person, add_person, permit

A_MICROSECOND = 0.000_001


class Scene:
    """A company with one of each, and somebody who acts as its publisher."""

    def __init__(self, manager: Manager, db: asyncpg.Connection, things: dict[str, JsonObject], person: Person) -> None:
        self.manager, self.db, self.things, self.person = manager, db, things, person
        self.publisher_id, self.buyer_id = things["publisher"]["id"], things["buyer"]["id"]
        self.number = things["number"]["number"]

    async def grant(self, since: datetime, until: datetime | None = None, publisher_id: int | None = None) -> None:
        await self.db.execute(
            """
            insert into number_grants (company_id, publisher_id, number_id, number, granted_at, revoked_at)
            values ($1, $2, $3, $4, $5, $6)
            """,
            self.manager.company_id,
            publisher_id or self.publisher_id,
            self.things["number"]["id"],
            self.number,
            since,
            until,
        )

    async def call(self, call_uuid: str, **fields: Any) -> str:
        return await add_call(
            self.db, self.manager.company_id, call_uuid=call_uuid, **{"dialed_number": self.number, "publisher_id": None} | fields
        )

    async def person_as(self, *, publisher_ids: Any = (), buyer_ids: Any = ()) -> Person:
        return await add_person(
            self.db, self.manager.door, self.manager.company_id, publisher_ids=publisher_ids, buyer_ids=buyer_ids
        )

    async def permit(self, kind: Any, subject_id: int, **settings: Any) -> None:
        await permit(self.db, self.manager.company_id, kind, subject_id, kind, settings)


@pytest.fixture
async def scene(manager: Manager, db: asyncpg.Connection) -> Scene:
    things = await manager.create_one_of_each()
    await db.execute("delete from number_grants")
    person = await add_person(db, manager.door, manager.company_id, publisher_ids=[things["publisher"]["id"]])
    return Scene(manager, db, things, person)


async def seen(person: Person, **query: Any) -> set[str]:
    calls = {call["call_uuid"] for call in await person.walk("calls", **query)}
    for call_uuid in calls:
        assert await person.status("GET", f"calls/{call_uuid}") == 200
    return calls


async def test_a_publisher_sees_the_calls_through_a_number_from_its_grant_on(scene: Scene) -> None:
    await scene.call("before", started_at=at(-A_MICROSECOND))
    await scene.call("at-once", started_at=NOON)
    await scene.call("later", started_at=at(3600))
    await scene.call("elsewhere", dialed_number="+18005559999")
    await scene.call("unknown", dialed_number=None)
    assert await seen(scene.person) == set()
    await scene.grant(NOON)
    assert await seen(scene.person) == {"at-once", "later"}
    assert await scene.person.status("GET", "calls/before") == 404


async def test_a_revoked_grant_shows_its_span_and_a_new_one_begins_another(scene: Scene) -> None:
    await scene.grant(NOON, at(10))
    await scene.grant(at(20))
    for second in (-1, 0, 9.999999, 10, 19, 20, 30):
        await scene.call(f"{second}", started_at=at(second))
    assert await seen(scene.person) == {"0", "9.999999", "20", "30"}


async def test_what_counts_is_when_a_call_started_not_when_it_was_hit(scene: Scene) -> None:
    await scene.grant(NOON, at(10))
    await scene.call("early", started_at=at(-5), hit_at=at(5))
    await scene.call("timely", started_at=at(5), hit_at=at(15))
    assert await seen(scene.person) == {"timely"}


async def test_a_transferred_number_shows_each_publisher_its_own_time(scene: Scene) -> None:
    second = (await scene.manager.create("publishers", name="Second"))["id"]
    await scene.grant(NOON, at(10))
    await scene.grant(at(10), publisher_id=second)
    for when in (5, 10, 15):
        await scene.call(f"{when}", started_at=at(when))
    assert await seen(scene.person) == {"5"}
    assert await seen(await scene.person_as(publisher_ids=[second])) == {"10", "15"}
    assert await seen(await scene.person_as(publisher_ids=[scene.publisher_id, second])) == {"5", "10", "15"}


async def test_a_number_that_belongs_to_a_publisher_but_was_not_granted_shows_nothing(scene: Scene) -> None:
    await scene.call("provisioned", publisher_id=scene.publisher_id)
    assert await seen(scene.person) == set()


async def test_a_buyer_sees_what_it_answered_not_what_went_elsewhere(scene: Scene) -> None:
    other = (await scene.manager.create("buyers", name="Other"))["id"]
    await scene.call("answered", routed_to=scene.buyer_id, answered_by=scene.buyer_id)
    await scene.call("went-elsewhere", routed_to=other, answered_by=other)
    await scene.call("unanswered", routed_to=scene.buyer_id, disposition="no answer")
    await scene.call("live", answered_by=scene.buyer_id, status="in_progress")
    buyer = await scene.person_as(buyer_ids=[scene.buyer_id])
    assert await seen(buyer) == {"answered", "live"}
    await scene.permit("buyer", scene.buyer_id, monitor_live_calls="deny")
    assert await seen(buyer) == {"answered"}
    assert await seen(buyer, status="in_progress") == set()


async def test_who_acts_as_both_sees_the_union_and_each_row_as_far_as_either_may(scene: Scene) -> None:
    await scene.grant(NOON, at(10))
    money = {"revenue_cents": 2500, "payout_cents": 700, "publisher_id": scene.publisher_id}
    await scene.call("through-both", answered_by=scene.buyer_id, hit_at=at(3), **money)
    await scene.call("as-publisher", answered_by=None, hit_at=at(2), **money)
    await scene.call("as-buyer", answered_by=scene.buyer_id, started_at=at(20), hit_at=at(1), **money)
    both = await scene.person_as(publisher_ids=[scene.publisher_id], buyer_ids=[scene.buyer_id])
    shown = {
        call["call_uuid"]: (call["caller_number"], call["revenue_cents"], call["payout_cents"], call["publisher_id"])
        for call in (await both.get("calls"))["items"]
    }
    assert shown == {
        "through-both": ("+12025550100", 2500, 700, scene.publisher_id),
        "as-publisher": ("+*******0100", None, 700, scene.publisher_id),
        "as-buyer": ("+12025550100", 2500, None, None),
    }
    assert await seen(both, caller_number="+12025550100") == {"through-both", "as-buyer"}
    assert await seen(both, publisher_id=scene.publisher_id) == {"through-both", "as-publisher"}


async def test_a_filter_is_no_way_to_learn_what_is_hidden(scene: Scene) -> None:
    await scene.grant(NOON)
    other = (await scene.manager.create("publishers", name="Other"))["id"]
    await scene.call("one", tags={"zip": "10001"}, answered_by=scene.buyer_id, publisher_id=other)
    ask = scene.person.ask
    assert (await ask("GET", "calls", caller_number="+12025550100")).problem == (403, "field_hidden", "caller_number")
    assert (await ask("GET", "calls", answered_by=scene.buyer_id)).problem == (403, "field_hidden", "answered_by")
    assert (await ask("GET", "calls", tag_name="zip")).problem == (403, "field_hidden", "tag_name")
    assert (await ask("GET", "calls", tag_value="10001")).problem == (403, "field_hidden", "tag_value")
    assert (await ask("GET", "calls", publisher_id=other)).problem == (404, "not_found", "publisher_id")
    assert await seen(scene.person, publisher_id=scene.publisher_id) == set()
    await scene.permit("publisher", scene.publisher_id, tag_names=["zip"], view_buyer="allow", view_caller_number="full")
    assert await seen(scene.person, tag_name="zip", tag_value="10001", answered_by=scene.buyer_id) == {"one"}


@pytest.mark.parametrize("most_streams", [0, 200])
@pytest.mark.parametrize("most_tagged", [0, 2000])
async def test_each_way_of_finding_calls_finds_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, most_streams: int, most_tagged: int
) -> None:
    """Rare tags are found by an index, others by walking; few spans are merged, many walked through."""
    monkeypatch.setattr("admin.store.calls.MOST_STREAMS", most_streams)
    monkeypatch.setattr("admin.store.calls.MOST_TAGGED", most_tagged)
    await scene.permit("publisher", scene.publisher_id, tag_names=["zip"])
    await scene.grant(NOON, at(30))
    for second in range(50):
        await scene.call(f"{second}", started_at=at(second), hit_at=at(second // 2), tags={"zip": f"{second % 3}", "age": "1"})
    assert await seen(scene.person, limit=4) == {f"{second}" for second in range(30)}
    assert await seen(scene.person, limit=4, tag_name="zip", tag_value="1") == {f"{second}" for second in range(1, 30, 3)}
    whole = {call["call_uuid"] for call in await scene.manager.walk("calls", limit=7, tag_name="age")}
    assert whole == {f"{second}" for second in range(50)}


async def test_the_ends_of_time_are_times_too(scene: Scene) -> None:
    await scene.grant(NOON)
    await scene.call("one", started_at=NOON, tags={"zip": "1"})
    await scene.permit("publisher", scene.publisher_id, tag_names=["zip"])
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
    cursor = base64.urlsafe_b64encode(f'["{last}","x"]'.encode()).decode().rstrip("=")
    for who in (scene.person, scene.manager):
        assert await who.walk("calls", to=first) == []
        for query in ({"from": first, "to": last}, {"cursor": cursor}, {"cursor": cursor, "tag_name": "zip"}):
            assert [call["call_uuid"] for call in await who.walk("calls", **query)] == ["one"]
        for noun in ("reports", "dashboard"):
            assert (await who.ask("GET", noun, to=first)).status == 200
            assert (await who.ask("GET", noun, **{"from": last})).status == 200


async def test_the_timeline_is_masked_like_the_call(scene: Scene) -> None:
    await scene.grant(NOON)
    own, others = scene.publisher_id, (await scene.manager.create("publishers", name="Other"))["id"]
    mine = await add_postback(scene.db, scene.manager.company_id, publisher_id=own, call_uuids=["one"], source_ip="192.0.2.1")
    theirs = await add_postback(scene.db, scene.manager.company_id, publisher_id=others, call_uuids=["one"])
    source = {"postback_key_id": 1, "posted_at": "2026-03-01T12:00:00.000Z"}
    attribution = {
        "zip": source | {"publisher_id": own, "postback_id": str(mine)},
        "age": source | {"publisher_id": others, "postback_id": str(theirs)},
    }
    await scene.call("one", tags={"zip": "1", "age": "2"}, attribution=attribution, ended_at=at(90), revenue_cents=2500)
    details = {
        "hit": {"dialed_number": scene.number, "started_at": 1, "made_up": "secret"},
        "route": {"routed_to": scene.buyer_id},
        "answer": {"answered_by": scene.buyer_id},
        "end": {"duration_seconds": 90, "revenue_cents": 2500, "payout_cents": 700, "answered_by": scene.buyer_id},
    }
    for revision, (kind, detail) in enumerate(details.items()):
        await add_event(
            scene.db, scene.manager.company_id, "one", kind, revision=revision, happened_at=at(revision), detail=detail
        )
    await scene.permit("publisher", own, tag_names=["age", "zip"])
    call = await scene.person.get("calls/one")
    assert list(call["attribution"]) == ["zip"]
    told = [(entry["kind"], entry["detail"]) for entry in call["timeline"]]
    assert told == [
        ("postback", None),
        ("hit", {"dialed_number": scene.number, "started_at": 1}),
        ("answer", {}),
        ("end", {"duration_seconds": 90, "payout_cents": 700}),
    ]
    postback = call["timeline"][0]["postback"]
    assert (postback["id"], postback["caller_number"], postback["source_ip"]) == (str(mine), "+*******0100", None)
    await scene.permit("publisher", own, view_duration="deny", view_postback_log="deny")
    call = await scene.person.get("calls/one")
    assert [entry["kind"] for entry in call["timeline"]] == ["hit", "answer"], "when it ended would tell how long it was"
    assert (call["ended_at"], call["revenue_cents"], call["tags"]) == (None, None, {})
    buyer = await scene.person_as(buyer_ids=[scene.buyer_id])
    await scene.db.execute("update calls set answered_by = $1", scene.buyer_id)
    kinds = [entry["kind"] for entry in (await buyer.get("calls/one"))["timeline"]]
    assert kinds == ["hit", "route", "answer", "end"], "postbacks are their publishers'"


async def test_the_timeline_of_a_uuid_used_again_is_of_the_call_that_is_seen(scene: Scene) -> None:
    await scene.grant(at(86_400), at(2 * 86_400))
    for day in range(3):
        when = at(day * 86_400 + 1)
        await scene.call("again", hit_at=when, started_at=when)
        await add_event(scene.db, scene.manager.company_id, "again", "hit", happened_at=when, detail={"campaign_id": day})
    call = await scene.person.get("calls/again")
    assert call["hit_at"] == "2026-03-02T12:00:01Z"
    assert [entry["detail"] for entry in call["timeline"]] == [{"campaign_id": 1}]


async def test_a_publisher_sees_its_own_postbacks_and_of_the_calls_they_reached_those_it_sees(scene: Scene) -> None:
    await scene.grant(NOON)
    company_id, own = scene.manager.company_id, scene.publisher_id
    other = (await scene.manager.create("publishers", name="Other"))["id"]
    await scene.call("mine")
    await scene.call("not-mine", dialed_number="+18005559999")
    ids = {"publisher_id": own, "postback_key_id": scene.things["postback_key"]["id"]}
    reached = await add_postback(scene.db, company_id, **ids, outcome="stored_for_call", call_uuids=["not-mine", "mine"])
    foreign = await add_postback(scene.db, company_id, publisher_id=other, call_uuids=["mine"])
    (postback,) = (await scene.person.get("postback-log"))["items"]
    assert (postback["id"], postback["call_uuids"], postback["call_uuid"]) == (str(reached), ["mine"], "mine")
    assert (postback["caller_number"], postback["tag_values"]) == ("+*******0100", {"zeta": "1", "alpha": "2"})
    assert postback["hidden"] == ["call_uuids", "caller_number", "source_ip"]
    assert await scene.person.get(f"postback-log/{reached}") == postback
    assert await scene.person.status("GET", f"postback-log/{foreign}") == 404
    assert [found["id"] for found in await scene.person.walk("postback-log", call_uuid="mine")] == [str(reached)]
    assert await scene.person.walk("postback-log", call_uuid="not-mine") == []
    ask = scene.person.ask
    assert (await ask("GET", "postback-log", caller_number="+12025550100")).problem == (403, "field_hidden", "caller_number")
    assert (await ask("GET", "postback-log", publisher_id=other)).problem == (404, "not_found", "publisher_id")
    buyer = await scene.person_as(buyer_ids=[scene.buyer_id])
    assert await buyer.status("GET", "postback-log") == 403


async def test_an_opaque_key_tells_its_publisher_no_more_in_the_log_than_in_its_replies(scene: Scene) -> None:
    key_id = scene.things["postback_key"]["id"]
    await scene.manager.change(f"postback-keys/{key_id}", opaque_status=True)
    ids = {"publisher_id": scene.publisher_id, "postback_key_id": key_id}
    for outcome, code in (("applied", None), ("stored", None), ("refused", "call_not_found"), ("refused", "no_tags")):
        await add_postback(scene.db, scene.manager.company_id, **ids, outcome=outcome, code=code, expires_at=at(60))
    told = [(postback["outcome"], postback["code"]) for postback in await scene.person.walk("postback-log")]
    assert sorted(told, key=str) == [("refused", "no_tags"), (None, None), (None, None), (None, None)]
    for query, found in (({"outcome": "applied"}, 0), ({"outcome": "refused"}, 1), ({"code": "call_not_found"}, 0)):
        assert len(await scene.person.walk("postback-log", **query)) == found, query
    counts = (await scene.person.get("dashboard", **{"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}))["postbacks"]
    assert counts["outcomes"] == {"accepted": 3, "refused": 1}
