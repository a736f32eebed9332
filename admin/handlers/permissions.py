"""What publishers, buyers and collaborators may: what each level says, and what applies in the end."""

from typing import Any

import msgspec
from msgspec import UnsetType

from admin.permissions import decide_all
from admin.route import Ask
from admin.store import buyers, collaborators, permissions, publishers
from admin.toggles import DEFAULTS, Kind, Level, Settings
from schemas.admin.fields import Id
from schemas.admin.permissions import (
    BuyerPermissions,
    Effective,
    EffectiveOfSubject,
    EffectivePermissions,
    Permissions,
    PublisherPermissions,
)
from shared.errors import InvalidField


async def show_permissions(ask: Ask, company_id: Id) -> Permissions:
    """What the company says of all its publishers and buyers; where it says nothing, the published defaults apply."""
    return await _show_both(ask, company_id, "company", 0)


async def change_permissions(ask: Ask, company_id: Id, body: Permissions) -> Permissions:
    """Change what the company says; `inherit` takes it back."""
    return await _change_both(ask, company_id, "company", 0, body)


async def show_permissions_of_collaborator(ask: Ask, company_id: Id, collaborator_id: Id) -> Permissions:
    """What is said of this collaborator."""
    await collaborators.get(ask.db, company_id, collaborator_id)
    return await _show_both(ask, company_id, "collaborator", collaborator_id)


async def change_permissions_of_collaborator(ask: Ask, company_id: Id, collaborator_id: Id, body: Permissions) -> Permissions:
    """Change what is said of this collaborator. What is denied here stays denied, whatever their publishers and buyers may."""
    await collaborators.get(ask.db, company_id, collaborator_id)
    return await _change_both(ask, company_id, "collaborator", collaborator_id, body)


async def show_permissions_of_publisher(ask: Ask, company_id: Id, publisher_id: Id) -> PublisherPermissions:
    """What is said of this publisher."""
    await publishers.get(ask.db, company_id, publisher_id)
    return (await _show_both(ask, company_id, "publisher", publisher_id)).for_publishers


async def change_permissions_of_publisher(
    ask: Ask, company_id: Id, publisher_id: Id, body: PublisherPermissions
) -> PublisherPermissions:
    """Change what is said of this publisher: the level that wins over the others."""
    await publishers.get(ask.db, company_id, publisher_id)
    changed = await _change_both(ask, company_id, "publisher", publisher_id, Permissions(for_publishers=body))
    return changed.for_publishers


async def show_permissions_of_buyer(ask: Ask, company_id: Id, buyer_id: Id) -> BuyerPermissions:
    """What is said of this buyer."""
    await buyers.get(ask.db, company_id, buyer_id)
    return (await _show_both(ask, company_id, "buyer", buyer_id)).for_buyers


async def change_permissions_of_buyer(ask: Ask, company_id: Id, buyer_id: Id, body: BuyerPermissions) -> BuyerPermissions:
    """Change what is said of this buyer: the level that wins over the others."""
    await buyers.get(ask.db, company_id, buyer_id)
    return (await _change_both(ask, company_id, "buyer", buyer_id, Permissions(for_buyers=body))).for_buyers


async def show_effective_permissions(ask: Ask, company_id: Id, collaborator_id: Id) -> EffectivePermissions:
    """What applies to a collaborator as each publisher and buyer they act as, and from which level it comes."""
    collaborator = await collaborators.get(ask.db, company_id, collaborator_id)
    if collaborator.role != "collaborator":
        return EffectivePermissions(everything=True, items=[])
    levels = await permissions.fetch_levels(
        ask.db, company_id, collaborator_id, collaborator.publisher_ids, collaborator.buyer_ids
    )
    items = []
    for kind, subject_id, name in await collaborators.fetch_subjects(ask.db, company_id, collaborator):
        decided = decide_all(kind, levels, subject_id).decisions
        shown = {
            toggle: Effective(setting=_plain(decision.setting), level=decision.level) for toggle, decision in decided.items()
        }
        items.append(EffectiveOfSubject(kind=kind, id=subject_id, name=name, permissions=shown))
    return EffectivePermissions(everything=False, items=items)


async def _show_both(ask: Ask, company_id: int, level: Level, subject_id: int) -> Permissions:
    said = await permissions.fetch_settings(ask.db, company_id, level, subject_id)
    return Permissions(
        for_publishers=PublisherPermissions(**_whole("publisher", said.get("publisher", {}))),
        for_buyers=BuyerPermissions(**_whole("buyer", said.get("buyer", {}))),
    )


async def _change_both(ask: Ask, company_id: int, level: Level, subject_id: int, change: Permissions) -> Permissions:
    changes: dict[Kind, Any] = {"publisher": change.for_publishers, "buyer": change.for_buyers}
    for kind, named in changes.items():
        said, inherited = _read(named)
        if said or inherited:
            await permissions.change(ask.db, company_id, level, subject_id, kind, said, inherited)
    return await _show_both(ask, company_id, level, subject_id)


def _whole(kind: Kind, said: Settings) -> dict[str, Any]:
    """Every toggle of the kind, `inherit` where nothing is said."""
    return {name: _plain(said[name]) if name in said else "inherit" for name in DEFAULTS[kind]}


def _plain(setting: str | tuple[str, ...]) -> str | list[str]:
    return setting if isinstance(setting, str) else list(setting)


def _read(named: PublisherPermissions | BuyerPermissions) -> tuple[Settings, set[str]]:
    """What is to be said, and what is to be inherited from now on; raises InvalidField for a tag name given twice."""
    given = {name: setting for name, setting in msgspec.structs.asdict(named).items() if not isinstance(setting, UnsetType)}
    inherited = {name for name, setting in given.items() if setting == "inherit"}
    said = {name: tuple(setting) if isinstance(setting, list) else setting for name, setting in given.items()}
    for name, setting in said.items():
        if isinstance(setting, tuple) and len(set(setting)) < len(setting):
            raise InvalidField("A tag name is given twice.", field=name)
    return {name: setting for name, setting in said.items() if name not in inherited}, inherited
