"""What stands around every page: who is signed in, their companies, and the rooms that they may enter."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from admin.permissions import Action, Actor, may
from admin.route import Ask
from admin.store import collaborators, people
from admin.toggles import Kind
from schemas.admin.people import CompanyOfMine


class Room(Struct, frozen=True):
    """A place in the console; of some kinds of collaborators, besides managers."""

    name: str
    path: str
    action: Action
    of: tuple[Kind, ...] = ("publisher", "buyer")


class Floor(Struct, frozen=True):
    """Rooms that belong together."""

    name: str
    rooms: tuple[Room, ...]


FLOORS = (
    Floor(
        "What happens",
        (
            Room("Dashboard", "", "see_dashboard"),
            Room("Calls", "/calls", "see_call_log"),
            Room("Postback log", "/postback-log", "see_postback_log", ("publisher",)),
            Room("Reports", "/reports", "run_reports"),
            Room("Callers", "/callers", "see_caller_file"),
        ),
    ),
    Floor(
        "Who and what",
        (
            Room("Publishers", "/publishers", "see_setup", ("publisher",)),
            Room("Buyers", "/buyers", "see_setup", ("buyer",)),
            Room("Campaigns", "/campaigns", "see_setup", ("publisher",)),
            Room("Numbers", "/numbers", "see_setup", ("publisher",)),
            Room("Collaborators", "/collaborators", "see_collaborators"),
        ),
    ),
    Floor(
        "Settings",
        (
            Room("Company", "/settings", "see_company"),
            Room("Permissions", "/permissions", "see_permissions"),
            Room("Engine keys", "/engine-keys", "see_engine_keys"),
            Room("API tokens", "/api-tokens", "use_api_tokens"),
            Room("Audit log", "/audit-log", "see_audit_log"),
        ),
    ),
)


class Shell(Struct, frozen=True, kw_only=True):
    """Around a page of a company, or of nobody's."""

    actor: Actor
    email: str | None
    companies: list[CompanyOfMine]
    company: CompanyOfMine | None
    floors: list[Floor]
    path: str
    viewing: str | None = None
    """Whose eyes a manager looks with."""

    @property
    def root(self) -> str:
        """The address of the company's dashboard, under which all its pages are."""
        return f"/companies/{self.company.id}" if self.company else "/"

    def may(self, action: Action) -> bool:
        """Whether what this is about is to be offered at all."""
        return may(self.actor, action) and self.actor.viewing_as is None

    def sees(self, action: Action) -> bool:
        """Whether a page of this is theirs to open, also with somebody else's eyes."""
        return may(self.actor, action)

    def is_open(self, room: Room) -> bool:
        """Whether this page is in that room."""
        place = self.root + room.path
        return self.path == place or (bool(room.path) and self.path.startswith(place + "/"))


async def make_shell(ask: Ask, request: web.Request) -> dict[str, Any]:
    """As the templates know it: `shell`."""
    actor = ask.actor
    companies: list[CompanyOfMine] = []
    email = None
    if actor.user_id is not None:
        person = await people.get(ask.db, actor.user_id)
        companies, email = await people.fetch_companies(ask.db, actor.user_id), person.email
    company = next((mine for mine in companies if mine.id == actor.company_id), None)
    floors = _floors_of(actor) if company else []
    viewing = await _name_viewed(ask) if company else None
    return {
        "shell": Shell(
            actor=actor, email=email, companies=companies, company=company, floors=floors, path=request.path, viewing=viewing
        )
    }


async def _name_viewed(ask: Ask) -> str | None:
    actor = ask.actor
    if actor.viewing_as is None or actor.company_id is None:
        return None
    return (await collaborators.get(ask.db, actor.company_id, actor.viewing_as)).name


def _floors_of(actor: Actor) -> list[Floor]:
    """The rooms that they may enter; a collaborator's are those of the kinds they act as."""
    kinds = {subject.kind for subject in actor.subjects}
    floors = []
    for floor in FLOORS:
        rooms = tuple(
            room for room in floor.rooms if may(actor, room.action) and (actor.is_manager or not kinds.isdisjoint(room.of))
        )
        if rooms:
            floors.append(Floor(floor.name, rooms))
    return floors
