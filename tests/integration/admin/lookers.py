"""People who look at the console of a company in which something has happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from tests.integration.admin.hiring import World, make_granted
from tests.integration.admin.html_page import ConsoleBrowser, HtmlPage
from tests.integration.admin.manager import Manager, add_call, add_postback
from tests.integration.admin.persons import Person, add_person

XSS = "<script>alert(1)</script>"


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


class Company:
    """A company with one of each, all of it granted to its publisher since long ago."""

    def __init__(self, manager: Manager, db: asyncpg.Connection, things: World) -> None:
        self.manager, self.db, self.things, self.id = manager, db, things, manager.company_id
        self.publisher_id, self.buyer_id = things["publisher"]["id"], things["buyer"]["id"]
        self.number, self.key_id = things["number"]["number"], things["postback_key"]["id"]

    async def call(self, **fields: Any) -> str:
        usual = {
            "hit_at": ago(minutes=5),
            "started_at": ago(minutes=5),
            "dialed_number": self.number,
            "publisher_id": self.publisher_id,
            "campaign_id": self.things["campaign"]["id"],
        }
        return await add_call(self.db, self.id, **usual | fields)

    async def postback(self, **fields: Any) -> Any:
        usual = {"received_at": ago(seconds=20), "publisher_id": self.publisher_id, "postback_key_id": self.key_id}
        return await add_postback(self.db, self.id, **usual | fields)

    async def owner(self) -> "Looker":
        return Looker(await add_person(self.db, self.manager.door, self.id, role="owner"))

    async def as_publisher(self) -> "Looker":
        return Looker(await add_person(self.db, self.manager.door, self.id, publisher_ids=[self.publisher_id]))

    async def as_buyer(self) -> "Looker":
        return Looker(await add_person(self.db, self.manager.door, self.id, buyer_ids=[self.buyer_id]))

    async def as_nobody(self) -> "Looker":
        return Looker(await add_person(self.db, self.manager.door, self.id))


class Looker(ConsoleBrowser):
    """Somebody of the company in front of the console."""

    def __init__(self, person: Person) -> None:
        super().__init__(person.door, person.own_headers)  # type: ignore[arg-type] # the door in process
        self.person, self.root = person, f"/companies/{person.company_id}"

    async def see(self, path: str = "", status: int = 200) -> HtmlPage:
        """A page under the company's."""
        page = await self.open(self.root + path)
        assert page.status == status, (page.status, page.text[:500])
        assert XSS not in page.body
        return page


async def make_company(manager: Manager, db: asyncpg.Connection) -> Company:
    things = await make_granted(manager)
    await db.execute("update number_grants set granted_at = now() - interval '1 year'")
    return Company(manager, db, things)
