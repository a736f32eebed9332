"""`callstamp demo`: the story in real requests: a postback waits, the phone rings, the tag is on the call, a late one lands."""

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callstamp.command_failed import CommandFailed
from callstamp.configuration import read_configuration
from callstamp.http_call import Reply, Unreachable, call
from callstamp.ready_file import ReadyFile, find_ready_file

LOG_SECONDS = 10.0


def tell_story() -> None:
    """Play publisher, call routing engine and account manager. Raises CommandFailed when a reply isn't what was promised."""
    ready = find_ready_file(read_configuration().data)
    if ready is None:
        raise CommandFailed("Callstamp isn't running: start it with `python3 run.py` and tell the demo in another terminal")
    if ready.postback_key is None:
        raise CommandFailed(
            "there is no demo company here, as Callstamp runs on real servers; start it without *_REDIS_URL for the demo"
        )
    try:
        _Story(ready).tell()
    except Unreachable as error:
        raise CommandFailed(f"a service doesn't answer: {error}; is Callstamp still running?") from None


class _Story:
    """One caller with a number of their own, and one call."""

    def __init__(self, ready: ReadyFile) -> None:
        self.ready = ready
        self.console = Console(highlight=False)
        self.caller = f"+1555{random.randint(2_000_000, 9_999_999)}"  # noqa: S311 - a number for a demo, not a secret
        self.calls = f"{ready.merger_url}/v1/calls"
        self.call_uuid = ""
        self.chapters = 0

    def tell(self) -> None:
        self.console.print(
            f"\nA caller, [bold]{self.caller}[/], fills in a form on a publisher's page and will phone in a minute."
        )
        self._tag_waits()
        self._engine_looks()
        self._phone_rings()
        self._engine_routes()
        self._tag_arrives_during_call()
        self._buyer_answers()
        self._call_ends()
        self._late_tag_lands()
        self._call_log_shows_all()
        self._postback_log_shows_all()
        self.console.print("\n[bold green]That is Callstamp.[/] Run the demo again and somebody else phones.\n")

    def _tag_waits(self) -> None:
        self._chapter("The publisher posts what it knows. Nobody has phoned yet, so the tags wait.")
        self._post_tags({"prequalified": "true", "zip": "94110"}, "stored")

    def _engine_looks(self) -> None:
        self._chapter("The call routing engine may ask at any time what a call of this number would get. Asking changes nothing.")
        query = urlencode({"caller_number": self.caller})
        self._expect_tags(
            self._ask_merger("GET", f"{self.ready.merger_url}/v1/lookup?{query}", 200), {"prequalified": "true", "zip": "94110"}
        )

    def _phone_rings(self) -> None:
        self._chapter(f"The phone rings on tracking number {self.ready.tracking_number}: the call hit. The tags are on the call.")
        hit = {"caller_number": self.caller, "dialed_number": self.ready.tracking_number}
        reply = self._ask_merger("POST", self.calls, 201, hit)
        self.call_uuid = reply.body["call_uuid"]
        self._expect_tags(reply, {"prequalified": "true", "zip": "94110"})
        if reply.body["campaign_id"] != self.ready.campaign_id:
            raise CommandFailed(f"the call belongs to campaign {reply.body['campaign_id']}, not to that of the number dialed")

    def _engine_routes(self) -> None:
        self._chapter("The engine decides where the call goes, tags in hand, and says which buyer it tries.")
        reply = self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/route", 200, {"buyer_id": self.ready.buyer_id})
        self._expect_tags(reply, {"prequalified": "true"})

    def _tag_arrives_during_call(self) -> None:
        self._chapter("While it still rings, the publisher learns more. The tag goes straight to the call in progress.")
        self._post_tags({"credit_score": "720"}, "stored_for_call")
        self._expect_tags(
            self._ask_merger("GET", f"{self.calls}/{self.call_uuid}", 200), {"prequalified": "true", "credit_score": "720"}
        )

    def _buyer_answers(self) -> None:
        self._chapter("The buyer answers.")
        self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/answer", 200, {"buyer_id": self.ready.buyer_id})

    def _call_ends(self) -> None:
        self._chapter("Both hang up. From now on the end-call cut-off runs: an hour, by default.")
        end = {"duration_seconds": 184, "disposition": "answered", "answered_by": self.ready.buyer_id}
        self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/end", 200, end)

    def _late_tag_lands(self) -> None:
        self._chapter(
            "The publisher hears of the sale and posts it. The call is over, yet the tag lands on it, not on the next one."
        )
        self._post_tags({"sale": "yes"}, "applied")

    def _call_log_shows_all(self) -> None:
        self._chapter("The account manager opens the call: every tag, and where it came from.")
        wanted = {"prequalified": "true", "zip": "94110", "credit_score": "720", "sale": "yes"}
        found = self._ask_admin(
            f"calls/{self.call_uuid}", lambda shown: shown["tags"] == wanted and shown["status"] == "completed"
        )
        table = Table("tag", "value", "publisher", "posted at", box=None, header_style="dim", padding=(0, 2))
        for name, source in sorted(found["attribution"].items(), key=lambda tag: tag[1]["posted_at"]):
            table.add_row(name, found["tags"][name], str(source["publisher_id"]), _clock(source["posted_at"]))
        self.console.print(table)

    def _postback_log_shows_all(self) -> None:
        self._chapter("And the postback log: each postback with the one outcome it had.")
        query = urlencode({"caller_number": self.caller})
        found = self._ask_admin(f"postback-log?{query}", lambda shown: len(shown["items"]) == 3)
        table = Table("received at", "tags", "outcome", box=None, header_style="dim", padding=(0, 2))
        for item in reversed(found["items"]):
            tags = ", ".join(f"{name}={value}" for name, value in item["tag_values"].items())
            table.add_row(_clock(item["received_at"]), tags, item["outcome"])
        self.console.print(table)

    def _post_tags(self, tags: Mapping[str, str], outcome: str) -> None:
        """Post as publishers do, by a link; the reply must say that outcome and repeat the tags."""
        key = self.ready.postback_key
        query = urlencode({"key": key, "caller_number": self.caller, **tags})
        reply = self._show("GET", f"{self.ready.ingest_url}/data_writing?{query}", 200, None, bearer=None)
        if reply.headers.get("Callstamp-Outcome") != outcome or reply.body.get("tag_values") != tags:
            raise CommandFailed(
                f"the postback should have been {outcome}, but is {reply.headers.get('Callstamp-Outcome')}: {reply.body}"
            )

    def _ask_merger(self, method: str, url: str, status: int, body: Mapping[str, Any] | None = None) -> Reply:
        return self._show(method, url, status, body, bearer=self.ready.engine_key)

    def _ask_admin(self, path: str, is_there: Callable[[Any], bool]) -> Any:
        """Ask until it is there: what happens on calls reaches the log within a second."""
        url = f"{self.ready.admin_url}/v1/companies/{self.ready.company_id}/{path}"
        self._show_request("GET", url, None)
        deadline = time.monotonic() + LOG_SECONDS
        while True:
            reply = call("GET", url, bearer=self.ready.api_token)
            if reply.status == 200 and is_there(reply.body):
                return reply.body
            if time.monotonic() > deadline:
                raise CommandFailed(f"after {LOG_SECONDS:.0f} seconds the log doesn't show it, but ({reply.status}) {reply.body}")
            time.sleep(0.1)

    def _show(self, method: str, url: str, status: int, body: Mapping[str, Any] | None, bearer: str | None) -> Reply:
        """Send the request and print both sides; another status than promised is a CommandFailed."""
        self._show_request(method, url, body)
        reply = call(method, url, body=body, bearer=bearer)
        if reply.status != status:
            raise CommandFailed(f"this was to be answered {status}, but was answered {reply.status}: {reply.body}")
        shown = reply.body
        if isinstance(shown, dict):
            shown = json.dumps({name: value for name, value in shown.items() if name != "attribution"})
        self.console.print(f"   [green]{reply.status}[/] {escape(str(shown))}", soft_wrap=True)
        return reply

    def _show_request(self, method: str, url: str, body: Mapping[str, Any] | None) -> None:
        """Without the host, and with the key cut short: what matters is what is said."""
        address = urlsplit(url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        if self.ready.postback_key:
            path = path.replace(self.ready.postback_key, self.ready.postback_key[:6] + "…")
        line = f"{method} {path}" + (f"  {json.dumps(body)}" if body else "")
        self.console.print(f"   [cyan]{escape(line)}[/]", soft_wrap=True)

    def _chapter(self, text: str) -> None:
        self.chapters += 1
        self.console.print(f"\n[bold]{self.chapters}.[/] {text}")

    def _expect_tags(self, reply: Reply, wanted: Mapping[str, str]) -> None:
        if not wanted.items() <= reply.body["tags"].items():
            raise CommandFailed(f"these tags should be there: {dict(wanted)}, but there are {reply.body['tags']}")


def _clock(moment: str) -> str:
    """The time of day, in milliseconds, of an RFC 3339 moment."""
    return moment.partition("T")[2][:12]
