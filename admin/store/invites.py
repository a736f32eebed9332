"""Invites: sent again, withdrawn, and found by their link's secret, of which only the hash is kept."""

import asyncpg
from msgspec import Struct

from admin.database import enter_company
from admin.errors import AlreadyAccepted, CollaboratorExists, InviteNotFound, InviteOver
from admin.permissions import Actor
from admin.store import collaborators
from schemas.admin.fields import Time


class OpenInvite(Struct, frozen=True, kw_only=True):
    """An invite that can be accepted."""

    company_id: int
    company_name: str
    collaborator_id: int
    name: str
    email: str
    expires_at: Time


async def enter(db: asyncpg.Connection, secret_hash: bytes) -> OpenInvite:
    """The invite, whose company's rows the transaction sees from then on; raises InviteNotFound and InviteOver."""
    found = await db.fetchrow("select company_id, collaborator_id from find_invite($1)", secret_hash)
    if found is None:
        raise InviteNotFound
    await enter_company(db, found["company_id"], None)
    row = await db.fetchrow(
        """
        select companies.id as company_id,
               companies.name as company_name,
               collaborators.id as collaborator_id,
               collaborators.name,
               email,
               invite_expires_at as expires_at
        from collaborators
        join companies on companies.id = company_id
        where company_id = $1
          and collaborators.id = $2
          and invite_hash = $3
          and invite_expires_at > now()
          and accepted_at is null
          and removed_at is null
        """,
        found["company_id"],
        found["collaborator_id"],
        secret_hash,
    )
    if row is None:
        raise InviteOver
    return OpenInvite(**row)


async def accept(db: asyncpg.Connection, invite: OpenInvite, secret_hash: bytes, person: Actor) -> None:
    """Make the person a collaborator; of many who accept at once, one does. Raises InviteOver and CollaboratorExists."""
    await enter_company(db, invite.company_id, person)
    try:
        accepted = await db.fetchval(
            """
            update collaborators
            set user_id = $4,
                accepted_at = now()
            where company_id = $1
              and id = $2
              and invite_hash = $3
              and invite_expires_at > now()
              and accepted_at is null
              and removed_at is null
            returning id
            """,
            invite.company_id,
            invite.collaborator_id,
            secret_hash,
            person.user_id,
        )
    except asyncpg.UniqueViolationError:
        raise CollaboratorExists from None
    if accepted is None:
        raise InviteOver


async def renew(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> None:
    """End the invite's link and give it a week for another one; raises NotFound and AlreadyAccepted."""
    await _change(
        db,
        """
        update collaborators
        set invite_hash = null,
            invited_at = now(),
            invite_expires_at = now() + make_interval(days => $3)
        where company_id = $1
          and id = $2
          and accepted_at is null
          and removed_at is null
        returning id
        """,
        company_id,
        collaborator_id,
        collaborators.INVITE_DAYS,
    )


async def withdraw(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> None:
    """End the invite; whoever opens its link is told so. Raises NotFound and AlreadyAccepted."""
    await _change(
        db,
        """
        update collaborators
        set invite_expires_at = null
        where company_id = $1
          and id = $2
          and accepted_at is null
          and removed_at is null
        returning id
        """,
        company_id,
        collaborator_id,
    )


async def _change(db: asyncpg.Connection, statement: str, company_id: int, collaborator_id: int, *more: int) -> None:
    if await db.fetchval(statement, company_id, collaborator_id, *more) is None:
        await collaborators.get(db, company_id, collaborator_id)
        raise AlreadyAccepted
