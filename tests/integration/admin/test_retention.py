"""How long a company keeps what: by kind of data, certificate tags apart, and nobody else's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.database import DATABASE
from admin.retention import Retention
from admin.store import retention
from tests.integration.admin.manager import Manager, add_call, add_event, add_postback

CERTIFICATE = "trusted_form_cert_url"


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def run(door: TestClient[Any, Any]) -> int:
    """What the job does in an hour."""
    return await Retention(door.server.app[DATABASE]).run_once()  # type: ignore[union-attr] # a server of ours


async def keep(manager: Manager, **said: Any) -> Any:
    return (await manager.change("", retention=said))["retention"]


async def uuids(db: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await db.fetch("select call_uuid from calls order by hit_at")]


async def tags_of_calls(db: asyncpg.Connection) -> list[Any]:
    return [json.loads(row[0]) for row in await db.fetch("select tags from calls order by hit_at")]


async def tags_of_postbacks(db: asyncpg.Connection) -> list[Any]:
    return [json.loads(row[0]) for row in await db.fetch("select tag_values from postback_log order by received_at")]


async def test_a_company_keeps_all_for_ever_until_it_says_otherwise(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    assert (await manager.get(""))["retention"] == {
        "postback_log_days": None,
        "calls_days": None,
        "tags_days": None,
        "certificate_tags_days": None,
        "certificate_tag_names": [],
        "legal_hold": False,
    }
    await add_call(db, manager.company_id, hit_at=days_ago(5000), tags={"a": "1"})
    assert await run(door) == 0
    assert await tags_of_calls(db) == [{"a": "1"}]


async def test_retention_changes_field_by_field(manager: Manager) -> None:
    await keep(manager, calls_days=365, certificate_tag_names=[CERTIFICATE])
    assert (await keep(manager, tags_days=30, legal_hold=True)) == {
        "postback_log_days": None,
        "calls_days": 365,
        "tags_days": 30,
        "certificate_tags_days": None,
        "certificate_tag_names": [CERTIFICATE],
        "legal_hold": True,
    }
    assert (await keep(manager, calls_days=None))["calls_days"] is None
    assert (await manager.change("", name="Renamed"))["retention"]["tags_days"] == 30


async def test_what_cannot_be_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for wrong in ({"calls_days": 0}, {"calls_days": "a week"}, {"certificate_tag_names": None}, {"hours": 1}):
        with subtests.test(str(wrong)):
            status, code, field = (await manager.ask("PATCH", "", {"retention": wrong})).problem
            assert status == 422
            (name,) = wrong
            assert code == ("unknown_field" if name == "hours" else "invalid_field")
            assert (field or "").removeprefix("retention.") == name


async def test_calls_go_with_their_events_and_not_a_day_early(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    for days in (31, 29):
        await add_call(db, manager.company_id, hit_at=days_ago(days), call_uuid=f"{days} days")
        await add_event(db, manager.company_id, f"{days} days", "hit", happened_at=days_ago(days - 0.001))
    await keep(manager, calls_days=30)
    assert await run(door) == 1
    assert await uuids(db) == ["29 days"]
    assert [row[0] for row in await db.fetch("select call_uuid from call_events")] == ["29 days"]


async def test_the_test_of_ages_sees_a_job_that_takes_no_notice_of_them(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    await add_call(db, manager.company_id, hit_at=days_ago(29))
    await keep(manager, calls_days=28)
    assert await run(door) == 1
    assert await uuids(db) == []


async def test_postbacks_go_when_their_days_are_over(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    await add_postback(db, manager.company_id, received_at=days_ago(31), tag_values={"old": "1"})
    await add_postback(db, manager.company_id, received_at=days_ago(29), tag_values={"new": "1"})
    await add_call(db, manager.company_id, hit_at=days_ago(31))
    await keep(manager, postback_log_days=30)
    assert await run(door) == 1
    assert await tags_of_postbacks(db) == [{"new": "1"}]
    assert len(await uuids(db)) == 1


async def test_a_call_in_progress_is_not_removed(manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]) -> None:
    await add_call(db, manager.company_id, hit_at=days_ago(5), status="in_progress")
    await keep(manager, calls_days=1)
    assert await run(door) == 0


async def test_tags_go_before_their_calls_and_certificates_have_days_of_their_own(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    tags = {"email": "ann@example.com", CERTIFICATE: "https://cert.example/1", "age": "40"}
    for days in (50, 20, 5):
        await add_call(db, manager.company_id, hit_at=days_ago(days), tags=tags, attribution={name: {} for name in tags})
        await add_postback(db, manager.company_id, received_at=days_ago(days), tag_values=tags)
    await keep(manager, tags_days=10, certificate_tags_days=40, certificate_tag_names=[CERTIFICATE])
    assert await run(door) == 6
    left = [{}, {CERTIFICATE: tags[CERTIFICATE]}, tags]
    assert await tags_of_calls(db) == left
    assert await tags_of_postbacks(db) == left
    sources = [json.loads(row[0]).keys() for row in await db.fetch("select attribution from calls order by hit_at")]
    assert sources == [tags.keys() for tags in left]
    assert list((await tags_of_postbacks(db))[2]) == list(tags)  # in the order in which they came
    assert await run(door) == 0


async def test_a_legal_hold_keeps_certificates_and_what_they_are_on(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    for tags in ({CERTIFICATE: "1", "a": "1"}, {"a": "1"}):
        await add_call(db, manager.company_id, hit_at=days_ago(50), tags=tags)
        await add_postback(db, manager.company_id, received_at=days_ago(50), tag_values=tags)
    days = {"calls_days": 10, "postback_log_days": 10, "tags_days": 10, "certificate_tags_days": 20}
    await keep(manager, **days, certificate_tag_names=[CERTIFICATE], legal_hold=True)
    assert await run(door) == 4
    assert await tags_of_calls(db) == [{CERTIFICATE: "1"}]
    assert await tags_of_postbacks(db) == [{CERTIFICATE: "1"}]
    await keep(manager, legal_hold=False)
    await run(door)
    assert (await tags_of_calls(db), await tags_of_postbacks(db)) == ([], [])


async def test_a_change_of_mind_is_heeded_though_all_was_looked_at(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    await add_call(db, manager.company_id, hit_at=days_ago(50), tags={"a": "1", "b": "2"})
    await keep(manager, tags_days=10, certificate_tag_names=["a"])
    await run(door)
    assert await tags_of_calls(db) == [{"a": "1"}]
    await keep(manager, certificate_tag_names=[])
    await run(door)
    assert await tags_of_calls(db) == [{}]


async def test_what_came_late_is_found_within_a_week(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    await keep(manager, tags_days=10)
    await run(door)
    await add_call(db, manager.company_id, hit_at=days_ago(50), tags={"a": "1"})
    assert await run(door) == 0  # that far it had looked already
    await db.execute("update tags_blanked set begun_at = begun_at - interval '8 days'")
    assert await run(door) == 1
    assert await tags_of_calls(db) == [{}]


async def test_more_rows_than_one_transaction_takes_are_all_found(
    manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    same = days_ago(50)
    for number in range(10):
        await add_call(db, manager.company_id, hit_at=same if number < 5 else days_ago(40 - number), tags={"a": "1"})
        await add_postback(db, manager.company_id, received_at=same, tag_values={"a": "1"})
    await keep(manager, tags_days=10)
    assert await run(door) == 20
    assert await tags_of_calls(db) == [{}] * 10
    await keep(manager, calls_days=10, postback_log_days=10)
    assert await run(door) == 20
    assert await uuids(db) == []


async def test_another_company_keeps_what_it_wants(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]
) -> None:
    for company in (manager, neighbour):
        await add_call(db, company.company_id, hit_at=days_ago(50), tags={"a": "1"})
        await add_postback(db, company.company_id, received_at=days_ago(50))
    await keep(manager, calls_days=10, postback_log_days=10, tags_days=5)
    await run(door)
    assert [row[0] for row in await db.fetch("select company_id from calls")] == [neighbour.company_id]
    assert [row[0] for row in await db.fetch("select company_id from postback_log")] == [neighbour.company_id]
    assert await tags_of_calls(db) == [{"a": "1"}]


async def test_one_process_works_at_a_time(manager: Manager, db: asyncpg.Connection, door: TestClient[Any, Any]) -> None:
    await add_call(db, manager.company_id, hit_at=days_ago(50))
    await keep(manager, calls_days=10)
    async with db.transaction():
        await db.execute("select pg_advisory_xact_lock($1)", retention.RETENTION_LOCK)
        assert await run(door) == 0
    assert await run(door) == 1


async def test_days_in_which_nothing_is_left_are_dropped(db: asyncpg.Connection, manager: Manager) -> None:
    await db.execute("select make_partitions('2020-01-01', 2)")
    await add_call(db, manager.company_id, hit_at=datetime(2020, 1, 2, 12, tzinfo=UTC))
    assert await db.fetchval("select drop_empty_partitions('2020-02-01')") == 5
    assert await db.fetchval("select to_regclass('calls_20200102') is not null and to_regclass('calls_20200101') is null")
    assert await db.fetchval("select drop_empty_partitions('2020-01-02')") == 0
    assert await uuids(db) != []


async def test_a_day_that_somebody_writes_to_is_left_alone(db: asyncpg.Connection, manager: Manager, postgres_url: str) -> None:
    await db.execute("select make_partitions('2020-01-01', 1)")
    writer = await asyncpg.connect(postgres_url)
    async with writer.transaction():
        await add_call(writer, manager.company_id, hit_at=datetime(2020, 1, 1, 12, tzinfo=UTC))
        assert await db.fetchval("select drop_empty_partitions('2020-02-01')") == 2
    await writer.close()
    assert len(await uuids(db)) == 1
