"""Publishers."""

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import publishers
from schemas.admin.fields import Id, SearchQuery
from schemas.admin.pages import Page
from schemas.admin.publishers import NewPublisher, Publisher, PublisherChange


async def list_publishers(ask: Ask, company_id: Id, query: SearchQuery) -> Page[Publisher]:
    """The publishers, oldest first; a collaborator's are those they act as."""
    rows = await publishers.fetch_page(ask.db, company_id, ask.actor.sight(), query, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda publisher: (publisher.id,))


async def create_publisher(ask: Ask, company_id: Id, body: NewPublisher) -> Publisher:
    """Make a publisher."""
    return await publishers.insert(ask.db, company_id, body)


async def show_publisher(ask: Ask, company_id: Id, publisher_id: Id) -> Publisher:
    """A publisher."""
    ask.actor.sight().check_publisher(publisher_id)
    return await publishers.get(ask.db, company_id, publisher_id)


async def change_publisher(ask: Ask, company_id: Id, publisher_id: Id, body: PublisherChange) -> Publisher:
    """Change a publisher."""
    return await publishers.change(ask.db, company_id, publisher_id, body)


async def remove_publisher(ask: Ask, company_id: Id, publisher_id: Id) -> None:
    """Remove a publisher and revoke its postback keys.

    What was granted to it is revoked. Its tags that wait for a call still apply, its tracking numbers stay in their campaigns, and its
    calls keep naming it.
    """
    await publishers.remove(ask.db, company_id, publisher_id)
