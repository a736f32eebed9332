"""`python -m admin.new_company --name NAME [--region US]`: makes a company and its first API token, shown once, as JSON.

With `--owner-email` and `--owner-name` it has an owner, too, whose password is shown unless they had a login before.
"""

import asyncio
import json
import sys

import click
from phonenumbers import SUPPORTED_REGIONS

from admin.database import enter_company
from admin.new_owner import Owner, make_new_password, make_owner
from admin.settings import AdminSettings
from admin.store import api_tokens, companies
from shared.errors import Unavailable
from shared.postgres import open_pool, transaction
from shared.secret import hash_secret, new_secret
from shared.start import begin


async def make_company(postgres_url: str, name: str, region: str, owner: Owner | None = None) -> dict[str, object]:
    """The id of a new company, a token for everything in it, and its owner's password; raises Unavailable."""
    new = await make_new_password() if owner else None
    made: dict[str, object] = {}
    pool = await open_pool(postgres_url, size=1, statement_seconds=10)
    try:
        async with transaction(pool, acquire_seconds=5) as db:
            company_id = await companies.take_id(db)
            await enter_company(db, company_id, None)
            await companies.insert(db, company_id, name, region)
            token = new_secret("at")
            await api_tokens.insert(db, company_id, "first token", hash_secret(token))
            made |= {"company_id": company_id, "api_token": token}
            if owner and new:
                password = await make_owner(db, company_id, owner, new)
                made |= {"owner_email": owner.email.lower(), "owner_password": password}
    finally:
        await pool.close()
    return made


@click.command()
@click.option("--name", required=True, help="The company's name, 1 to 200 characters.")
@click.option("--region", default="US", show_default=True, help="ISO 3166-1: how numbers without a country code are read.")
@click.option("--owner-email", help="Somebody who is to own it, and signs in with this address.")
@click.option("--owner-name", help="Their name, 1 to 200 characters.")
def main(name: str, region: str, owner_email: str | None, owner_name: str | None) -> None:
    """Make a company and an API token for it, and an owner if you like. Token and password are shown this once."""
    if not (1 <= len(name) <= 200 and name == name.strip() and name.isprintable()):
        raise click.BadParameter("1 to 200 characters, no control characters, no space at either end", param_hint="--name")
    if region not in SUPPORTED_REGIONS:
        raise click.BadParameter(f"{region!r} isn't a region with telephone numbers", param_hint="--region")
    owner = Owner(email=owner_email, name=owner_name or "Owner") if owner_email else None
    if owner_name and not owner:
        raise click.BadParameter("an owner signs in with an e-mail address", param_hint="--owner-email")
    if owner:
        owner.check()
    settings = begin("admin", AdminSettings, "ADMIN_")
    try:
        made = asyncio.run(make_company(settings.postgres_url, name, region, owner))
    except Unavailable as away:
        sys.exit(f"cannot make a company: {away.detail}")
    click.echo(json.dumps(made))


if __name__ == "__main__":
    main()
