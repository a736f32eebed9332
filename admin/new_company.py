"""`python -m admin.new_company --name NAME [--region US]`: makes a company and its first API token, shown once, as JSON."""

import asyncio
import json
import sys

import click
from phonenumbers import SUPPORTED_REGIONS

from admin.database import enter_company
from admin.settings import AdminSettings
from admin.store import api_tokens, companies
from shared.errors import Unavailable
from shared.postgres import open_pool, transaction
from shared.secret import hash_secret, new_secret
from shared.start import begin


async def make_company(postgres_url: str, name: str, region: str) -> dict[str, object]:
    """The id of a new company and a token for everything in it; raises Unavailable."""
    pool = await open_pool(postgres_url, size=1, statement_seconds=10)
    try:
        async with transaction(pool, acquire_seconds=5) as db:
            company_id = await companies.take_id(db)
            await enter_company(db, company_id, None)
            await companies.insert(db, company_id, name, region)
            token = new_secret("at")
            await api_tokens.insert(db, company_id, "first token", hash_secret(token))
    finally:
        await pool.close()
    return {"company_id": company_id, "api_token": token}


@click.command()
@click.option("--name", required=True, help="The company's name, 1 to 200 characters.")
@click.option("--region", default="US", show_default=True, help="ISO 3166-1: how numbers without a country code are read.")
def main(name: str, region: str) -> None:
    """Make a company and an API token for it. The token is shown this once."""
    if not (1 <= len(name) <= 200 and name == name.strip() and name.isprintable()):
        raise click.BadParameter("1 to 200 characters, no control characters, no space at either end", param_hint="--name")
    if region not in SUPPORTED_REGIONS:
        raise click.BadParameter(f"{region!r} isn't a region with telephone numbers", param_hint="--region")
    settings = begin("admin", AdminSettings, "ADMIN_")
    try:
        made = asyncio.run(make_company(settings.postgres_url, name, region))
    except Unavailable as away:
        sys.exit(f"cannot make a company: {away.detail}")
    click.echo(json.dumps(made))


if __name__ == "__main__":
    main()
