"""Tracking numbers: the list with its filters, making one, and one of them."""

from admin.handlers import numbers, publishers
from admin.pages.choices import choose_campaign, choose_publisher
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.fields import Id
from schemas.admin.numbers import NewTrackingNumber, TrackingNumber, TrackingNumberChange, TrackingNumbersQuery

NUMBERS = "/companies/{company_id}/numbers"
NUMBER = NUMBERS + "/{number_id}"


async def show_numbers(ask: Ask, company_id: Id, query: TrackingNumbersQuery) -> Context:
    page = await numbers.list_numbers(ask, company_id, query)
    return {
        "page": page,
        "campaigns": await choose_campaign(ask, company_id, [number.campaign_id for number in page.items]),
        "publishers": await choose_publisher(ask, company_id, [number.publisher_id for number in page.items]),
        "makers": await numbers.fetch_makers(ask, company_id),
    }


async def show_new_number(ask: Ask, company_id: Id) -> Context:
    return {
        "campaigns": await choose_campaign(ask, company_id),
        "publishers": await choose_publisher(ask, company_id),
        "makers": await numbers.fetch_makers(ask, company_id),
    }


async def create_number(ask: Ask, said: Said, company_id: Id) -> Done:
    made = await numbers.create_number(ask, company_id, said.read(NewTrackingNumber))
    return Done(f"/companies/{company_id}/numbers/{made.id}", await _tell_of(ask, company_id, made))


async def show_number(ask: Ask, company_id: Id, number_id: Id) -> Context:
    number = await numbers.show_number(ask, company_id, number_id)
    return {
        "number": number,
        "campaigns": await choose_campaign(ask, company_id, [number.campaign_id]),
        "publishers": await choose_publisher(ask, company_id, [number.publisher_id]),
    }


async def change_number(ask: Ask, said: Said, company_id: Id, number_id: Id) -> Done:
    await numbers.change_number(ask, company_id, number_id, said.read(TrackingNumberChange))
    return Done(f"/companies/{company_id}/numbers/{number_id}", "Saved. It counts for calls from now on.")


async def remove_number(ask: Ask, said: Said, company_id: Id, number_id: Id) -> Done:
    await numbers.remove_number(ask, company_id, number_id)
    return Done(f"/companies/{company_id}/numbers", "The tracking number is removed, and granted to nobody any more.")


async def _tell_of(ask: Ask, company_id: int, made: TrackingNumber) -> str:
    """What is said of a new number: whether it is beyond its publisher's cap, and who has to grant it."""
    if not ask.actor.is_manager:
        return "The tracking number is made, and granted to you from now on."
    if made.publisher_id is None:
        return "The tracking number is made."
    publisher = await publishers.show_publisher(ask, company_id, made.publisher_id)
    beyond = publisher.numbers_held > publisher.effective_number_cap and not made.pool
    told = f", beyond the publisher's number cap of {publisher.effective_number_cap}" if beyond else ""
    return f"The tracking number is made{told}. Grant it to the publisher if its people are to see the calls."


PAGES = (
    Page(NUMBERS, "numbers.html", show_numbers, "see_setup"),
    Page(
        NUMBERS + "/new",
        "number_new.html",
        show_new_number,
        "create_numbers",
        forms=(Form("create", create_number, "create_numbers"),),
    ),
    Page(
        NUMBER,
        "number.html",
        show_number,
        "see_setup",
        forms=(Form("change", change_number, "change_setup"), Form("remove", remove_number, "change_setup")),
    ),
)
