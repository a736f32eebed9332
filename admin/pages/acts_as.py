"""Ticks for the publishers and buyers that somebody is to act as; where there are many, a search finds them."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from admin.handlers import buyers, publishers
from admin.route import Ask
from admin.store import names
from schemas.admin.fields import SearchQuery

MOST_TICKS = 60


class Ticks(Struct, frozen=True, kw_only=True):
    """What can be ticked: those that are, then those that the search finds. `has_more`: there are more than these."""

    field: str
    title: str
    ticked: list[tuple[int, str]]
    offered: list[tuple[int, str]]
    has_more: bool
    search: str


async def list_subjects(
    ask: Ask, company_id: int, typed: Mapping[str, Any], publisher_ids: list[int], buyer_ids: list[int]
) -> dict[str, Any]:
    """As the template knows them: `acts_as`. What was typed counts more than what is."""
    publisher_ids = find_ticked(typed, "publisher_ids", publisher_ids)
    buyer_ids = find_ticked(typed, "buyer_ids", buyer_ids)
    named = await names.fetch(ask.db, company_id, ask.actor.sight(), publishers=publisher_ids, buyers=buyer_ids)
    found = (
        ("publisher_ids", "Publishers", publishers.list_publishers, named.publishers),
        ("buyer_ids", "Buyers", buyers.list_buyers, named.buyers),
    )
    acts_as = []
    for field, title, list_all, ticked in found:
        search = str(typed.get(f"{field}_search", ""))[:200].strip()
        page = await list_all(ask, company_id, SearchQuery(limit=MOST_TICKS, search=search or UNSET))
        acts_as.append(
            Ticks(
                field=field,
                title=title,
                ticked=sorted(ticked.items(), key=lambda pair: pair[1].lower()),
                offered=[(thing.id, thing.name) for thing in page.items if thing.id not in ticked],
                has_more=page.next_cursor is not None,
                search=search,
            )
        )
    return {"acts_as": acts_as}


def find_ticked(typed: Mapping[str, Any], name: str, otherwise: list[int]) -> list[int]:
    """What was ticked, if the form was sent; what can't be an id isn't one."""
    if name not in typed:
        return otherwise
    texts = typed[name] if isinstance(typed[name], list) else [typed[name]]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
