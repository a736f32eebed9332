"""The dashboard, and what there is for who may not see it or has nothing to see yet."""

import asyncpg
import pytest

from ingest.merger.drain import Drain
from tests.integration.admin.lookers import Company, ago, make_company
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import permit
from tests.waiting import wait_for


@pytest.fixture
async def company(manager: Manager, db: asyncpg.Connection) -> Company:
    return await make_company(manager, db)


async def test_a_manager_sees_figures_a_chart_and_the_same_as_a_table(company: Company) -> None:
    await company.call(tags={"zip": "1"}, revenue_cents=123_456, disposition="answered")
    await company.call(status="in_progress")
    await company.postback(outcome="stored")
    await company.postback(outcome="refused", code="invalid_tag", occurrences=1200)
    page = await (await company.owner()).see()
    for words in ("Calls 2", "Answered 1", "In progress now 1", "Attach rate 50.0 %", "Revenue 1,234.56"):
        assert words in page.text, words
    assert "1,201 in all" in page.text
    assert "UTC: 1 stored, 1,200 refused</title>" in page.body
    assert "Calls 2 in all, 50.0 % with tags" in page.text
    assert "UTC: 1 with tags, 1 without tags</title>" in page.body
    assert "Publisher" in page.text
    assert f"/companies/{company.id}/calls?publisher_id={company.publisher_id}&amp;within=day" in page.body
    assert len(page.body) < 100_000


async def test_the_time_is_chosen(company: Company) -> None:
    await company.call(hit_at=ago(hours=3))
    owner = await company.owner()
    assert "Calls 0" in (await owner.see("?within=hour")).text
    assert "Calls 1" in (await owner.see("?within=day")).text
    assert "Calls 1" in (await owner.see("?within=week")).text
    assert "Calls 1" in (await owner.see("?within=nonsense")).text  # not a reason to show nothing


async def test_it_says_how_far_behind_the_log_is(company: Company, db: asyncpg.Connection) -> None:
    owner = await company.owner()
    assert "The log is" not in (await owner.see()).text
    await db.execute("insert into drain_state (lag_seconds, backlog_entries) values (0.2, 3)")
    assert "The log is 0.2 s behind" in (await owner.see()).text
    await db.execute("update drain_state set measured_at = now() - interval '2 minutes'")
    assert "The log is 2 minutes behind" in (await owner.see()).text  # a drain that is silent is behind


async def test_the_drain_says_how_far_behind_the_log_is(redis_url: str, postgres_url: str, db: asyncpg.Connection) -> None:
    drain = Drain(redis_url, postgres_url)
    await drain.start()
    try:
        said = await wait_for(lambda: db.fetchrow("select lag_seconds, backlog_entries from drain_state"))
    finally:
        await drain.stop()
    assert tuple(said) == (0, 0)


async def test_who_acts_as_nobody_is_told_why_and_whom_to_ask(company: Company) -> None:
    page = await (await company.as_nobody()).see()
    assert "you don't act as any of its publishers or buyers so far" in page.text
    assert "Ask the account manager of Acme" in page.text
    assert "There is nothing wrong" in page.text


async def test_a_publisher_to_whom_nothing_is_granted_is_told_so(company: Company, db: asyncpg.Connection) -> None:
    publisher = await company.as_publisher()
    assert "Nothing is shared with you yet" not in (await publisher.see()).text
    await db.execute("update number_grants set revoked_at = now()")
    await db.execute("update campaign_grants set revoked_at = now()")
    page = await publisher.see()
    assert "to whom no campaign and no number is granted so far" in page.text
    assert "Ask the account manager of Acme" in page.text


async def test_who_may_not_see_it_gets_their_rooms(company: Company, db: asyncpg.Connection) -> None:
    await permit(db, company.id, "publisher", company.publisher_id, "publisher", {"view_dashboard": "deny"})
    page = await (await company.as_publisher()).see()
    assert "Where you can go" in page.text
    assert f"/companies/{company.id}/postback-log" in page.links
    assert "Attach rate" not in page.text


async def test_a_publishers_dashboard_is_of_its_own_calls_without_revenue(company: Company) -> None:
    await company.call(revenue_cents=555_500)
    await company.call(dialed_number="+18005559999")
    page = await (await company.as_publisher()).see()
    assert "Calls 1" in page.text
    assert "Revenue hidden" in page.text
    assert "5,555" not in page.text


async def test_a_stranger_finds_nothing(company: Company, neighbour: Manager) -> None:
    owner = await company.owner()
    assert (await owner.open(f"/companies/{neighbour.company_id}")).status == 404
    owner.cookies.clear()
    assert (await owner.open(owner.root)).leads_to.startswith("/sign-in?next=")
