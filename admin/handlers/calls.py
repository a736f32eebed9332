"""The call log."""

import contextlib
from collections.abc import Iterable
from uuid import UUID

import msgspec

from admin.masks import mask_events
from admin.paging import BY_HIT, make_page, read_cursor
from admin.permissions import mask, mask_attribution
from admin.route import Ask
from admin.store import calls, companies, postback_log
from admin.store.calls import SeenCall
from admin.store.sight import Eyes, open_eyes
from schemas.admin.calls import Attribution, Call, CallDetail, CallsQuery, TimelineEntry
from schemas.admin.fields import CallUuid, Id, given
from schemas.admin.pages import Page

MOST_OF_EACH_KIND = 500


async def list_calls(ask: Ask, company_id: Id, query: CallsQuery) -> Page[Call]:
    """The call log, newest hit first; `status=in_progress` is the live view."""
    eyes = await open_eyes(ask.db, company_id, ask.actor, *ask.needs("view_call_log"))
    await companies.check_belong(
        ask.db,
        company_id,
        campaign_id=given(query.campaign_id),
        publisher_id=given(query.publisher_id),
        answered_by=given(query.answered_by),
    )
    spelling = given(query.caller_number)
    caller_number = await companies.read_number(ask.db, company_id, spelling, field="caller_number") if spelling else None
    rows = await calls.fetch_page(ask.db, company_id, eyes, query, caller_number=caller_number, before=read_cursor(query, BY_HIT))
    return make_page([_show(seen, eyes) for seen in rows], query, lambda call: (call.hit_at, call.call_uuid))


async def show_call(ask: Ask, company_id: Id, call_uuid: CallUuid) -> CallDetail:
    """One call, where each of its tags came from, and what happened to it in the order of time."""
    eyes = await open_eyes(ask.db, company_id, ask.actor, "view_call_log")
    found = await calls.get(ask.db, company_id, eyes, call_uuid)
    events = await calls.fetch_events(ask.db, company_id, found.call, limit=MOST_OF_EACH_KIND)
    attributed = list(_postback_ids(found.attribution.values()))
    postbacks = await postback_log.fetch_of_call(ask.db, company_id, found, attributed, eyes, limit=MOST_OF_EACH_KIND)
    timeline = [TimelineEntry(at=postback.received_at, kind="postback", detail=None, postback=postback) for postback in postbacks]
    attribution = found.attribution
    if not eyes.sight.everything:
        events, attribution = mask_events(events, found.seen_as), mask_attribution(attribution, found.seen_as)
    timeline = sorted(timeline + events, key=lambda entry: entry.at)  # stable: a postback before what it met
    return CallDetail(**msgspec.structs.asdict(_show(found, eyes)), attribution=attribution, timeline=timeline)


def _show(seen: SeenCall, eyes: Eyes) -> Call:
    return seen.call if eyes.sight.everything else mask(seen.call, seen.seen_as)


def _postback_ids(sources: Iterable[Attribution]) -> Iterable[UUID]:
    for postback_id in {source.postback_id for source in sources}:
        with contextlib.suppress(ValueError):
            yield UUID(postback_id)
