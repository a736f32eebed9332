"""The call log and the postback log, with rows as the drain writes them."""

import base64
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.integration.admin.manager import CALLER, JsonObject, Manager, add_call, add_event, add_postback, at


async def list_calls(manager: Manager, **query: Any) -> list[str]:
    return [call["call_uuid"] for call in (await manager.get("calls", **query))["items"]]


async def list_postbacks(manager: Manager, **query: Any) -> list[UUID]:
    return [UUID(postback["id"]) for postback in (await manager.get("postback-log", **query))["items"]]


async def test_the_call_log_shows_every_field_newest_first(manager: Manager, db: asyncpg.Connection) -> None:
    world = await manager.create_one_of_each()
    wanted = {
        "caller_number": CALLER,
        "dialed_number": world["number"]["number"],
        "campaign_id": world["campaign"]["id"],
        "publisher_id": world["publisher"]["id"],
        "routed_to": world["buyer"]["id"],
        "answered_by": world["buyer"]["id"],
        "disposition": "answered",
        "duration_seconds": 93,
        "recording_url": "https://recordings.example/1.mp3",
        "revenue_cents": 2_500,
        "payout_cents": 1_200,
        "tags": {"zip": "10001", "age": ""},
    }
    times = {"answered_at": at(2), "ended_at": at(95), "engine_ended_at": at(94.5), "started_at": at(-1.25)}
    full = await add_call(db, manager.company_id, **wanted, **times)
    later = await add_call(db, manager.company_id, hit_at=at(5), caller_number=None, status="in_progress")
    page = await manager.get("calls")
    assert [call["call_uuid"] for call in page["items"]] == [later, full]
    assert page["items"][0]["caller_number"] is None
    assert page["items"][1] == wanted | {
        "call_uuid": full,
        "status": "completed",
        "hit_at": "2026-03-01T12:00:00Z",
        "started_at": "2026-03-01T11:59:58.750000Z",
        "answered_at": "2026-03-01T12:00:02Z",
        "ended_at": "2026-03-01T12:01:35Z",
        "engine_ended_at": "2026-03-01T12:01:34.500000Z",
        "hidden": [],
    }


async def test_the_call_log_is_filtered_by_each_field(manager: Manager, db: asyncpg.Connection) -> None:
    one, two = await manager.create_one_of_each(), await manager.create_one_of_each()

    def fields(world: JsonObject) -> JsonObject:
        return {
            "campaign_id": world["campaign"]["id"],
            "publisher_id": world["publisher"]["id"],
            "answered_by": world["buyer"]["id"],
        }

    first = await add_call(db, manager.company_id, **fields(one), tags={"zip": "10001", "state": "NY"})
    second = await add_call(
        db, manager.company_id, **fields(two), hit_at=at(1), status="expired", caller_number="+442079460006", tags={"zip": "NY"}
    )
    third = await add_call(db, manager.company_id, hit_at=at(2), status="in_progress", tags={"zip": '10"001', "a": "$"})
    everything = [third, second, first]
    assert await list_calls(manager) == everything
    for field, value in fields(one).items():
        assert await list_calls(manager, **{field: value}) == [first], field
    assert await list_calls(manager, **fields(two)) == [second]
    assert await list_calls(manager, status="completed") == [first]
    assert await list_calls(manager, status="expired") == [second]
    assert await list_calls(manager, status="in_progress") == [third]
    assert await list_calls(manager, **{"from": "2026-03-01T12:00:01Z"}) == [third, second]
    assert await list_calls(manager, **{"from": "2026-03-01T13:00:01+01:00", "to": "2026-03-01T12:00:02Z"}) == [second]
    for spelling in ("(202) 555-0100", "+12025550100", " 12025550100", "0012025550100"):
        assert await list_calls(manager, caller_number=spelling) == [third, first], spelling
    assert await list_calls(manager, caller_number="+442079460006") == [second]
    assert await list_calls(manager, tag_name="state") == [first]
    assert await list_calls(manager, tag_name="zip") == everything
    assert await list_calls(manager, tag_value="NY") == [second, first]
    assert await list_calls(manager, tag_name="zip", tag_value="NY") == [second]
    assert await list_calls(manager, tag_name="zip", tag_value='10"001') == [third]
    assert await list_calls(manager, tag_value='10"001') == [third]
    assert await list_calls(manager, tag_value="$") == [third]
    assert await list_calls(manager, tag_value="") == []
    assert await list_calls(manager, tag_name="zip", publisher_id=one["publisher"]["id"], status="in_progress") == []


async def test_removed_publishers_buyers_and_campaigns_can_still_be_asked_for(manager: Manager, db: asyncpg.Connection) -> None:
    world = await manager.create_one_of_each()
    call = await add_call(db, manager.company_id, publisher_id=world["publisher"]["id"], answered_by=world["buyer"]["id"])
    await manager.remove(f"publishers/{world['publisher']['id']}")
    await manager.remove(f"buyers/{world['buyer']['id']}")
    assert await list_calls(manager, publisher_id=world["publisher"]["id"]) == [call]
    assert await list_calls(manager, answered_by=world["buyer"]["id"]) == [call]


async def test_one_call_tells_where_its_tags_came_from_and_what_happened_in_order(
    manager: Manager, db: asyncpg.Connection
) -> None:
    call = str(uuid4())
    waiting = await add_postback(db, manager.company_id, received_at=at(-60), tag_values={"zip": "10001"})
    await add_postback(db, manager.company_id, received_at=at(-50), tag_values={"other": "not this call's"})
    live = await add_postback(db, manager.company_id, received_at=at(10), outcome="stored_for_call", call_uuids=["else", call])
    late = await add_postback(
        db, manager.company_id, received_at=at(100), outcome="applied", call_uuids=[call], tag_values={"zip": "10002"}
    )
    source = {"publisher_id": 1, "postback_key_id": 1, "postback_id": str(waiting), "posted_at": "2026-03-01T11:59:00.000Z"}
    await add_call(db, manager.company_id, call_uuid=call, tags={"zip": "10001"}, attribution={"zip": source})
    await add_event(db, manager.company_id, call, "end", happened_at=at(90), revision=4, detail={"disposition": "answered"})
    await add_event(db, manager.company_id, call, "hit", detail={"dialed_number": "+18005550100"})
    await add_event(db, manager.company_id, call, "route", happened_at=at(1), revision=2, detail={"buyer_id": 7})
    await add_event(db, manager.company_id, call, "answer", happened_at=at(1), revision=3)
    await add_event(db, manager.company_id, "another call", "hit")

    detail = await manager.get(f"calls/{call}")
    assert detail["tags"] == {"zip": "10001"}
    assert detail["attribution"] == {"zip": source}
    seen = [(entry["kind"], entry["postback"] and UUID(entry["postback"]["id"])) for entry in detail["timeline"]]
    assert seen == [
        ("postback", waiting),
        ("hit", None),
        ("route", None),
        ("answer", None),
        ("postback", live),
        ("end", None),
        ("postback", late),
    ]
    assert [entry["at"] for entry in detail["timeline"]] == sorted(entry["at"] for entry in detail["timeline"])
    assert detail["timeline"][1] == {
        "at": "2026-03-01T12:00:00Z",
        "kind": "hit",
        "detail": {"dialed_number": "+18005550100"},
        "postback": None,
    }
    assert detail["timeline"][6]["postback"]["tag_values"] == {"zip": "10002"}
    listed = (await manager.get("calls"))["items"][0]
    assert {field: detail[field] for field in listed} == listed


async def test_a_call_is_found_by_any_engines_uuid(manager: Manager, db: asyncpg.Connection, subtests: pytest.Subtests) -> None:
    for call_uuid in ("1700000000.42", "CA0123456789abcdef", "a:b@c_d-e", "x" * 128):
        with subtests.test(call_uuid):
            await add_call(db, manager.company_id, call_uuid=call_uuid)
            assert (await manager.get(f"calls/{call_uuid}"))["call_uuid"] == call_uuid


async def test_a_call_that_is_not_there_is_not_found(manager: Manager, subtests: pytest.Subtests) -> None:
    for call_uuid in ("nobody", "x" * 129, "a%20b", "a%00b", "%ff", "a%2Fb", "ñ"):
        with subtests.test(call_uuid):
            assert (await manager.ask("GET", f"calls/{call_uuid}")).problem == (404, "not_found", None)


async def test_the_newest_call_answers_to_a_uuid_that_was_used_again(manager: Manager, db: asyncpg.Connection) -> None:
    await add_call(db, manager.company_id, call_uuid="again", disposition="old")
    await add_call(db, manager.company_id, call_uuid="again", hit_at=at(86_400 * 3), disposition="new")
    assert (await manager.get("calls/again"))["disposition"] == "new"


async def test_the_postback_log_shows_every_field_with_tags_in_their_order(manager: Manager, db: asyncpg.Connection) -> None:
    world = await manager.create_one_of_each()
    ids = {"publisher_id": world["publisher"]["id"], "postback_key_id": world["postback_key"]["id"]}
    tags = {"zeta": "1", "10": "x", "alpha": "", "9": '<script>"ñ"'}
    reached = await add_postback(
        db, manager.company_id, **ids, outcome="stored_for_call", call_uuids=["one", "two"], tag_values=tags, expires_at=at(60)
    )
    refused = await add_postback(
        db,
        manager.company_id,
        **ids,
        received_at=at(1),
        caller_number=None,
        tag_values={},
        outcome="refused",
        code="invalid_caller_number",
        source_ip="2001:db8::1",
        occurrences=900,
    )
    newest, oldest = (await manager.get("postback-log"))["items"]
    assert oldest == ids | {
        "id": str(reached),
        "received_at": "2026-03-01T12:00:00Z",
        "caller_number": CALLER,
        "call_uuid": "one",
        "call_uuids": ["one", "two"],
        "tag_values": tags,
        "outcome": "stored_for_call",
        "code": None,
        "expires_at": "2026-03-01T12:01:00Z",
        "source_ip": None,
        "replayed": False,
        "occurrences": 1,
        "hidden": [],
    }
    assert list(oldest["tag_values"]) == list(tags)
    assert newest == ids | {
        "id": str(refused),
        "received_at": "2026-03-01T12:00:01Z",
        "caller_number": None,
        "call_uuid": None,
        "call_uuids": [],
        "tag_values": {},
        "outcome": "refused",
        "code": "invalid_caller_number",
        "expires_at": None,
        "source_ip": "2001:db8::1",
        "replayed": False,
        "occurrences": 900,
        "hidden": [],
    }
    assert await manager.get(f"postback-log/{refused}") == newest
    assert (await manager.ask("GET", f"postback-log/{uuid4()}")).problem == (404, "not_found", None)


async def test_the_postback_log_is_filtered_by_each_field(manager: Manager, db: asyncpg.Connection) -> None:
    one, two = await manager.create_one_of_each(), await manager.create_one_of_each()

    def ids(world: JsonObject) -> JsonObject:
        return {"publisher_id": world["publisher"]["id"], "postback_key_id": world["postback_key"]["id"]}

    other_key = await manager.create(f"publishers/{one['publisher']['id']}/postback-keys", name="Other")
    stored = await add_postback(db, manager.company_id, **ids(one))
    applied = await add_postback(
        db,
        manager.company_id,
        **ids(two),
        received_at=at(1),
        outcome="applied",
        call_uuids=["a", "b"],
        caller_number="+442079460006",
    )
    refused = await add_postback(
        db,
        manager.company_id,
        publisher_id=one["publisher"]["id"],
        postback_key_id=other_key["id"],
        received_at=at(2),
        outcome="refused",
        code="no_tags",
    )
    assert await list_postbacks(manager) == [refused, applied, stored]
    assert await list_postbacks(manager, publisher_id=one["publisher"]["id"]) == [refused, stored]
    assert await list_postbacks(manager, postback_key_id=one["postback_key"]["id"]) == [stored]
    assert await list_postbacks(manager, postback_key_id=other_key["id"]) == [refused]
    for outcome, found in {"stored": stored, "applied": applied, "refused": refused}.items():
        assert await list_postbacks(manager, outcome=outcome) == [found], outcome
    assert await list_postbacks(manager, outcome="not_stored") == []
    assert await list_postbacks(manager, code="no_tags") == [refused]
    assert await list_postbacks(manager, code="invalid_tag") == []
    assert await list_postbacks(manager, caller_number="+442079460006") == [applied]
    assert await list_postbacks(manager, caller_number="2025550100") == [refused, stored]
    assert await list_postbacks(manager, call_uuid="b") == [applied]
    assert await list_postbacks(manager, **{"from": "2026-03-01T12:00:01Z", "to": "2026-03-01T12:00:02Z"}) == [applied]
    await manager.remove(f"postback-keys/{one['postback_key']['id']}")
    assert await list_postbacks(manager, postback_key_id=one["postback_key"]["id"]) == [stored], "a revoked key has a past"


async def test_equal_times_are_paged_without_loss_or_repetition(manager: Manager, db: asyncpg.Connection) -> None:
    calls = {await add_call(db, manager.company_id) for _ in range(7)}
    postbacks = {await add_postback(db, manager.company_id) for _ in range(7)}
    walked = [call["call_uuid"] for call in await manager.walk("calls", limit=2)]
    assert walked == sorted(calls, reverse=True)
    posted = [UUID(postback["id"]) for postback in await manager.walk("postback-log", limit=3)]
    assert (len(posted), set(posted)) == (7, postbacks)


async def test_pages_do_not_shift_when_newer_calls_arrive(manager: Manager, db: asyncpg.Connection) -> None:
    before = [await add_call(db, manager.company_id, hit_at=at(second)) for second in range(5)]
    page = await manager.get("calls", limit=2)
    seen = [call["call_uuid"] for call in page["items"]]
    while page["next_cursor"]:
        await add_call(db, manager.company_id, hit_at=at(1_000))
        page = await manager.get("calls", limit=2, cursor=page["next_cursor"])
        seen += [call["call_uuid"] for call in page["items"]]
    assert seen == before[::-1]


async def test_lists_of_what_was_set_up_are_paged_by_age(manager: Manager) -> None:
    names = [f"Publisher {number}" for number in range(5)]
    for name in names:
        await manager.create("publishers", name=name)
    page = await manager.get("publishers", limit=2)
    await manager.create("publishers", name="Late")
    await manager.remove(f"publishers/{page['items'][1]['id']}")
    rest = await manager.walk("publishers", limit=2, cursor=page["next_cursor"])
    assert [item["name"] for item in page["items"] + rest] == [*names, "Late"]
    assert len((await manager.get("publishers", limit=200))["items"]) == 5


async def test_a_cursor_that_no_list_gave_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun in ("publishers", "calls", "postback-log", "postback-keys", "/v1/companies"):
        with subtests.test(noun):
            for key in (
                b"",
                b"x",
                b"[]",
                b"null",
                b"[0]",
                b"[-1]",
                b"[9223372036854775808]",
                b'["x"]',
                b"[1,2]",
                b"[[[[[]]]]]",
                b'["\x00"]',
                b"\xff",
            ):
                cursor = base64.urlsafe_b64encode(key).decode().rstrip("=")
                assert (await manager.ask("GET", noun, cursor=cursor)).problem == (422, "invalid_field", "cursor"), key
            for cursor in ("!!!!", "é", "\x00", "a", "W10=" * 90, "x" * 401):
                assert (await manager.ask("GET", noun, cursor=cursor)).problem == (422, "invalid_field", "cursor"), cursor


async def test_a_filter_that_cannot_be_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun, field, value in (
        ("calls", "limit", "0"),
        ("calls", "limit", "201"),
        ("calls", "limit", "ten"),
        ("publishers", "limit", "-1"),
        ("calls", "status", "ringing"),
        ("calls", "from", "yesterday"),
        ("calls", "from", "2026-03-01T12:00:00"),
        ("calls", "to", "0001-01-01T00:00:00+14:00"),
        ("calls", "to", "1767225600"),
        ("calls", "to", "0.5"),
        ("calls", "campaign_id", "0"),
        ("calls", "campaign_id", "9223372036854775808"),
        ("calls", "caller_number", "anonymous"),
        ("calls", "caller_number", ""),
        ("calls", "tag_name", "a\x00b"),
        ("calls", "tag_value", "a\x00b"),
        ("postback-log", "outcome", "lost"),
        ("postback-log", "code", "a b"),
        ("postback-log", "call_uuid", "a b"),
        ("postback-log", "postback_key_id", "x"),
    ):
        with subtests.test(noun, **{field: value}):
            assert (await manager.ask("GET", noun, **{field: value})).problem == (422, "invalid_field", field)


async def test_an_unknown_filter_is_refused_by_name_and_a_doubled_one_too(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun in ("publishers", "calls", "postback-log", "numbers", "api-tokens", "/v1/companies"):
        with subtests.test(noun):
            assert (await manager.ask("GET", noun, colour="red")).problem == (422, "unknown_field", "colour")
            path = noun if noun.startswith("/") else f"/v1/companies/{manager.company_id}/{noun}"
            assert (await manager.ask("GET", f"{path}?limit=5&limit=6")).problem == (422, "invalid_field", "limit")
