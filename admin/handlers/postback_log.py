"""The postback log."""

from uuid import UUID

from admin.paging import BY_RECEIPT, make_page, read_cursor
from admin.route import Ask
from admin.store import companies, postback_log
from schemas.admin.fields import Id, given
from schemas.admin.pages import Page
from schemas.admin.postback_log import Postback, PostbacksQuery


async def list_postbacks(ask: Ask, company_id: Id, query: PostbacksQuery) -> Page[Postback]:
    """The postback log, newest first; refused postbacks of known keys are in it too."""
    await companies.check_belong(
        ask.db, company_id, publisher_id=given(query.publisher_id), postback_key_id=given(query.postback_key_id)
    )
    spelling = given(query.caller_number)
    caller_number = await companies.read_number(ask.db, company_id, spelling, field="caller_number") if spelling else None
    before = read_cursor(query, BY_RECEIPT)
    rows = await postback_log.fetch_page(ask.db, company_id, query, caller_number=caller_number, before=before)
    return make_page(rows, query, lambda postback: (postback.received_at, postback.id))


async def show_postback(ask: Ask, company_id: Id, postback_id: UUID) -> Postback:
    """One postback, by the id that its reply carried in `Callstamp-Postback-Id`."""
    return await postback_log.get(ask.db, company_id, postback_id)
