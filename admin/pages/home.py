"""Where one comes in: the companies of somebody, and a company's dashboard, or what there is instead of it."""

from admin.handlers import dashboard
from admin.pages import charts
from admin.pages.page import Context, Page
from admin.pages.time_ranges import WORDS, RangeQuery, read_range
from admin.permissions import may
from admin.route import Ask
from admin.store import collaborators
from schemas.admin.dashboard import Dashboard, DashboardQuery
from schemas.admin.fields import Id

_RANGES = {within: WORDS[within] for within in ("hour", "day", "week")}
_UNITS = {60: "a minute", 3600: "an hour", 86_400: "a day"}


async def show_companies(ask: Ask) -> Context:
    return {}


async def show_home(ask: Ask, company_id: Id, query: RangeQuery) -> Context:
    context: Context = {
        "board": None,
        "awaits": await _awaits(ask, company_id),
        "within": query.within or "day",
        "ranges": _RANGES,
    }
    if not may(ask.actor, "see_dashboard"):
        return context
    board = await dashboard.show_dashboard(ask, company_id, DashboardQuery(**read_range(query, usual="day")))
    return context | {"board": board} | _draw(board)


def _draw(board: Dashboard) -> Context:
    calls, seconds = charts.columns_of_calls(board.calls_over_time, board.from_, board.to)
    drawn: Context = {
        "unit": _UNITS.get(seconds) or f"every {seconds // 3600} hours",
        "calls": charts.draw(calls, charts.TAGGED),
        "postbacks": None,
    }
    if board.postbacks is not None:
        columns, _ = charts.columns_of_postbacks(board.postbacks, board.from_, board.to)
        drawn["postbacks"] = charts.draw(columns, charts.OUTCOMES)
    return drawn


async def _awaits(ask: Ask, company_id: int) -> str | None:
    """What somebody who has nothing to see yet waits for: to act as anybody, or that something is granted."""
    actor = ask.actor
    if actor.is_manager or actor.collaborator_id is None:
        return None
    if not actor.subjects:
        return "subject"
    status = (await collaborators.get(ask.db, company_id, actor.collaborator_id)).status
    return "grant" if status == "no_permissions" else None


PAGES = (
    Page("/", "companies.html", show_companies, "see_self"),
    Page("/companies/{company_id}", "home.html", show_home, "see_self"),
)
