"""The postback log, and one postback: what was sent, what was replied, and what became of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from admin.handlers import postback_log
from admin.pages.api_query import find_file, make_query
from admin.pages.page import Context, Page
from admin.pages.postback_reply import make_reply
from admin.pages.time_ranges import WORDS, RangeQuery, read_range
from admin.route import Ask
from admin.store import names
from schemas.admin.fields import CODE_SHAPE, CallUuid, Id, NumberSpelling, Outcome
from schemas.admin.postback_log import Postback, PostbacksQuery

LOG = "/companies/{company_id}/postback-log"


class PostbackLogQuery(RangeQuery, frozen=True, kw_only=True):
    """The filters, as PostbacksQuery has them; `after` is where the live log goes on from."""

    publisher_id: Id | UnsetType = UNSET
    postback_key_id: Id | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    code: Annotated[str, Meta(max_length=64, pattern=CODE_SHAPE)] | UnsetType = UNSET
    caller_number: NumberSpelling | UnsetType = UNSET
    call_uuid: CallUuid | UnsetType = UNSET
    cursor: Annotated[str, Meta(max_length=400)] | UnsetType = UNSET
    after: str | UnsetType = UNSET


def read_filters_of(query: PostbackLogQuery) -> PostbacksQuery:
    """As the API is asked. Raises InvalidField."""
    return make_query(PostbacksQuery, query, **read_range(query))


async def show_postbacks(ask: Ask, company_id: Id, query: PostbackLogQuery) -> Context:
    asked = read_filters_of(query)
    page = await postback_log.list_postbacks(ask, company_id, asked)
    return {
        "page": page,
        "names": await name_postbacks(ask, company_id, page.items),
        "offered": await names.fetch_choices(ask.db, company_id, ask.actor.sight()),
        "file": find_file(ask, company_id, "postback-log", asked, "view_postback_log", "export_calls"),
        "ranges": WORDS,
        "live": _live_address(company_id, query, page.items),
    }


async def show_postback(ask: Ask, company_id: Id, postback_id: UUID) -> Context:
    postback = await postback_log.show_postback(ask, company_id, postback_id)
    is_opaque = await names.is_opaque_key(ask.db, company_id, postback.postback_key_id)
    return {
        "postback": postback,
        "reply": make_reply(postback, is_opaque=is_opaque),
        "names": await name_postbacks(ask, company_id, [postback]),
    }


async def name_postbacks(ask: Ask, company_id: int, shown: Iterable[Postback]) -> names.Names:
    rows = list(shown)
    return await names.fetch(
        ask.db,
        company_id,
        ask.actor.sight(),
        publishers=(postback.publisher_id for postback in rows),
        postback_keys=(postback.postback_key_id for postback in rows),
    )


def _live_address(company_id: int, query: PostbackLogQuery, shown: list[Postback]) -> str | None:
    """Where what comes from now on is told; None on later pages, and for times that are over."""
    if query.cursor is not UNSET or not query.is_up_to_now():
        return None
    after = shown[0].received_at if shown else datetime.now(UTC)
    said = {name: value for name, value in msgspec.to_builtins(query).items() if name not in {"cursor", "after", "within"}}
    return f"{LOG.format(company_id=company_id)}/live?" + urlencode(said | {"after": after.isoformat()})


PAGES = (
    Page(LOG, "postback_log.html", show_postbacks, "see_postback_log"),
    Page(LOG + "/{postback_id}", "postback.html", show_postback, "see_postback_log"),
)
