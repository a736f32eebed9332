"""Tells the acts of `callstamp demo`: each request is real, printed with its reply, and has to be answered as promised."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from callstamp.command_failed import CommandFailed
from callstamp.http_call import Reply, call
from callstamp.ready_file import ReadyFile

LOG_SECONDS = 10.0
SECRET_FIELDS = frozenset({"password"})


class Storyteller:
    """One run of the demo. `hide` shortens a secret wherever it would be printed; what wasn't promised is a CommandFailed."""

    def __init__(self, ready: ReadyFile) -> None:
        self.ready = ready
        self.company = f"{ready.admin_url}/v1/companies/{ready.company_id}"
        self._console = Console(highlight=False)
        self._chapters = 0
        self._hidden = [ready.postback_key or ""]

    def hide(self, secret: str) -> None:
        """Print no more than its first letters from now on."""
        self._hidden.append(secret)

    def say(self, what: Any = "") -> None:
        """Print a sentence with its markup, or a table."""
        self._console.print(what)

    def chapter(self, text: str) -> None:
        self._chapters += 1
        self.say(f"\n[bold]{self._chapters}.[/] {text}")

    def note(self, text: str) -> None:
        """Print what was seen, below the request that showed it."""
        self._print(f"[dim]{escape(text)}[/]")

    def ask(
        self,
        method: str,
        url: str,
        status: int,
        body: Mapping[str, Any] | None = None,
        *,
        shown: Callable[[Any], Any] | None = None,
        **credentials: str | None,
    ) -> Reply:
        """Send the request and print both sides, of the reply what `shown` makes of it; it must have this status."""
        self._print_request(method, url, body)
        reply = _send(method, url, body, credentials)
        if reply.status != status:
            raise CommandFailed(f"this was to be answered {status}, but was answered {reply.status}: {reply.body}")
        said = reply.body if shown is None else shown(reply.body)
        text = json.dumps(said, ensure_ascii=False) if isinstance(said, dict) else str(said)
        self._print(f"[green]{reply.status}[/] {escape(text)}".rstrip())
        return reply

    def wait(self, path: str, is_there: Callable[[Any], bool], **credentials: str | None) -> Any:
        """Ask admin until it is there: what happens on calls reaches the log within a second. Answers the reply's body."""
        url = f"{self.company}/{path}"
        self._print_request("GET", url, None)
        deadline = time.monotonic() + LOG_SECONDS
        while True:
            reply = _send("GET", url, None, credentials)
            if reply.status == 200 and is_there(reply.body):
                return reply.body
            if time.monotonic() > deadline:
                raise CommandFailed(f"after {LOG_SECONDS:.0f} seconds the log doesn't show it, but ({reply.status}) {reply.body}")
            time.sleep(0.1)

    def expect(self, is_so: bool, promise: str, seen: object) -> None:
        if not is_so:
            raise CommandFailed(f"{promise}, but there is {seen}")

    def _print_request(self, method: str, url: str, body: Mapping[str, Any] | None) -> None:
        """Without the host: what matters is what is said."""
        address = urlsplit(url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        said = {name: "…" if name in SECRET_FIELDS else value for name, value in (body or {}).items()}
        line = f"{method} {path}" + (f"  {json.dumps(said, ensure_ascii=False)}" if said else "")
        self._print(f"[cyan]{escape(line)}[/]")

    def _print(self, line: str) -> None:
        for secret in filter(None, self._hidden):
            line = line.replace(secret, secret[:6] + "…")
        self._console.print(f"   {line}", soft_wrap=True)


def _send(method: str, url: str, body: Mapping[str, Any] | None, credentials: Mapping[str, str | None]) -> Reply:
    return call(method, url, body=body, **{name: value for name, value in credentials.items() if value is not None})  # type: ignore[arg-type] # names of more headers


def clock(moment: str) -> str:
    """The time of day, in milliseconds, of an RFC 3339 moment."""
    return moment.partition("T")[2][:12]
