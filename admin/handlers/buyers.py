"""Buyers."""

import msgspec

from admin.errors import NotPermitted
from admin.paging import make_page, read_id_cursor
from admin.permissions import Actor
from admin.route import Ask
from admin.store import buyers
from schemas.admin.buyers import Buyer, BuyerChange, NewBuyer
from schemas.admin.fields import Id, SearchQuery
from schemas.admin.pages import Page

TOGGLE_OF = {"name": "edit_buyer", "paused": "pause_buyer"}
"""What a collaborator needs to change a field; no other field is theirs to change."""


async def list_buyers(ask: Ask, company_id: Id, query: SearchQuery) -> Page[Buyer]:
    """The buyers, oldest first; a collaborator's are those they act as."""
    rows = await buyers.fetch_page(ask.db, company_id, ask.actor.sight(), query, after_id=read_id_cursor(query))
    return make_page([_as_seen(ask.actor, buyer) for buyer in rows], query, lambda buyer: (buyer.id,))


async def create_buyer(ask: Ask, company_id: Id, body: NewBuyer) -> Buyer:
    """Make a buyer."""
    return await buyers.insert(ask.db, company_id, body)


async def show_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> Buyer:
    """A buyer."""
    ask.actor.sight().check_buyer(buyer_id)
    return _as_seen(ask.actor, await buyers.get(ask.db, company_id, buyer_id))


async def change_buyer(ask: Ask, company_id: Id, buyer_id: Id, body: BuyerChange) -> Buyer:
    """Change a buyer. A collaborator may rename it or pause it, if they are permitted to."""
    ask.actor.sight().check_buyer(buyer_id)
    _check_may_change(ask.actor, buyer_id, body)
    return _as_seen(ask.actor, await buyers.change(ask.db, company_id, buyer_id, body))


async def remove_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> None:
    """Remove a buyer; the calls it answered keep naming it."""
    await buyers.remove(ask.db, company_id, buyer_id)


def changeable(actor: Actor, buyer_id: int) -> frozenset[str]:
    """The fields of a buyer that are the actor's to change."""
    if actor.is_manager:
        return frozenset(BuyerChange.__struct_fields__)
    return frozenset(field for field, toggle in TOGGLE_OF.items() if buyer_id in actor.buyer_ids(toggle))


def _check_may_change(actor: Actor, buyer_id: int, body: BuyerChange) -> None:
    """Raise NotPermitted for the first field that isn't the actor's to change."""
    theirs = changeable(actor, buyer_id)
    for field in body.__struct_fields__:
        if getattr(body, field) is not msgspec.UNSET and field not in theirs:
            raise NotPermitted(field=field)


def _as_seen(actor: Actor, buyer: Buyer) -> Buyer:
    """The buyer without its price, which is what its calls earn, for who may not see that."""
    if actor.is_manager or buyer.id in actor.buyer_ids("view_revenue"):
        return buyer
    return msgspec.structs.replace(buyer, price_cents=None, hidden=["price_cents"])
