"""People who sign in. They belong to no company: one login may be a collaborator of many."""

import asyncpg
from msgspec import Struct

from schemas.admin.people import CompanyOfMine

_COLUMNS = """
id, email, name, password_hash, totp_secret, totp_last_step
"""


class Person(Struct, frozen=True, kw_only=True):
    """A row of `users`. A TOTP secret is in force once its first code came; until then it was only offered."""

    id: int
    email: str
    name: str
    password_hash: str
    totp_secret: str | None
    totp_last_step: int

    @property
    def has_totp(self) -> bool:
        return self.totp_secret is not None and self.totp_last_step > 0


async def get(db: asyncpg.Connection, user_id: int | None) -> Person:
    """The person; who has a session is always there."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from users
        where id = $1
        """,  # noqa: S608 - the columns are a literal above
        user_id,
    )
    return Person(**row)


async def find(db: asyncpg.Connection, email: str) -> Person | None:
    """Whose e-mail address it is."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from users
        where email = $1
        """,  # noqa: S608 - the columns are a literal above
        email.lower(),
    )
    return Person(**row) if row else None


async def insert(db: asyncpg.Connection, email: str, name: str, password_hash: str) -> int | None:
    """Make a login, and answer its id; None where the e-mail address has one."""
    user_id: int | None = await db.fetchval(
        """
        insert into users (email, name, password_hash)
        values ($1, $2, $3)
        on conflict (email) do nothing
        returning id
        """,
        email.lower(),
        name,
        password_hash,
    )
    return user_id


async def rename(db: asyncpg.Connection, user_id: int | None, name: str) -> None:
    await db.execute(
        """
        update users
        set name = $2
        where id = $1
        """,
        user_id,
        name,
    )


async def set_password(db: asyncpg.Connection, user_id: int, password_hash: str) -> None:
    """Have the person sign in with another password from now on."""
    await db.execute(
        """
        update users
        set password_hash = $2
        where id = $1
        """,
        user_id,
        password_hash,
    )


async def find_locked(db: asyncpg.Connection, person: Person) -> Person | None:
    """The person as they are by now, kept so until the transaction ends; None if the password isn't the one of `person` any more."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from users
        where id = $1
          and password_hash = $2
        for update
        """,  # noqa: S608 - the columns are a literal above
        person.id,
        person.password_hash,
    )
    return Person(**row) if row else None


async def fetch_companies(db: asyncpg.Connection, user_id: int | None) -> list[CompanyOfMine]:
    """The companies that the person is a collaborator of, in the order of their ids."""
    rows = await db.fetch(
        """
        select company_id as id, company_name as name, role, collaborator_id
        from find_collaborations($1)
        order by company_id
        """,
        user_id,
    )
    return [CompanyOfMine(**row) for row in rows]
