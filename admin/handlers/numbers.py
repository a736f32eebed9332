"""Tracking numbers."""

import msgspec

from admin.errors import NotPermitted, NumberCapReached
from admin.paging import make_page, read_id_cursor
from admin.permissions import Actor
from admin.route import Ask
from admin.store import campaigns, companies, grants, numbers, publishers
from schemas.admin.fields import Id, given
from schemas.admin.numbers import NewTrackingNumber, TrackingNumber, TrackingNumberChange, TrackingNumbersQuery
from schemas.admin.pages import Page
from schemas.admin.publishers import Publisher
from shared.errors import InvalidField, NotFound


async def list_numbers(ask: Ask, company_id: Id, query: TrackingNumbersQuery) -> Page[TrackingNumber]:
    """The tracking numbers, oldest first; a collaborator's are those granted to publishers they act as."""
    sight = ask.actor.sight()
    if ask.actor.is_manager:
        belong = {"campaign_id": given(query.campaign_id), "publisher_id": given(query.publisher_id)}
        await companies.check_belong(ask.db, company_id, **belong)
    elif (publisher_id := given(query.publisher_id)) is not None:
        sight.check_publisher(publisher_id, field="publisher_id")  # else the filter would tell whose a number is
    rows = await numbers.fetch_page(ask.db, company_id, sight, query, after_id=read_id_cursor(query))
    return make_page([_as_seen(ask.actor, number) for number in rows], query, lambda number: (number.id,))


async def create_number(ask: Ask, company_id: Id, body: NewTrackingNumber) -> TrackingNumber:
    """Make a tracking number. A manager may go beyond the publisher's number cap, and grants the number then.

    A collaborator makes numbers in campaigns granted to their publisher, as long as its number cap allows; they are granted to it.
    """
    e164 = await companies.read_number(ask.db, company_id, body.number, field="number")
    if not ask.actor.is_manager:
        return await _create_own(ask, company_id, body, e164)
    await campaigns.hold(ask.db, company_id, body.campaign_id)
    if body.publisher_id is not None:
        await publishers.hold(ask.db, company_id, body.publisher_id)
    return await numbers.insert(ask.db, company_id, body, e164)


async def show_number(ask: Ask, company_id: Id, number_id: Id) -> TrackingNumber:
    """A tracking number."""
    return _as_seen(ask.actor, await numbers.get(ask.db, company_id, ask.actor.sight(), number_id))


async def change_number(ask: Ask, company_id: Id, number_id: Id, body: TrackingNumberChange) -> TrackingNumber:
    """Move a tracking number to another campaign or publisher, for calls from then on. To whom it is granted stays as it is."""
    if (campaign_id := given(body.campaign_id)) is not None:
        await campaigns.hold(ask.db, company_id, campaign_id)
    if (publisher_id := given(body.publisher_id)) is not None:
        await publishers.hold(ask.db, company_id, publisher_id)
    return await numbers.change(ask.db, company_id, number_id, body)


async def remove_number(ask: Ask, company_id: Id, number_id: Id) -> None:
    """Remove a tracking number; it is granted to nobody then, and its calls keep naming it."""
    await numbers.remove(ask.db, company_id, number_id)


async def fetch_makers(ask: Ask, company_id: Id) -> list[Publisher]:
    """The publishers as whom a collaborator may make tracking numbers, with their caps; a manager needs none."""
    ids = () if ask.actor.is_manager else ask.actor.publisher_ids("create_numbers")
    return [await publishers.get(ask.db, company_id, publisher_id) for publisher_id in ids]


async def _create_own(ask: Ask, company_id: int, body: NewTrackingNumber, e164: str) -> TrackingNumber:
    """Make a tracking number of a collaborator's publisher, under its cap.

    The publisher is held alone: of many numbers that are made at once, each counts those before it.
    """
    publisher_id = _choose_publisher(ask.actor, body)
    await publishers.hold_alone(ask.db, company_id, publisher_id)
    await campaigns.hold(ask.db, company_id, body.campaign_id)
    if not await grants.is_campaign_granted(ask.db, company_id, publisher_id, body.campaign_id):
        raise NotFound("There is no such campaign.", field="campaign_id")
    publisher = await publishers.get(ask.db, company_id, publisher_id)
    if publisher.numbers_held >= publisher.effective_number_cap:
        raise NumberCapReached(
            f"This publisher's number cap is {publisher.effective_number_cap}, and it holds {publisher.numbers_held} tracking "
            "numbers; the account manager can raise the cap."
        )
    made = await numbers.insert(ask.db, company_id, msgspec.structs.replace(body, publisher_id=publisher_id), e164)
    await grants.grant(ask.db, company_id, publisher_id, grants.NUMBERS, [made.id])
    return made


def _choose_publisher(actor: Actor, body: NewTrackingNumber) -> int:
    """As which publisher a collaborator makes a number; raises InvalidField where they must say, NotFound and NotPermitted."""
    if body.pool:
        raise NotPermitted(field="pool")
    may = actor.publisher_ids("create_numbers")
    if body.publisher_id is None and len(may) == 1:
        return may[0]
    if body.publisher_id is None:
        raise InvalidField("You act as several publishers: say whose this number is.", field="publisher_id")
    actor.sight().check_publisher(body.publisher_id, field="publisher_id")
    if body.publisher_id not in may:
        raise NotPermitted(field="publisher_id")
    return body.publisher_id


def _as_seen(actor: Actor, number: TrackingNumber) -> TrackingNumber:
    """The tracking number, without whose it is where that is a publisher that the actor doesn't act as."""
    if actor.is_manager or number.publisher_id is None or number.publisher_id in actor.publisher_ids():
        return number
    return msgspec.structs.replace(number, publisher_id=None, hidden=["publisher_id"])
