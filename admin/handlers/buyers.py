"""Buyers."""

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import buyers
from schemas.admin.buyers import Buyer, BuyerChange, NewBuyer
from schemas.admin.fields import Id, PageQuery
from schemas.admin.pages import Page


async def list_buyers(ask: Ask, company_id: Id, query: PageQuery) -> Page[Buyer]:
    """The buyers, oldest first."""
    rows = await buyers.fetch_page(ask.db, company_id, after_id=read_id_cursor(query), limit=query.limit)
    return make_page(rows, query, lambda buyer: (buyer.id,))


async def create_buyer(ask: Ask, company_id: Id, body: NewBuyer) -> Buyer:
    """Make a buyer."""
    return await buyers.insert(ask.db, company_id, body)


async def show_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> Buyer:
    """A buyer."""
    return await buyers.get(ask.db, company_id, buyer_id)


async def change_buyer(ask: Ask, company_id: Id, buyer_id: Id, body: BuyerChange) -> Buyer:
    """Change a buyer."""
    return await buyers.change(ask.db, company_id, buyer_id, body)


async def remove_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> None:
    """Remove a buyer; the calls it answered keep naming it."""
    await buyers.remove(ask.db, company_id, buyer_id)
