"""What is granted to a publisher, and collaborators who act as it or as a buyer."""

import asyncpg

from admin.permissions import Kind
from tests.integration.admin.manager import JsonObject, Manager
from tests.integration.admin.persons import Person, add_person, permit

World = dict[str, JsonObject]


async def make_granted(manager: Manager) -> World:
    world = await manager.create_one_of_each()
    await manager.change(f"campaigns/{world['campaign']['id']}", payout_cents=700)
    await manager.change(f"buyers/{world['buyer']['id']}", price_cents=1500)
    address = f"publishers/{world['publisher']['id']}"
    await manager.change(f"{address}/campaigns", grant=[world["campaign"]["id"]])
    await manager.change(f"{address}/numbers", grant=[world["number"]["id"]])
    return world


async def hire(
    manager: Manager, db: asyncpg.Connection, *, publishers: list[World] | None = None, buyers: list[World] | None = None
) -> Person:
    """A collaborator who acts as these."""
    publisher_ids = [world["publisher"]["id"] for world in publishers or []]
    buyer_ids = [world["buyer"]["id"] for world in buyers or []]
    return await add_person(db, manager.door, manager.company_id, publisher_ids=publisher_ids, buyer_ids=buyer_ids)


async def allow(manager: Manager, db: asyncpg.Connection, kind: Kind, world: World, **settings: str) -> None:
    await permit(db, manager.company_id, kind, world[kind]["id"], kind, settings)
