"""The outbox: letters to be sent, each put there in the transaction that gives the reason for it."""

from datetime import datetime

import asyncpg
from msgspec import Struct


class Mail(Struct, frozen=True, kw_only=True):
    """A letter that was taken to be sent: an invite of a company, or a password reset of a person."""

    mail_id: int
    kind: str
    company_id: int | None
    collaborator_id: int | None
    user_id: int | None
    tries: int


class InviteWanted(Struct, frozen=True, kw_only=True):
    """What the letter of an invite is about."""

    company_name: str
    name: str
    email: str
    expires_at: datetime
    at: datetime


class ResetWanted(Struct, frozen=True, kw_only=True):
    """What the letter of a password reset is about."""

    user_id: int
    name: str
    email: str
    at: datetime


async def enqueue_invite(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> None:
    """Have the collaborator's invite sent; whoever sends it makes its link."""
    await db.execute(
        """
        insert into mails (kind, company_id, collaborator_id)
        values ('invite', $1, $2)
        """,
        company_id,
        collaborator_id,
    )


async def enqueue_password_reset(db: asyncpg.Connection, email: str) -> None:
    """Have the person with that e-mail address sent a link to a new password; nothing, and in the same time, if there is none."""
    await db.execute(
        """
        insert into mails (kind, user_id)
        select 'password_reset', id
        from users
        where email = $1
        """,
        email.lower(),
    )


async def take(db: asyncpg.Connection) -> Mail | None:
    """The letter that is due first, of any company; nobody else gets it until its next try, a minute from now or more."""
    row = await db.fetchrow("select mail_id, kind, company_id, collaborator_id, user_id, tries from take_mail()")
    return Mail(**row) if row else None


async def make_invite_link(db: asyncpg.Connection, mail: Mail, secret_hash: bytes) -> InviteWanted | None:
    """Have the invite's link be the one with this hash and no other, and answer what its letter is about.

    None for an invite that was accepted, withdrawn or is too old, and where a newer letter of it is in the outbox.
    """
    row = await db.fetchrow(
        """
        update collaborators
        set invite_hash = $3
        where company_id = $1
          and id = $2
          and removed_at is null
          and accepted_at is null
          and invite_expires_at > now()
          and not exists (
            select from mails
            where mails.company_id = $1
              and mails.collaborator_id = $2
              and mails.id > $4
          )
        returning (select companies.name from companies where companies.id = $1) as company_name,
                  name,
                  email,
                  invite_expires_at as expires_at,
                  now() as at
        """,
        mail.company_id,
        mail.collaborator_id,
        secret_hash,
        mail.mail_id,
    )
    return InviteWanted(**row) if row else None


async def find_password_reset(db: asyncpg.Connection, mail: Mail) -> ResetWanted | None:
    """What the letter of a password reset is about; None once the wish for it is a day old."""
    row = await db.fetchrow(
        """
        select user_id, name, email, now() as at
        from mails
        join users on users.id = user_id
        where mails.id = $1
          and mails.created_at > now() - interval '1 day'
        """,
        mail.mail_id,
    )
    return ResetWanted(**row) if row else None


async def note(db: asyncpg.Connection, mail: Mail, *, is_sent: bool) -> None:
    """Note that the letter was sent, or that it isn't going to be."""
    await db.execute(
        """
        update mails
        set sent_at = case when $2 then now() end,
            given_up_at = case when $2 then null else now() end
        where id = $1
        """,
        mail.mail_id,
        is_sent,
    )
