"""Tracking numbers."""

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import campaigns, companies, numbers, publishers
from schemas.admin.fields import Id, given
from schemas.admin.numbers import NewTrackingNumber, TrackingNumber, TrackingNumberChange, TrackingNumbersQuery
from schemas.admin.pages import Page


async def list_numbers(ask: Ask, company_id: Id, query: TrackingNumbersQuery) -> Page[TrackingNumber]:
    """The tracking numbers, oldest first."""
    await companies.check_belong(ask.db, company_id, campaign_id=given(query.campaign_id), publisher_id=given(query.publisher_id))
    rows = await numbers.fetch_page(ask.db, company_id, query, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda number: (number.id,))


async def create_number(ask: Ask, company_id: Id, body: NewTrackingNumber) -> TrackingNumber:
    """Make a tracking number; a manager may go beyond the publisher's number cap."""
    e164 = await companies.read_number(ask.db, company_id, body.number, field="number")
    await campaigns.hold(ask.db, company_id, body.campaign_id)
    if body.publisher_id is not None:
        await publishers.hold(ask.db, company_id, body.publisher_id)
    return await numbers.insert(ask.db, company_id, body, e164)


async def show_number(ask: Ask, company_id: Id, number_id: Id) -> TrackingNumber:
    """A tracking number."""
    return await numbers.get(ask.db, company_id, number_id)


async def change_number(ask: Ask, company_id: Id, number_id: Id, body: TrackingNumberChange) -> TrackingNumber:
    """Move a tracking number to another campaign or publisher, for calls from then on."""
    if (campaign_id := given(body.campaign_id)) is not None:
        await campaigns.hold(ask.db, company_id, campaign_id)
    if (publisher_id := given(body.publisher_id)) is not None:
        await publishers.hold(ask.db, company_id, publisher_id)
    return await numbers.change(ask.db, company_id, number_id, body)


async def remove_number(ask: Ask, company_id: Id, number_id: Id) -> None:
    """Remove a tracking number; its calls keep naming it."""
    await numbers.remove(ask.db, company_id, number_id)
