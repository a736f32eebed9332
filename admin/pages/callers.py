"""A caller's file, and its erasure. The number travels in forms alone: addresses stay in histories and other servers' logs."""

from typing import Any

from admin.handlers import callers
from admin.pages.page import Context, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask
from admin.store import names
from schemas.admin.callers import CallerFile, Erasure
from schemas.admin.fields import Id
from shared.errors import InvalidField

TEMPLATE = "callers.html"


async def show_search(ask: Ask, company_id: Id) -> Context:
    return {"caller": None, "receipt": None, "names": names.Names()}


async def look(ask: Ask, said: Said, company_id: Id) -> Shown:
    caller = await callers.show_caller(ask, company_id, _read_number(said))
    return await _show(ask, company_id, caller, None)


async def erase(ask: Ask, said: Said, company_id: Id) -> Shown:
    number = _read_number(said)
    receipt = await callers.erase_caller(ask, company_id, number)
    return await _show(ask, company_id, await callers.show_caller(ask, company_id, number), receipt)


async def _show(ask: Ask, company_id: int, caller: CallerFile, receipt: Erasure | None) -> Shown:
    posted: list[Any] = [*caller.waiting_tags, *caller.postbacks]
    named = await names.fetch(
        ask.db,
        company_id,
        ask.actor.sight(),
        publishers=(row.publisher_id for row in [*posted, *caller.calls]),
        campaigns=(call.campaign_id for call in caller.calls),
        buyers=(call.answered_by for call in caller.calls),
        postback_keys=(row.postback_key_id for row in posted),
    )
    return Shown(TEMPLATE, {"caller": caller, "receipt": receipt, "names": named, "typed": {"number": caller.caller_number}})


def _read_number(said: Said) -> str:
    number = said.text("number")
    if not number:
        raise InvalidField("Type the number of a caller.", field="number")
    if len(number) > 64 or not number.isprintable():
        raise InvalidField("This isn't a telephone number.", field="number")
    return number


PAGES = (
    Page(
        "/companies/{company_id}/callers",
        TEMPLATE,
        show_search,
        "see_caller_file",
        forms=(Form("look", look, "see_caller_file"), Form("erase", erase, "erase_caller")),
    ),
)
