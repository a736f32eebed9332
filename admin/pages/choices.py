"""Publishers and campaigns by name: for fields in which one is chosen, and for lists that name them."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from msgspec import Struct

from admin.handlers import campaigns, publishers
from admin.route import Ask
from schemas.admin.fields import SearchQuery
from shared.errors import NotFound

MOST = 200
"""As many as a list gives at once, and as anybody wants to choose from; where there are more, an id is typed."""


class Choices(Struct, frozen=True):
    """Those that may be chosen from, unless there are too many, and the names of all that the page speaks of."""

    options: list[tuple[int, str]]
    has_more: bool
    names: dict[int, str]


async def choose_publisher(ask: Ask, company_id: int, named: Iterable[int | None] = ()) -> Choices:
    """The publishers in sight, and the names of these."""
    page = await publishers.list_publishers(ask, company_id, SearchQuery(limit=MOST))
    return await _complete(ask, company_id, page, named, publishers.show_publisher)


async def choose_campaign(ask: Ask, company_id: int, named: Iterable[int | None] = ()) -> Choices:
    """The campaigns in sight, and the names of these."""
    page = await campaigns.list_campaigns(ask, company_id, SearchQuery(limit=MOST))
    return await _complete(ask, company_id, page, named, campaigns.show_campaign)


async def _complete(
    ask: Ask, company_id: int, page: Any, named: Iterable[int | None], show: Callable[..., Awaitable[Any]]
) -> Choices:
    """What the page has, and the names of those that it hasn't; what was removed or isn't in sight has none."""
    names = {thing.id: thing.name for thing in page.items}
    for thing_id in {thing_id for thing_id in named if thing_id is not None} - names.keys():
        try:
            names[thing_id] = (await show(ask, company_id, thing_id)).name
        except NotFound:
            continue
    return Choices([(thing.id, thing.name) for thing in page.items], page.next_cursor is not None, names)
