"""`python -m admin.new_owner --company-id ID --email EMAIL --name NAME`: makes an owner, or lets one in again who lost the password.

For operators, who reach the database: the password is a new one, shown once, as JSON; codes aren't asked for any more.
"""

import asyncio
import json
import re
import secrets
import sys

import asyncpg
import click
from msgspec import Struct

from admin.database import enter_company
from admin.passwords import Passwords
from admin.settings import AdminSettings
from admin.store import companies, owners, password_resets, people, sessions, totp
from schemas.admin.fields import EMAIL_SHAPE
from shared.errors import NotFound, Unavailable
from shared.postgres import open_pool, transaction
from shared.start import begin


class Owner(Struct, frozen=True, kw_only=True):
    """Who is to own a company."""

    email: str
    name: str

    def check(self) -> None:
        """Raise click.BadParameter for what the API wouldn't take."""
        if not re.match(EMAIL_SHAPE, self.email) or len(self.email) > 254:
            raise click.BadParameter("expected an e-mail address such as jane@example.com", param_hint="email")
        if not (1 <= len(self.name) <= 200 and self.name == self.name.strip() and self.name.isprintable()):
            raise click.BadParameter("1 to 200 characters, no control characters, no space at either end", param_hint="name")


class NewPassword(Struct, frozen=True):
    """A password that nobody has to think of, and what is kept of it."""

    password: str
    kept: str


async def make_new_password() -> NewPassword:
    """144 random bits."""
    passwords, password = Passwords(), secrets.token_urlsafe(18)
    try:
        return NewPassword(password, await passwords.hash(password))
    finally:
        await passwords.stop()


async def make_owner(db: asyncpg.Connection, company_id: int, owner: Owner, new: NewPassword) -> str | None:
    """Make them an owner of the company, in a transaction of which `db` is. The password, if it is theirs: None with a login of before."""
    user_id = await people.insert(db, owner.email, owner.name, new.kept)
    await owners.ensure(db, company_id, owner.email, owner.name)
    return None if user_id is None else new.password


async def let_owner_in(postgres_url: str, company_id: int, owner: Owner) -> dict[str, object]:
    """Make them an owner of the company, with a new password whatever they had before; raises NotFound and Unavailable."""
    new = await make_new_password()
    pool = await open_pool(postgres_url, size=1, statement_seconds=10)
    try:
        async with transaction(pool, acquire_seconds=5) as db:
            await enter_company(db, company_id, None)
            await companies.get(db, company_id)
            await make_owner(db, company_id, owner, new)
            person = await people.find(db, owner.email)
            assert person is not None, "it was made above, if it wasn't there"
            await people.set_password(db, person.id, new.kept)
            await totp.switch_off(db, person.id)
            await password_resets.remove_of(db, person.id)
            await sessions.end_all(db, person.id)
    finally:
        await pool.close()
    return {"owner_email": owner.email.lower(), "owner_password": new.password}


@click.command()
@click.option("--company-id", type=int, required=True, help="Which company.")
@click.option("--email", required=True, help="Their e-mail address, with which they sign in.")
@click.option("--name", required=True, help="Their name, 1 to 200 characters.")
def main(company_id: int, email: str, name: str) -> None:
    """Make somebody an owner of a company, and give them a new password. It is shown this once."""
    owner = Owner(email=email, name=name)
    owner.check()
    settings = begin("admin", AdminSettings, "ADMIN_")
    try:
        made = asyncio.run(let_owner_in(settings.postgres_url, company_id, owner))
    except NotFound:
        sys.exit(f"there is no company {company_id}")
    except Unavailable as away:
        sys.exit(f"cannot make an owner: {away.detail}")
    click.echo(json.dumps(made))


if __name__ == "__main__":
    main()
