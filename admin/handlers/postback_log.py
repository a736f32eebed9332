"""The postback log."""

from uuid import UUID

from admin.errors import NotPermitted
from admin.paging import BY_RECEIPT, make_page, read_cursor
from admin.route import Ask
from admin.store import companies, postback_log
from admin.store.postback_log import PostbackEyes
from admin.store.sight import open_eyes
from schemas.admin.fields import Id, given
from schemas.admin.pages import Page
from schemas.admin.postback_log import Postback, PostbacksQuery


async def list_postbacks(ask: Ask, company_id: Id, query: PostbacksQuery) -> Page[Postback]:
    """The postback log, newest first; refused postbacks of known keys are in it too."""
    eyes = await _open_eyes(ask, company_id)
    publisher_id, postback_key_id = given(query.publisher_id), given(query.postback_key_id)
    await companies.check_belong(ask.db, company_id, publisher_id=publisher_id, postback_key_id=postback_key_id)
    if publisher_id is not None:
        eyes.sight.check_publisher(publisher_id, field="publisher_id")
    if postback_key_id is not None:
        owner = await postback_log.find_publisher_of_key(ask.db, company_id, postback_key_id)
        eyes.sight.check_publisher(owner, field="postback_key_id")
    spelling = given(query.caller_number)
    caller_number = await companies.read_number(ask.db, company_id, spelling, field="caller_number") if spelling else None
    before = read_cursor(query, BY_RECEIPT)
    rows = await postback_log.fetch_page(ask.db, company_id, eyes, query, caller_number=caller_number, before=before)
    return make_page(rows, query, lambda postback: (postback.received_at, postback.id))


async def show_postback(ask: Ask, company_id: Id, postback_id: UUID) -> Postback:
    """One postback, by the id that its reply carried in `Callstamp-Postback-Id`."""
    return await postback_log.get(ask.db, company_id, await _open_eyes(ask, company_id), postback_id)


async def _open_eyes(ask: Ask, company_id: int) -> PostbackEyes:
    needs = ask.needs("view_postback_log")
    sight = ask.actor.sight(*needs)
    if sight.is_empty:
        raise NotPermitted
    sees_calls = not ask.actor.sight("view_call_log").is_empty
    call_eyes = await open_eyes(ask.db, company_id, ask.actor, "view_call_log") if sees_calls else None
    return PostbackEyes(actor=ask.actor, sight=sight, needs=needs, call_eyes=call_eyes)
