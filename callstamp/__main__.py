"""`callstamp`: what a person types, and which file does it. Each command imports what it needs when it is called."""

import json
import os
import signal

import click


@click.group()
def main() -> None:
    """Callstamp keeps what publishers know about a caller, and stamps it on the call."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing to tidy up so far: end without a word


@main.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C."""
    from callstamp.up import up as run_everything

    run_everything()


@main.command()
def demo() -> None:
    """Tell the story of a postback and a call against what `up` runs."""
    from callstamp.demo import tell_story

    tell_story()


@main.command()
def doctor() -> None:
    """Check this machine, the settings and the servers, and say what to do."""
    from callstamp.doctor import examine

    examine()


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    from callstamp.database import bring_up_to_date, find_postgres_url

    for name in bring_up_to_date(find_postgres_url()):
        click.echo(f"applied {name}")
    click.echo("the tables are up to date")


@main.command()
@click.argument("port", type=int)
def ready(port: int) -> None:
    """Exit with 0 if the service on that port of this machine is ready, for health checks."""
    from callstamp.http_call import Unreachable, call

    try:
        reply = call("GET", f"http://127.0.0.1:{port}/readyz", timeout=3)
    except Unreachable as error:
        raise click.ClickException(str(error)) from None
    if reply.status != 200:
        raise click.ClickException(f"not ready: {reply.body}")


@main.command("new-company")
@click.argument("name")
def make_company(name: str) -> None:
    """Make a company and show its first API token, once."""
    from callstamp.database import find_postgres_url
    from callstamp.demo_company import new_company

    click.echo(json.dumps(new_company(name, os.environ | {"ADMIN_POSTGRES_URL": find_postgres_url()})))


if __name__ == "__main__":
    main(prog_name="callstamp")
