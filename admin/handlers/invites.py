"""Invites, looked at and accepted by those who were sent one."""

from admin.join_company import join_company
from admin.route import Ask, Visit
from admin.store import collaborators, invites, people
from schemas.admin.invites import AcceptedInvite, Invite, InviteAcceptance
from schemas.admin.people import LinkSecret
from shared.secret import hash_secret


async def show_invite(ask: Ask, token: LinkSecret) -> Invite:
    """What the link of a letter invites to. Looking changes nothing: scanners of mail look, too."""
    invite = await invites.enter(ask.db, hash_secret(token))
    collaborator = await collaborators.get(ask.db, invite.company_id, invite.collaborator_id)
    subjects = await collaborators.fetch_subjects(ask.db, invite.company_id, collaborator)
    return Invite(
        company_name=invite.company_name,
        name=invite.name,
        email=invite.email,
        role=collaborator.role,
        publishers=[name for kind, _, name in subjects if kind == "publisher"],
        buyers=[name for kind, _, name in subjects if kind == "buyer"],
        expires_at=invite.expires_at,
        has_login=await people.find(ask.db, invite.email) is not None,
    )


async def accept_invite(ask: Visit, token: LinkSecret, body: InviteAcceptance) -> AcceptedInvite:
    """Join the company: signed in as who was invited, with the password of their login, or with that of a new one.

    The reply sets the cookie of a new session, and one that the request came with ends. What is refused uses nothing up.
    """
    return await join_company(ask, hash_secret(token), body)
