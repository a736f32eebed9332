"""`callstamp`: what a person types, and which file does it. Each command imports what it needs when it is called."""

import json
import os
import signal
import sys
from pathlib import Path

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
    from callstamp.database import ADMIN_ROLE, bring_up_to_date, find_postgres_url, give_admin_its_password

    url = find_postgres_url()
    for name in bring_up_to_date(url):
        click.echo(f"applied {name}")
    if give_admin_its_password(url):
        click.echo(f"{ADMIN_ROLE} has the password of ADMIN_POSTGRES_URL")
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
@click.option("--owner-email", help="somebody who is to own it, and signs in with this address")
@click.option("--owner-name", help="their name")
def make_company(name: str, owner_email: str | None, owner_name: str | None) -> None:
    """Make a company and show its first API token, and its owner's password, once."""
    from callstamp.database import find_postgres_url
    from callstamp.demo_company import new_company

    owner = [*(["--owner-email", owner_email] if owner_email else []), *(["--owner-name", owner_name] if owner_name else [])]
    click.echo(json.dumps(new_company(name, os.environ | {"ADMIN_POSTGRES_URL": find_postgres_url()}, *owner)))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--url", help="the ingest to post to; else the one that runs here")
@click.option("--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="holds the postback key")
@click.option("--key", help="the postback key; others on this machine see it: CALLSTAMP_POSTBACK_KEY or --key-file is better")
@click.option("--items", type=click.IntRange(1, 10_000), default=10_000, help="most lines in a request (10000)")
@click.option("--compress", type=click.Choice(["gzip", "zstd"]), help="for a thin line to the server")
@click.option("--give-up-after", type=click.FloatRange(min=0), default=900.0, help="seconds without any progress (900)")
def post(
    file: str, url: str | None, key_file: Path | None, key: str | None, items: int, compress: str | None, give_up_after: float
) -> None:
    """Post a CSV or NDJSON file of any size, or - for standard input; the same command goes on after whatever broke."""
    from callstamp.post import PostOptions, find_where, post_file

    sys.exit(post_file(file, find_where(url, key, key_file), PostOptions(items, compress, give_up_after)))


@main.command("loadtest")
@click.argument("shape", type=click.Choice(["smoke", "average", "burst", "soak"]))
@click.option(
    "--ready", type=click.Path(path_type=Path, exists=True), help="ready.json of the Callstamp to try; else one is started"
)
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="where the HTML report goes; else the data folder"
)
@click.option("--seconds", type=click.FloatRange(min=1), help="stretch or squeeze the shape to so many seconds")
@click.option("--patience", type=click.FloatRange(min=0), default=1.0, help="multiply all budgets, on a busy machine")
def load_test(shape: str, ready: Path | None, report: Path | None, seconds: float | None, patience: float) -> None:
    """Let publishers, engines and a manager come all at once; fails when a budget is missed or a request failed."""
    from callstamp.loadtests import run_load_test

    sys.exit(run_load_test(shape, ready=ready, report=report, seconds=seconds, patience=patience))


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def bench(options: tuple[str, ...]) -> None:
    """Compare ingest with its peers in one run; --help lists the options."""
    from callstamp.loadtests import run_bench

    sys.exit(run_bench(options))


if __name__ == "__main__":
    main(prog_name="callstamp")
