"""Owners, as operators make them; others come by an invite."""

import asyncpg


async def ensure(db: asyncpg.Connection, company_id: int, email: str, name: str) -> None:
    """Make the login with that e-mail address an owner of the company, whatever it was there before, an open invite included."""
    await db.execute(
        """
        insert into collaborators (company_id, user_id, role, name, email, accepted_at)
        select $1, users.id, 'owner', $3, users.email, now()
        from users
        where users.email = $2
        on conflict (company_id, email) where removed_at is null do update
        set role = 'owner',
            user_id = excluded.user_id,
            accepted_at = coalesce(collaborators.accepted_at, now()),
            invite_hash = null,
            invite_expires_at = null
        """,
        company_id,
        email.lower(),
        name,
    )
