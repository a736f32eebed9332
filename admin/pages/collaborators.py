"""Collaborators: the list, inviting somebody, and the page of one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, UnsetType

from admin.handlers import collaborators
from admin.pages.acts_as import list_subjects
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask
from admin.store import names
from schemas.admin.collaborators import Collaborator, CollaboratorChange, CollaboratorsQuery, NewCollaborator
from schemas.admin.fields import Id, Query

STATUSES = {"invited": "Invited", "no_permissions": "No Permissions", "connected": "Connected"}
ROLES = {"owner": "Owner", "superuser": "Superuser", "collaborator": "Collaborator"}


class NewCollaboratorQuery(Query, frozen=True, kw_only=True):
    """As whom somebody who is to be invited acts, if the page was come to from there."""

    publisher_id: Id | UnsetType = UNSET
    buyer_id: Id | UnsetType = UNSET


async def show_collaborators(ask: Ask, company_id: Id, query: CollaboratorsQuery) -> Context:
    page = await collaborators.list_collaborators(ask, company_id, query)
    named = await _name_subjects(ask, company_id, page.items, query)
    return {"page": page, "named": named, "words": STATUSES, "roles": ROLES, "is_over": _is_over}


async def show_new(ask: Ask, company_id: Id, query: NewCollaboratorQuery, typed: dict[str, Any]) -> Context:
    publisher_ids = [query.publisher_id] if query.publisher_id else []
    buyer_ids = [query.buyer_id] if query.buyer_id else []
    return {"roles": _offered_roles(ask)} | await list_subjects(ask, company_id, typed, publisher_ids, buyer_ids)


async def find_for_new(ask: Ask, said: Said, company_id: Id) -> Shown:
    """The same page with what the search finds, and all that was typed."""
    typed = said.typed()
    return Shown("collaborator_new.html", await show_new(ask, company_id, NewCollaboratorQuery(), typed) | {"typed": typed})


async def invite(ask: Ask, said: Said, company_id: Id) -> Done:
    made = await collaborators.create_collaborator(ask, company_id, said.read(NewCollaborator))
    return Done(f"/companies/{company_id}/collaborators/{made.id}", f"A letter with the invite is on its way to {made.email}.")


async def show_collaborator(ask: Ask, company_id: Id, collaborator_id: Id, typed: dict[str, Any]) -> Context:
    one = await collaborators.show_collaborator(ask, company_id, collaborator_id)
    return {
        "one": one,
        "words": STATUSES,
        "roles": _offered_roles(ask, one),
        "role_names": ROLES,
        "is_over": _is_over(one),
        "is_me": collaborator_id == ask.actor.collaborator_id,
        "tab": "",
    } | await list_subjects(ask, company_id, typed, one.publisher_ids, one.buyer_ids)


async def find_for_one(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Shown:
    typed = said.typed()
    return Shown("collaborator.html", await show_collaborator(ask, company_id, collaborator_id, typed) | {"typed": typed})


async def change(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    await collaborators.change_collaborator(ask, company_id, collaborator_id, said.read(CollaboratorChange))
    return Done(f"/companies/{company_id}/collaborators/{collaborator_id}", "The change is made.")


async def resend(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    one = await collaborators.resend_invite(ask, company_id, collaborator_id)
    notice = f"A new letter is on its way to {one.email}. The link of the one before has ended."
    return Done(f"/companies/{company_id}/collaborators/{collaborator_id}", notice)


async def withdraw(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    await collaborators.withdraw_invite(ask, company_id, collaborator_id)
    return Done(f"/companies/{company_id}/collaborators/{collaborator_id}", "The invite is withdrawn: its link has ended.")


async def remove(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    one = await collaborators.show_collaborator(ask, company_id, collaborator_id)
    await collaborators.remove_collaborator(ask, company_id, collaborator_id)
    to = "/" if collaborator_id == ask.actor.collaborator_id else f"/companies/{company_id}/collaborators"
    return Done(to, f"{one.name} is removed.")


async def _name_subjects(ask: Ask, company_id: int, rows: Sequence[Collaborator], query: CollaboratorsQuery) -> names.Names:
    """The names of all as whom these act, and of whom the list is filtered by."""
    publisher_ids = {publisher_id for one in rows for publisher_id in one.publisher_ids}
    buyer_ids = {buyer_id for one in rows for buyer_id in one.buyer_ids}
    if query.publisher_id:
        publisher_ids.add(query.publisher_id)
    if query.buyer_id:
        buyer_ids.add(query.buyer_id)
    return await names.fetch(ask.db, company_id, ask.actor.sight(), publishers=publisher_ids, buyers=buyer_ids)


def _offered_roles(ask: Ask, one: Collaborator | None = None) -> list[tuple[str, str]]:
    """The roles that there are to choose from: only an owner makes owners."""
    has_owner = ask.actor.role == "owner" or (one is not None and one.role == "owner")
    return [(role, name) for role, name in reversed(ROLES.items()) if role != "owner" or has_owner]


def _is_over(one: Collaborator) -> bool:
    """Whether the invite can't be accepted any more, though it never was."""
    return one.accepted_at is None and (one.invite_expires_at is None or one.invite_expires_at <= datetime.now(UTC))


PAGES = (
    Page("/companies/{company_id}/collaborators", "collaborators.html", show_collaborators, "see_collaborators"),
    Page(
        "/companies/{company_id}/collaborators/new",
        "collaborator_new.html",
        show_new,
        "change_collaborators",
        forms=(Form("invite", invite, "change_collaborators"), Form("find", find_for_new, "change_collaborators")),
    ),
    Page(
        "/companies/{company_id}/collaborators/{collaborator_id}",
        "collaborator.html",
        show_collaborator,
        "see_collaborators",
        forms=(
            Form("change", change, "change_collaborators"),
            Form("find", find_for_one, "change_collaborators"),
            Form("resend", resend, "change_collaborators"),
            Form("withdraw", withdraw, "change_collaborators"),
            Form("remove", remove, "change_collaborators"),
        ),
    ),
)
