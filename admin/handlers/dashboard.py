"""The dashboard."""

from datetime import timedelta

from admin.errors import FieldHidden
from admin.route import Ask
from admin.store import dashboard, drain_state, reports
from admin.store.reports import Groups
from admin.store.sight import open_eyes
from schemas.admin.dashboard import Dashboard, DashboardQuery
from schemas.admin.fields import Id, given
from schemas.admin.reports import GroupBy, ReportsQuery

USUAL = timedelta(hours=24)
MOST = timedelta(days=31)
TOP = 5
_EVERYTHING = ReportsQuery(group_by="publisher")
_BUCKETS = ((timedelta(hours=3), 60), (timedelta(days=8), 3600), (MOST, 86_400))
"""Up to which time calls and postbacks are counted in buckets of how many seconds."""


async def show_dashboard(ask: Ask, company_id: Id, query: DashboardQuery) -> Dashboard:
    """What came in and what it came to, in the last 24 hours or another time of at most 31 days."""
    eyes = await open_eyes(ask.db, company_id, ask.actor, "view_dashboard")
    since, until = await reports.read_times(ask.db, given(query.from_), given(query.to), usual=USUAL, most=MOST)

    async def add_up(by_publisher: bool) -> Groups:
        group_by: GroupBy | None = "publisher" if by_publisher else None
        return await reports.fetch_groups(
            ask.db, company_id, eyes, _EVERYTHING, group_by=group_by, since=since, until=until, limit=TOP
        )

    try:
        by_publisher = await add_up(by_publisher=True)
    except FieldHidden:
        by_publisher = None
    # a publisher or buyer sees calls, too, of which it doesn't see whose they are
    together = by_publisher if by_publisher and eyes.sight.everything else await add_up(by_publisher=False)
    hidden = [*together.hidden, *([] if by_publisher else ["top_publishers"])]
    seconds = next(seconds for longest, seconds in _BUCKETS if until - since <= longest)
    postback_sight, postbacks = ask.actor.sight("view_dashboard", "view_postback_log"), None
    if postback_sight.everything or postback_sight.publisher_ids:
        postbacks = await dashboard.count_postbacks(
            ask.db, company_id, postback_sight, since=since, until=until, bucket_seconds=seconds
        )
    else:
        hidden.append("postbacks")
    return Dashboard(
        from_=since,
        to=until,
        calls=together.totals,
        calls_over_time=await dashboard.count_calls(ask.db, company_id, eyes, since=since, until=until, bucket_seconds=seconds),
        in_progress=await dashboard.count_in_progress(ask.db, company_id, eyes),
        postbacks=postbacks,
        top_publishers=by_publisher.rows if by_publisher else None,
        log_behind_seconds=await drain_state.find_seconds_behind(ask.db),
        hidden=hidden,
    )
