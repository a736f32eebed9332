"""The call log."""

import contextlib
from collections.abc import Iterable
from uuid import UUID

import msgspec

from admin.paging import BY_HIT, make_page, read_cursor
from admin.route import Ask
from admin.store import calls, companies, postback_log
from schemas.admin.calls import Attribution, Call, CallDetail, CallsQuery, TimelineEntry
from schemas.admin.fields import CallUuid, Id, given
from schemas.admin.pages import Page

MOST_OF_EACH_KIND = 500


async def list_calls(ask: Ask, company_id: Id, query: CallsQuery) -> Page[Call]:
    """The call log, newest hit first; `status=in_progress` is the live view."""
    await companies.check_belong(
        ask.db,
        company_id,
        campaign_id=given(query.campaign_id),
        publisher_id=given(query.publisher_id),
        answered_by=given(query.answered_by),
    )
    spelling = given(query.caller_number)
    caller_number = await companies.read_number(ask.db, company_id, spelling, field="caller_number") if spelling else None
    rows = await calls.fetch_page(ask.db, company_id, query, caller_number=caller_number, before=read_cursor(query, BY_HIT))
    return make_page(rows, query, lambda call: (call.hit_at, call.call_uuid))


async def show_call(ask: Ask, company_id: Id, call_uuid: CallUuid) -> CallDetail:
    """One call, where each of its tags came from, and what happened to it in the order of time."""
    found = await calls.get(ask.db, company_id, call_uuid)
    events = await calls.fetch_events(ask.db, company_id, call_uuid, limit=MOST_OF_EACH_KIND)
    attributed = list(_postback_ids(found.attribution.values()))
    postbacks = await postback_log.fetch_of_call(ask.db, company_id, call_uuid, attributed, limit=MOST_OF_EACH_KIND)
    timeline = [TimelineEntry(at=postback.received_at, kind="postback", detail=None, postback=postback) for postback in postbacks]
    timeline = sorted(timeline + events, key=lambda entry: entry.at)  # stable: a postback before what it met
    return CallDetail(**msgspec.structs.asdict(found.call), attribution=found.attribution, timeline=timeline)


def _postback_ids(sources: Iterable[Attribution]) -> Iterable[UUID]:
    for postback_id in {source.postback_id for source in sources}:
        with contextlib.suppress(ValueError):
            yield UUID(postback_id)
