"""What `callstamp up` says when all runs: where everything is, and a request to try."""

from rich.console import Console
from rich.table import Table

from callstamp.configuration import PROJECT, Configuration
from callstamp.ready_file import NAME, ReadyFile


def greet(console: Console, configuration: Configuration, ready: ReadyFile) -> None:
    """The addresses, and with a demo company a `curl` line that works as it is printed."""
    console.print("\n[bold green]Callstamp is running[/]; Ctrl-C stops it.\n")
    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, url, purpose in (
        ("ingest", ready.ingest_url, "takes postbacks from publishers"),
        ("admin", ready.admin_url, "the console and the account manager's API; see its /docs"),
        ("merger", ready.merger_url, "gives the call routing engine its tags"),
    ):
        table.add_row(f"[bold]{name}[/]", url, purpose)
    console.print(table)
    if ready.postback_key is not None:
        link = f"{ready.ingest_url}/data_writing?key={ready.postback_key}&caller_number=%2B15551230000&prequalified=true"
        console.print("\nPost a tag for a caller, as a publisher does:")
        console.print(f"  curl '{link}'", soft_wrap=True, markup=False)
        console.print("\nLook around in the console, where the demo company's owner signs in:")
        console.print(f"  {ready.admin_url}/sign-in", soft_wrap=True, markup=False)
        password = f"owner_password in {configuration.data / NAME}"
        console.print(f"  {ready.owner_email}, with the {password}", soft_wrap=True, markup=False)
        console.print("\nThe whole story, from the postback to the call:")
        console.print(f"  {'python3 run.py' if (PROJECT / 'run.py').exists() else 'callstamp'} demo")
    console.print(f"\nData and logs are in {configuration.data}\n", soft_wrap=True, markup=False)
