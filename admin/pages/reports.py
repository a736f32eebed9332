"""Reports: what calls came to, as a chart, a table and a file."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from admin.handlers import reports
from admin.pages import charts
from admin.pages.api_query import find_file, make_query
from admin.pages.page import Context, Page
from admin.pages.time_ranges import WORDS, RangeQuery, read_range
from admin.route import Ask
from admin.store import names
from schemas.admin.fields import TEXT_SHAPE, Id
from schemas.admin.reports import GroupBy, ReportsQuery, TimeZone

MOST_ROWS = 62
GROUPS: dict[GroupBy, str] = {
    "day": "Day",
    "campaign": "Campaign",
    "publisher": "Publisher",
    "buyer": "Buyer",
    "tag": "A tag's values",
}


class ReportPageQuery(RangeQuery, frozen=True, kw_only=True):
    """The form above the report, as ReportsQuery has it."""

    group_by: GroupBy = "day"
    tag_name: Annotated[str, Meta(max_length=128, pattern=TEXT_SHAPE)] | UnsetType = UNSET
    time_zone: TimeZone = "UTC"
    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
    answered_by: Id | UnsetType = UNSET
    all: bool = False


async def show_report(ask: Ask, company_id: Id, query: ReportPageQuery) -> Context:
    asked = make_query(ReportsQuery, query, **read_range(query, usual="week"))
    report = await reports.show_report(ask, company_id, asked)
    rows = report.items if query.all else report.items[-MOST_ROWS:] if query.group_by == "day" else report.items[:MOST_ROWS]
    return {
        "report": report,
        "rows": rows,
        "left_out": len(report.items) - len(rows),
        "most_calls": max((row.calls for row in report.items), default=0),
        "chart": charts.draw(charts.columns_of_days(report.items), charts.PARTS_OF_CALLS) if query.group_by == "day" else None,
        "groups": GROUPS,
        "tag_name": query.tag_name or "",
        "offered": await names.fetch_choices(ask.db, company_id, ask.actor.sight()),
        "file": find_file(ask, company_id, "reports", asked, "run_reports"),
        "ranges": WORDS,
    }


PAGES = (Page("/companies/{company_id}/reports", "reports.html", show_report, "run_reports"),)
