"""`callstamp`: what a person types, and which file does it."""

import json
import os

import click

from callstamp import doctor as doctor_command
from callstamp.command_failed import CommandFailed
from callstamp.configuration import POSTGRES_URLS, read_configuration
from callstamp.database import bring_up_to_date
from callstamp.demo import tell_story
from callstamp.demo_company import new_company
from callstamp.ready_file import find_ready_file
from callstamp.up import up as run_everything


@click.group()
def main() -> None:
    """Callstamp keeps what publishers know about a caller, and stamps it on the call."""


@main.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C."""
    run_everything()


@main.command()
def demo() -> None:
    """Tell the story of a postback and a call against what `up` runs."""
    tell_story()


@main.command()
def doctor() -> None:
    """Check this machine, the settings and the servers, and say what to do."""
    doctor_command.examine()


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    for name in bring_up_to_date(_postgres_url()):
        click.echo(f"applied {name}")
    click.echo("the tables are up to date")


@main.command("new-company")
@click.argument("name")
def make_company(name: str) -> None:
    """Make a company and show its first API token, once."""
    click.echo(json.dumps(new_company(name, os.environ | {"ADMIN_POSTGRES_URL": _postgres_url()})))


def _postgres_url() -> str:
    """The real database, or the embedded one if it runs."""
    named = next((os.environ[name] for name in POSTGRES_URLS if os.environ.get(name)), None)
    if named is not None:
        return named
    ready = find_ready_file(read_configuration().data)
    if ready is None or ready.postgres_url is None:
        raise CommandFailed("no database: set ADMIN_POSTGRES_URL, or start Callstamp with `up`, which runs one")
    return ready.postgres_url


if __name__ == "__main__":
    main(prog_name="callstamp")
