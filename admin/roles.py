"""Who may give and take which role. Pure; the roles it is told are locked by then, so that nobody's fall is overlooked.

Only owners make and unmake owners, a company always has one, and nobody changes their own role.
"""

from collections.abc import Mapping

from msgspec import Struct

from admin.errors import LastOwner, NotPermitted
from admin.permissions import Actor, Role
from shared.errors import NotFound


class Standing(Struct, frozen=True):
    """Somebody's role, and whether they have accepted their invite: until then nobody has it."""

    role: Role
    has_accepted: bool


Standings = Mapping[int, Standing]
"""By collaborator: every owner and superuser, and whom the change is about."""


def check_may_invite(actor: Actor, standings: Standings, role: Role) -> None:
    """Raise NotPermitted for an owner whom somebody else than an owner would make."""
    _check_gives(_find_role(actor, standings), role)


def check_may_change_role(actor: Actor, standings: Standings, collaborator_id: int, role: Role | None) -> None:
    """Raise NotFound, NotPermitted or LastOwner unless the collaborator may have this role from now on; None: the one they have."""
    asker, held = _find_role(actor, standings), _get(standings, collaborator_id).role
    if role is None or role == held:
        return
    if collaborator_id == actor.collaborator_id:
        raise NotPermitted("Nobody changes their own role; ask somebody else to.", field="role")
    _check_gives(asker, role)
    if held == "owner":
        _check_takes_owner(asker, standings, collaborator_id)


def check_may_remove(actor: Actor, standings: Standings, collaborator_id: int) -> None:
    """Raise NotFound, NotPermitted or LastOwner unless the collaborator may be removed."""
    asker = _find_role(actor, standings)
    if _get(standings, collaborator_id).role == "owner":
        _check_takes_owner(asker, standings, collaborator_id)


def _find_role(actor: Actor, standings: Standings) -> Role:
    """The role that the asker still has: somebody may have taken it since the request came."""
    if actor.collaborator_id is None:
        return "superuser"  # a token of the company's own
    standing = standings.get(actor.collaborator_id)
    if standing is None or not standing.has_accepted or standing.role == "collaborator":
        raise NotPermitted
    return standing.role


def _get(standings: Standings, collaborator_id: int) -> Standing:
    if collaborator_id not in standings:
        raise NotFound
    return standings[collaborator_id]


def _check_gives(asker: Role, role: Role) -> None:
    if role == "owner" and asker != "owner":
        raise NotPermitted("Only an owner makes owners.", field="role")


def _check_takes_owner(asker: Role, standings: Standings, collaborator_id: int) -> None:
    if asker != "owner":
        raise NotPermitted("Only an owner removes owners.")
    owners = {owner for owner, standing in standings.items() if standing.role == "owner" and standing.has_accepted}
    if owners == {collaborator_id}:
        raise LastOwner
