"""The call log, and one call with all that happened to it."""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from admin.handlers import calls
from admin.pages.api_query import find_file, make_query
from admin.pages.page import Context, Page
from admin.pages.time_ranges import WORDS, RangeQuery, read_range
from admin.route import Ask
from admin.store import names
from schemas.admin.calls import Call, CallDetail, CallsQuery
from schemas.admin.fields import TEXT_SHAPE, CallStatus, CallUuid, Id, NumberSpelling

MOST_SHOWN = 60
"""Of a timeline: the postback log has the other postbacks."""


class CallLogQuery(RangeQuery, frozen=True, kw_only=True):
    """The filters, as CallsQuery has them."""

    status: CallStatus | UnsetType = UNSET
    campaign_id: Id | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
    answered_by: Id | UnsetType = UNSET
    caller_number: NumberSpelling | UnsetType = UNSET
    tag_name: Annotated[str, Meta(max_length=128, pattern=TEXT_SHAPE)] | UnsetType = UNSET
    tag_value: Annotated[str, Meta(max_length=4096, pattern=TEXT_SHAPE)] | UnsetType = UNSET
    cursor: Annotated[str, Meta(max_length=400)] | UnsetType = UNSET


class Moment(Struct, frozen=True, kw_only=True):
    """One entry of a timeline, and how long after the hit it was."""

    entry: object
    seconds: float


async def show_calls(ask: Ask, company_id: Id, query: CallLogQuery) -> Context:
    asked = make_query(CallsQuery, query, **read_range(query))
    page = await calls.list_calls(ask, company_id, asked)
    return {
        "page": page,
        "names": await _names_of(ask, company_id, page.items),
        "offered": await names.fetch_choices(ask.db, company_id, ask.actor.sight()),
        "file": find_file(ask, company_id, "calls", asked, "view_call_log", "export_calls"),
        "ranges": WORDS,
    }


async def show_call(ask: Ask, company_id: Id, call_uuid: CallUuid) -> Context:
    call = await calls.show_call(ask, company_id, call_uuid)
    shown = call.timeline[:MOST_SHOWN]
    return {
        "call": call,
        "moments": [Moment(entry=entry, seconds=(entry.at - call.hit_at).total_seconds()) for entry in shown],
        "left_out": len(call.timeline) - len(shown),
        "names": await _names_of_call(ask, company_id, call),
    }


async def _names_of(ask: Ask, company_id: int, shown: Iterable[Call]) -> names.Names:
    rows = list(shown)
    return await names.fetch(
        ask.db,
        company_id,
        ask.actor.sight(),
        publishers=(call.publisher_id for call in rows),
        buyers=(call.answered_by for call in rows),
        campaigns=(call.campaign_id for call in rows),
    )


async def _names_of_call(ask: Ask, company_id: int, call: CallDetail) -> names.Names:
    details = [entry.detail or {} for entry in call.timeline]
    postbacks = [entry.postback for entry in call.timeline if entry.postback]
    sources: list[Any] = [*call.attribution.values(), *postbacks]
    told = [detail.get(field) for detail in details for field in ("routed_to", "answered_by")]
    return await names.fetch(
        ask.db,
        company_id,
        ask.actor.sight(),
        publishers=(call.publisher_id, *(source.publisher_id for source in sources)),
        buyers=(call.answered_by, call.routed_to, *(buyer_id for buyer_id in told if isinstance(buyer_id, int))),
        campaigns=(call.campaign_id,),
        postback_keys=(source.postback_key_id for source in sources),
    )


PAGES = (
    Page("/companies/{company_id}/calls", "calls.html", show_calls, "see_call_log"),
    Page("/companies/{company_id}/calls/{call_uuid}", "call.html", show_call, "see_call_log"),
)
