"""What a company has, by the names that ids have in paths, and a body for each route that does something with it."""

from typing import Any

import asyncpg

from admin.route import Route
from admin.routes import ROUTES
from tests.integration.admin.changes import CHANGES
from tests.integration.admin.changes import fill as fill_in
from tests.integration.admin.manager import CALLER, Manager, add_call, add_postback

IN_COMPANY = [route for route in ROUTES if "company_id" in route.ids]
QUERIES = {"show_report": {"group_by": "day"}}


def name_of(route: Route) -> str:
    return route.handler.__name__


async def make_things(manager: Manager, db: asyncpg.Connection) -> dict[str, Any]:
    """A publisher with a granted number and campaign, a buyer, a call of both, a postback, somebody invited; ids as paths name them."""
    made = await manager.create_one_of_each()
    ids: dict[str, Any] = {f"{noun}_id": thing["id"] for noun, thing in made.items()}
    await manager.change(f"publishers/{ids['publisher_id']}/campaigns", grant=[ids["campaign_id"]])
    await manager.change(f"publishers/{ids['publisher_id']}/numbers", grant=[ids["number_id"]])
    await db.execute("update number_grants set granted_at = '2026-01-01T00:00:00Z' where number_id = $1", ids["number_id"])
    ids["call_uuid"] = await add_call(
        db,
        manager.company_id,
        dialed_number=made["number"]["number"],
        publisher_id=ids["publisher_id"],
        answered_by=ids["buyer_id"],
    )
    ids["postback_id"] = await add_postback(db, manager.company_id, publisher_id=ids["publisher_id"])
    invited = await manager.create("collaborators", name="Invited", email=f"invited{ids['publisher_id']}@example.com")
    ids |= {"company_id": manager.company_id, "collaborator_id": invited["id"], "number": CALLER}
    ids["free"] = (await manager.create("numbers", number=f"+1202555{ids['number_id']:04}", campaign_id=ids["campaign_id"]))["id"]
    ids["empty"] = (await manager.create("campaigns", name="Empty"))["id"]
    return ids


def body_of(route: Route, ids: dict[str, Any]) -> Any:
    """What does something, if it is let."""
    name = name_of(route)
    if not route.body:
        return None
    if name == "create_number":
        number = f"+1303555{ids['number_id']:04}"
        return {"number": number, "campaign_id": ids["campaign_id"], "publisher_id": ids["publisher_id"]}
    if name == "create_collaborator":
        return {"name": "Another", "email": f"another{ids['publisher_id']}@example.com"}
    plain = {noun: ids[f"{noun}_id"] for noun in ("campaign", "number", "publisher", "buyer")}
    return fill_in(CHANGES[name][2], plain | {"free": ids["free"], "empty": ids["empty"]})
