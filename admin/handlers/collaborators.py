"""Collaborators, whatever their role, and the invites that they are sent."""

from admin import roles
from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import collaborators, companies, invites, mails
from schemas.admin.collaborators import Collaborator, CollaboratorChange, CollaboratorsQuery, NewCollaborator
from schemas.admin.fields import Id, given
from schemas.admin.pages import Page


async def list_collaborators(ask: Ask, company_id: Id, query: CollaboratorsQuery) -> Page[Collaborator]:
    """The collaborators, those who were invited only as well, oldest first."""
    await companies.check_belong(ask.db, company_id, publisher_id=given(query.publisher_id), buyer_id=given(query.buyer_id))
    rows = await collaborators.fetch_page(ask.db, company_id, query, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda collaborator: (collaborator.id,))


async def create_collaborator(ask: Ask, company_id: Id, body: NewCollaborator) -> Collaborator:
    """Invite somebody, by a letter with a link that works once and for seven days."""
    standings = await collaborators.hold_standings(ask.db, company_id)
    roles.check_may_invite(ask.actor, standings, body.role)
    await collaborators.hold_subjects(ask.db, company_id, publisher_ids=body.publisher_ids, buyer_ids=body.buyer_ids)
    collaborator_id = await collaborators.insert(ask.db, company_id, body)
    await mails.enqueue_invite(ask.db, company_id, collaborator_id)
    return await collaborators.get(ask.db, company_id, collaborator_id)


async def show_collaborator(ask: Ask, company_id: Id, collaborator_id: Id) -> Collaborator:
    """A collaborator."""
    return await collaborators.get(ask.db, company_id, collaborator_id)


async def change_collaborator(ask: Ask, company_id: Id, collaborator_id: Id, body: CollaboratorChange) -> Collaborator:
    """Change a collaborator, from their next request on. Only an owner makes and unmakes owners, and nobody changes their own role."""
    standings = await collaborators.hold_standings(ask.db, company_id, collaborator_id)
    roles.check_may_change_role(ask.actor, standings, collaborator_id, given(body.role))
    publisher_ids, buyer_ids = given(body.publisher_ids) or [], given(body.buyer_ids) or []
    await collaborators.hold_subjects(ask.db, company_id, publisher_ids=publisher_ids, buyer_ids=buyer_ids)
    await collaborators.change(ask.db, company_id, collaborator_id, body)
    return await collaborators.get(ask.db, company_id, collaborator_id)


async def remove_collaborator(ask: Ask, company_id: Id, collaborator_id: Id) -> None:
    """Remove a collaborator from the company, at once, and revoke their own API tokens. Their login stays theirs."""
    standings = await collaborators.hold_standings(ask.db, company_id, collaborator_id)
    roles.check_may_remove(ask.actor, standings, collaborator_id)
    await collaborators.remove(ask.db, company_id, collaborator_id)


async def resend_invite(ask: Ask, company_id: Id, collaborator_id: Id) -> Collaborator:
    """Send the invite again, for seven days from now. The link that was sent before ends at once."""
    await invites.renew(ask.db, company_id, collaborator_id)
    await mails.enqueue_invite(ask.db, company_id, collaborator_id)
    return await collaborators.get(ask.db, company_id, collaborator_id)


async def withdraw_invite(ask: Ask, company_id: Id, collaborator_id: Id) -> None:
    """End an invite that wasn't accepted. The collaborator stays in the list, and can be invited again."""
    standings = await collaborators.hold_standings(ask.db, company_id, collaborator_id)
    roles.check_may_remove(ask.actor, standings, collaborator_id)
    await invites.withdraw(ask.db, company_id, collaborator_id)
