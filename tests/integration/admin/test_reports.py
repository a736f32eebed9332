"""Reports and the dashboard: what calls came to, for managers and for those who see some of them."""

import csv
import io
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.integration.admin.manager import NOON, JsonObject, Manager, add_call, add_postback, at
from tests.integration.admin.persons import add_person, permit

DAY = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
MONTH = {"from": "2026-02-15T00:00:00Z", "to": "2026-03-15T00:00:00Z"}


async def report(manager: Manager, **query: Any) -> JsonObject:
    body: JsonObject = await manager.get("reports", **DAY | query)
    return body


def keyed(body: JsonObject, *fields: str) -> dict[Any, Any]:
    return {row["key"]: tuple(row[field] for field in fields) for row in body["items"]}


async def test_a_report_adds_up_by_campaign_publisher_buyer_and_tag(manager: Manager, db: asyncpg.Connection) -> None:
    one, two = await manager.create_one_of_each(), await manager.create_one_of_each()
    for things, count in ((one, 2), (two, 1)):
        ids = {
            "campaign_id": things["campaign"]["id"],
            "publisher_id": things["publisher"]["id"],
            "answered_by": things["buyer"]["id"],
        }
        for _ in range(count):
            await add_call(
                db, manager.company_id, **ids, duration_seconds=30, revenue_cents=2500, payout_cents=700, tags={"zip": "10001"}
            )
    await add_call(db, manager.company_id, campaign_id=one["campaign"]["id"], tags={"zip": "94110"}, disposition="busy")
    await add_call(db, manager.company_id, answered_at=at(1))
    await add_call(db, manager.company_id, hit_at=at(86_400), revenue_cents=99)
    sums = ("name", "calls", "answered", "duration_seconds", "revenue_cents", "payout_cents", "calls_with_tags", "attach_rate")
    assert keyed(await report(manager, group_by="campaign"), *sums) == {
        one["campaign"]["id"]: ("Campaign", 3, 2, 60, 5000, 1400, 3, 1.0),
        two["campaign"]["id"]: ("Campaign", 1, 1, 30, 2500, 700, 1, 1.0),
        None: (None, 1, 1, None, None, None, 0, 0.0),
    }
    by_publisher = await report(manager, group_by="publisher")
    assert keyed(by_publisher, "calls") == {one["publisher"]["id"]: (2,), two["publisher"]["id"]: (1,), None: (2,)}
    assert keyed(await report(manager, group_by="buyer"), "calls") == {
        one["buyer"]["id"]: (2,),
        two["buyer"]["id"]: (1,),
        None: (2,),
    }
    by_tag = await report(manager, group_by="tag", tag_name="zip")
    assert keyed(by_tag, "calls", "name") == {"10001": (3, None), "94110": (1, None), None: (1, None)}
    totals = {"calls": 5, "answered": 4, "duration_seconds": 90, "revenue_cents": 7500, "payout_cents": 2100}
    for body in (by_publisher, by_tag):
        assert body["totals"] == totals | {"calls_with_tags": 4, "attach_rate": 0.8}
        assert (body["more_groups"], body["hidden"]) == (0, [])
    filtered = await report(manager, group_by="day", publisher_id=one["publisher"]["id"], answered_by=one["buyer"]["id"])
    assert keyed(filtered, "calls") == {"2026-03-01": (2,)}


async def test_money_that_nobody_named_stays_null_and_a_time_without_calls_is_empty(
    manager: Manager, db: asyncpg.Connection
) -> None:
    nothing = await report(manager)
    assert (nothing["items"], nothing["totals"]["calls"], nothing["totals"]["attach_rate"]) == ([], 0, None)
    await add_call(db, manager.company_id)
    await add_call(db, manager.company_id, revenue_cents=0)
    assert keyed(await report(manager), "revenue_cents", "payout_cents") == {"2026-03-01": (0, None)}


@pytest.mark.parametrize(
    ("time_zone", "days"),
    [
        ("UTC", {"2026-03-01": (1,), "2026-03-08": (2,)}),
        ("America/New_York", {"2026-03-01": (1,), "2026-03-07": (1,), "2026-03-08": (1,)}),  # the clocks go forward on the 8th
        ("Asia/Tokyo", {"2026-03-01": (1,), "2026-03-08": (1,), "2026-03-09": (1,)}),
    ],
)
async def test_days_are_those_of_the_time_zone(
    manager: Manager, db: asyncpg.Connection, time_zone: str, days: dict[str, Any]
) -> None:
    for hours in (0, 7 * 24 - 8, 7 * 24 + 6):
        await add_call(db, manager.company_id, hit_at=NOON + timedelta(hours=hours))
    body = await report(manager, **MONTH, time_zone=time_zone)
    assert keyed(body, "calls") == days
    assert [row["key"] for row in body["items"]] == sorted(days)


@pytest.mark.parametrize("time_zone", ["Asia/Kathmandu", "Australia/Eucla", "Australia/Lord_Howe", "Asia/Kolkata"])
async def test_a_day_begins_to_the_second_where_it_begins_with_a_quarter_of_an_hour(
    manager: Manager, db: asyncpg.Connection, time_zone: str
) -> None:
    midnight = await db.fetchval("select timestamp '2026-03-09' at time zone $1", time_zone)
    for seconds in (-86_400, -1, 0, 86_399, 86_400):
        await add_call(db, manager.company_id, hit_at=midnight + timedelta(seconds=seconds), duration_seconds=1)
    body = await report(manager, **MONTH, time_zone=time_zone)
    days = {"2026-03-08": (2, 2), "2026-03-09": (2, 2), "2026-03-10": (1, 1)}
    assert keyed(body, "calls", "duration_seconds") == days


async def test_in_every_time_zone_days_begin_with_a_quarter_of_an_hour(db: asyncpg.Connection) -> None:
    """What reports count by before they ask for the day."""

    async def find_odd(first: int, last: int) -> set[str]:
        rows = await db.fetch(
            """
            select distinct name
            from pg_timezone_names,
                 generate_series(make_timestamptz($1, 1, 1, 0, 0, 0), make_timestamptz($2, 1, 1, 0, 0, 0), '1 month') as at
            where extract(epoch from at at time zone name)::bigint % 900 <> 0
            """,
            first,
            last,
        )
        return {row["name"] for row in rows}

    assert await find_odd(2000, 2040) == set()
    assert "Africa/Monrovia" in await find_odd(1971, 1972), "the control"


async def test_a_report_that_cannot_be_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    for query, field in (
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "'; select"}, "time_zone"),
        ({"group_by": "hour"}, "group_by"),
        ({"group_by": "tag"}, "tag_name"),
        ({"from": "2024-01-01T00:00:00Z"}, "from"),
        ({"from": "2026-03-03T00:00:00Z"}, "to"),
    ):
        with subtests.test(str(query)):
            assert (await manager.ask("GET", "reports", **DAY | query)).problem == (422, "invalid_field", field)


async def test_the_last_thirty_days_are_what_is_usually_meant(manager: Manager, db: asyncpg.Connection) -> None:
    for days in (1, 29, 31):
        await db.execute("select make_partitions((now() - $1 * interval '1 day')::date, 1)", days)
        hit_at = await db.fetchval("select now() - $1 * interval '1 day'", days)
        await add_call(db, manager.company_id, hit_at=hit_at)
    assert (await manager.get("reports"))["totals"]["calls"] == 2


async def test_the_largest_groups_are_listed_and_the_rest_counted(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.store.reports.fetch_groups.__kwdefaults__", {"limit": 2})
    for value in ("a", "b", "b", "c", "c", "c", "d"):
        await add_call(db, manager.company_id, tags={"zip": value})
    body = await report(manager, group_by="tag", tag_name="zip")
    assert [row["key"] for row in body["items"]] == ["c", "b"]
    assert (body["more_groups"], body["totals"]["calls"]) == (2, 7)


async def test_a_report_is_to_be_had_as_a_file(manager: Manager, db: asyncpg.Connection) -> None:
    await add_call(db, manager.company_id, tags={"zip": "=1+1"}, revenue_cents=5)
    reply = await manager.ask("GET", "reports", group_by="tag", tag_name="zip", format="csv", **DAY)
    (row,) = csv.DictReader(io.StringIO(reply.text, newline=""))
    assert (row["key"], row["revenue_cents"], row["payout_cents"], row["attach_rate"]) == ("'=1+1", "5", "", "1.0")


async def test_a_sum_counts_only_the_calls_whose_figure_may_be_seen(manager: Manager, db: asyncpg.Connection) -> None:
    things = await manager.create_one_of_each()
    publisher_id, buyer_id = things["publisher"]["id"], things["buyer"]["id"]
    money = {"revenue_cents": 2500, "payout_cents": 700, "duration_seconds": 30}
    await db.execute(
        """
        insert into number_grants (company_id, publisher_id, number_id, number, granted_at)
        values ($1, $2, $3, $4, $5)
        """,
        manager.company_id,
        publisher_id,
        things["number"]["id"],
        things["number"]["number"],
        at(-60),
    )
    await add_call(db, manager.company_id, dialed_number=things["number"]["number"], publisher_id=publisher_id, **money)
    await add_call(db, manager.company_id, answered_by=buyer_id, publisher_id=publisher_id, **money)
    publisher = await add_person(db, manager.door, manager.company_id, publisher_ids=[publisher_id])
    figures = ("calls", "duration_seconds", "revenue_cents", "payout_cents")
    seen = await report(publisher)
    assert (keyed(seen, *figures), seen["hidden"]) == ({"2026-03-01": (1, 30, None, 700)}, ["revenue_cents"])
    both = await add_person(db, manager.door, manager.company_id, publisher_ids=[publisher_id], buyer_ids=[buyer_id])
    seen = await report(both)
    assert keyed(seen, *figures) == {"2026-03-01": (2, 60, 2500, 700)}
    assert seen["hidden"] == ["revenue_cents", "payout_cents"], "of some of the calls"
    assert keyed(await report(both, group_by="publisher"), "calls") == {publisher_id: (1,)}, "the buyer isn't told whose it was"
    assert (await publisher.ask("GET", "reports", group_by="buyer")).problem == (403, "field_hidden", "group_by")
    assert (await publisher.ask("GET", "reports", group_by="tag", tag_name="zip")).problem == (403, "field_hidden", "tag_name")
    await permit(db, manager.company_id, "publisher", publisher_id, "publisher", {"run_reports": "deny"})
    assert (await publisher.ask("GET", "reports")).problem == (403, "not_permitted", None)


async def test_the_dashboard_tells_what_came_in_and_what_it_came_to(manager: Manager, db: asyncpg.Connection) -> None:
    things = await manager.create_one_of_each()
    publisher_id, buyer_id = things["publisher"]["id"], things["buyer"]["id"]
    await add_call(db, manager.company_id, publisher_id=publisher_id, answered_by=buyer_id, revenue_cents=2500, tags={"a": "1"})
    await add_call(db, manager.company_id, publisher_id=publisher_id)
    await add_call(db, manager.company_id, status="in_progress", answered_by=buyer_id, hit_at=at(-86_400))
    for second, outcome in ((0, "stored"), (30, "stored"), (3600, "applied")):
        await add_postback(db, manager.company_id, publisher_id=publisher_id, received_at=at(second), outcome=outcome)
    await add_postback(db, manager.company_id, outcome="refused", code="no_tags", occurrences=900)
    body = await manager.get("dashboard", **DAY)
    assert (body["calls"]["calls"], body["calls"]["answered"], body["calls"]["attach_rate"]) == (2, 1, 0.5)
    assert (body["calls"]["revenue_cents"], body["in_progress"], body["hidden"]) == (2500, 1, [])
    assert [(row["key"], row["name"], row["calls"]) for row in body["top_publishers"]] == [(publisher_id, "Publisher", 2)]
    assert body["postbacks"] == {
        "outcomes": {"stored": 2, "applied": 1, "refused": 900},
        "bucket_seconds": 3600,
        "buckets": [
            {"at": "2026-03-01T12:00:00Z", "outcomes": {"refused": 900, "stored": 2}},
            {"at": "2026-03-01T13:00:00Z", "outcomes": {"applied": 1}},
        ],
    }
    short = {"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T12:01:00Z"}
    assert (await manager.get("dashboard", **short))["postbacks"]["bucket_seconds"] == 60
    assert (await manager.get("dashboard"))["calls"]["calls"] == 0
    assert (await manager.ask("GET", "dashboard", **MONTH | {"to": "2026-04-01T00:00:00Z"})).problem == (
        422,
        "invalid_field",
        "from",
    )


async def test_a_buyers_dashboard_is_of_what_it_answered(manager: Manager, db: asyncpg.Connection) -> None:
    things = await manager.create_one_of_each()
    buyer_id = things["buyer"]["id"]
    await add_call(db, manager.company_id, answered_by=buyer_id, revenue_cents=2500, payout_cents=700)
    await add_call(db, manager.company_id, answered_by=buyer_id, status="in_progress")
    await add_call(db, manager.company_id, status="in_progress")
    buyer = await add_person(db, manager.door, manager.company_id, buyer_ids=[buyer_id])
    body = await buyer.get("dashboard", **DAY)
    assert (body["calls"]["calls"], body["calls"]["revenue_cents"], body["calls"]["payout_cents"]) == (2, 2500, None)
    assert body["calls_over_time"]["buckets"] == [{"at": "2026-03-01T12:00:00Z", "calls": 2, "calls_with_tags": 0}]
    assert (body["in_progress"], body["postbacks"], body["top_publishers"]) == (1, None, None)
    assert body["hidden"] == ["payout_cents", "top_publishers", "postbacks"]
    await permit(db, manager.company_id, "buyer", buyer_id, "buyer", {"monitor_live_calls": "deny"})
    assert ((await buyer.get("dashboard", **DAY))["in_progress"], (await buyer.get("dashboard", **DAY))["calls"]["calls"]) == (
        0,
        1,
    )
    await permit(db, manager.company_id, "buyer", buyer_id, "buyer", {"view_dashboard": "deny"})
    assert (await buyer.ask("GET", "dashboard")).problem == (403, "not_permitted", None)
