"""Reports in the console."""

import asyncpg
import pytest

from tests.integration.admin.lookers import XSS, Company, ago, make_company
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import permit


@pytest.fixture
async def company(manager: Manager, db: asyncpg.Connection) -> Company:
    company = await make_company(manager, db)
    await company.call(disposition="answered", duration_seconds=3661, payout_cents=1000, tags={"zip": XSS})
    await company.call(hit_at=ago(days=2), revenue_cents=2550)
    return company


async def test_days_are_a_chart_and_a_table_with_their_sum(company: Company) -> None:
    days = {f"{ago(days=number):%Y-%m-%d}" for number in (0, 2)}
    page = await (await company.owner()).see("/reports")
    days_after = {f"{ago(days=number):%Y-%m-%d}" for number in (0, 2)}  # others if it is midnight
    assert any(all(day in page.text for day in some) for some in (days, days_after))
    together = page.text[page.text.index("Together") :]
    for words in ("2", "1:01:01", "50.0 %", "25.50", "10.00"):
        assert words in together, words
    assert ": 1 answered</title>" in page.body
    assert ": 1 unanswered</title>" in page.body


async def test_groups_have_their_names(company: Company) -> None:
    owner = await company.owner()
    for group_by, name in {"campaign": "Campaign", "publisher": "Publisher", "buyer": "none"}.items():
        page = await owner.see(f"/reports?group_by={group_by}")
        assert name in page.text[page.text.index("Attach rate") :], group_by
    page = await owner.see("/reports?group_by=tag&tag_name=zip")
    assert XSS in page.text
    assert "without this tag" in page.text


async def test_what_is_wrong_is_said_beside_the_field(company: Company) -> None:
    owner = await company.owner()
    for query, field in {
        "group_by=tag": "tag_name",
        "time_zone=Mars/Olympus": "time_zone",
        "group_by=moon": "group_by",
        "from=2020-01-01T00:00": "from",
    }.items():
        page = await owner.see(f"/reports?{query}")
        assert f'id="wrong-{field}"' in page.body, query


async def test_the_file_is_the_same_report(company: Company) -> None:
    page = await (await company.owner()).see("/reports?group_by=publisher&within=week")
    (file,) = [link for link in page.links if "format=csv" in link]
    assert file.startswith(f"/v1/companies/{company.id}/reports?")
    assert "group_by=publisher" in file
    assert "from=" in file


async def test_a_publisher_sees_its_own_and_no_revenue(company: Company, db: asyncpg.Connection) -> None:
    await company.call(dialed_number="+18005559999", payout_cents=77_700)
    publisher = await company.as_publisher()
    page = await publisher.see("/reports")
    assert "hidden" in page.text
    assert "25.50" not in page.text
    assert "777" not in page.text
    page = await publisher.see("/reports?group_by=buyer")
    assert 'role="alert"' in page.body or 'id="wrong-group_by"' in page.body
    await permit(db, company.id, "publisher", company.publisher_id, "publisher", {"run_reports": "deny"})
    await publisher.see("/reports", 403)
