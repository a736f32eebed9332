"""Reports."""

from datetime import timedelta

from admin.route import Ask
from admin.store import companies, reports
from admin.store.sight import open_eyes
from schemas.admin.fields import Id, given
from schemas.admin.reports import Report, ReportsQuery

USUAL = timedelta(days=30)
MOST = timedelta(days=400)


async def show_report(ask: Ask, company_id: Id, query: ReportsQuery) -> Report:
    """What calls came to, by day, campaign, publisher, buyer or the values of a tag.

    The attach rate is the part of the calls that had tags, whoever posted them; by publisher it is counted for the call's. The largest
    1,000 groups are listed, of 400 days at most.
    """
    eyes = await open_eyes(ask.db, company_id, ask.actor, "run_reports")
    ids = {name: given(getattr(query, name)) for name in ("campaign_id", "publisher_id", "answered_by")}
    await companies.check_belong(ask.db, company_id, **ids)
    await reports.check_time_zone(ask.db, query.time_zone)
    since, until = await reports.read_times(ask.db, given(query.from_), given(query.to), usual=USUAL, most=MOST)
    groups = await reports.fetch_groups(ask.db, company_id, eyes, query, group_by=query.group_by, since=since, until=until)
    return Report(
        group_by=query.group_by,
        from_=since,
        to=until,
        time_zone=query.time_zone,
        items=groups.rows,
        more_groups=groups.count - len(groups.rows),
        totals=groups.totals,
        hidden=groups.hidden,
    )
