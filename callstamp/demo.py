"""`callstamp demo`: the story in real requests: a postback waits, the phone rings, the tag is on the call, a late one lands.

This is the first act; the second is in demo_collaborators.py.
"""

import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from rich.table import Table

from callstamp import letter_box
from callstamp.command_failed import CommandFailed
from callstamp.configuration import read_configuration
from callstamp.demo_collaborators import SecondAct
from callstamp.http_call import Reply, Unreachable
from callstamp.ready_file import find_ready_file
from callstamp.storyteller import Storyteller, clock


def tell_story() -> None:
    """Play all its people. Raises CommandFailed when a reply isn't what was promised."""
    data = read_configuration().data
    ready = find_ready_file(data)
    if ready is None:
        raise CommandFailed("Callstamp isn't running: start it with `python3 run.py` and tell the demo in another terminal")
    if ready.postback_key is None:
        raise CommandFailed(
            "there is no demo company here, as Callstamp runs on real servers; start it without *_REDIS_URL for the demo"
        )
    teller = Storyteller(ready)
    try:
        first = _FirstAct(teller)
        first.tell()
        SecondAct(teller, data / letter_box.FOLDER, earlier_call=first.call_uuid).tell()
    except Unreachable as error:
        raise CommandFailed(f"a service doesn't answer: {error}; is Callstamp still running?") from None
    teller.say("\n[bold green]That is Callstamp.[/] Run the demo again and somebody else phones.\n")


class _FirstAct:
    """Publisher, call routing engine and account manager; one caller with a number of their own, and one call."""

    def __init__(self, teller: Storyteller) -> None:
        self.teller, self.ready = teller, teller.ready
        self.caller = f"+1555{random.randint(2_000_000, 9_999_999)}"  # noqa: S311 - a number for a demo, not a secret
        self.calls = f"{self.ready.merger_url}/v1/calls"
        self.call_uuid = ""

    def tell(self) -> None:
        self.teller.say(f"\nA caller, [bold]{self.caller}[/], fills in a form on a publisher's page and will phone in a minute.")
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

    def _tag_waits(self) -> None:
        self.teller.chapter("The publisher posts what it knows. Nobody has phoned yet, so the tags wait.")
        self._post_tags({"prequalified": "true", "zip": "94110"}, "stored")

    def _engine_looks(self) -> None:
        self.teller.chapter(
            "The call routing engine may ask at any time what a call of this number would get. Asking changes nothing."
        )
        query = urlencode({"caller_number": self.caller})
        self._expect_tags(
            self._ask_merger("GET", f"{self.ready.merger_url}/v1/lookup?{query}", 200), {"prequalified": "true", "zip": "94110"}
        )

    def _phone_rings(self) -> None:
        self.teller.chapter(
            f"The phone rings on tracking number {self.ready.tracking_number}: the call hit. The tags are on the call."
        )
        hit = {"caller_number": self.caller, "dialed_number": self.ready.tracking_number}
        reply = self._ask_merger("POST", self.calls, 201, hit)
        self.call_uuid = reply.body["call_uuid"]
        self._expect_tags(reply, {"prequalified": "true", "zip": "94110"})
        if reply.body["campaign_id"] != self.ready.campaign_id:
            raise CommandFailed(f"the call belongs to campaign {reply.body['campaign_id']}, not to that of the number dialed")

    def _engine_routes(self) -> None:
        self.teller.chapter("The engine decides where the call goes, tags in hand, and says which buyer it tries.")
        reply = self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/route", 200, {"buyer_id": self.ready.buyer_id})
        self._expect_tags(reply, {"prequalified": "true"})

    def _tag_arrives_during_call(self) -> None:
        self.teller.chapter("While it still rings, the publisher learns more. The tag goes straight to the call in progress.")
        self._post_tags({"credit_score": "720"}, "stored_for_call")
        self._expect_tags(
            self._ask_merger("GET", f"{self.calls}/{self.call_uuid}", 200), {"prequalified": "true", "credit_score": "720"}
        )

    def _buyer_answers(self) -> None:
        self.teller.chapter("The buyer answers.")
        self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/answer", 200, {"buyer_id": self.ready.buyer_id})

    def _call_ends(self) -> None:
        self.teller.chapter("Both hang up. From now on the end-call cut-off runs: an hour, by default.")
        end = {"duration_seconds": 184, "disposition": "answered", "answered_by": self.ready.buyer_id}
        self._ask_merger("POST", f"{self.calls}/{self.call_uuid}/end", 200, end)

    def _late_tag_lands(self) -> None:
        self.teller.chapter(
            "The publisher hears of the sale and posts it. The call is over, yet the tag lands on it, not on the next one."
        )
        self._post_tags({"sale": "yes"}, "applied")

    def _call_log_shows_all(self) -> None:
        self.teller.chapter("The account manager opens the call: every tag, and where it came from.")
        wanted = {"prequalified": "true", "zip": "94110", "credit_score": "720", "sale": "yes"}
        found = self.teller.wait(
            f"calls/{self.call_uuid}",
            lambda shown: shown["tags"] == wanted and shown["status"] == "completed",
            bearer=self.ready.api_token,
        )
        table = Table("tag", "value", "publisher", "posted at", box=None, header_style="dim", padding=(0, 2))
        for name, source in sorted(found["attribution"].items(), key=lambda tag: tag[1]["posted_at"]):
            table.add_row(name, found["tags"][name], str(source["publisher_id"]), clock(source["posted_at"]))
        self.teller.say(table)

    def _postback_log_shows_all(self) -> None:
        self.teller.chapter("And the postback log: each postback with the one outcome it had.")
        query = urlencode({"caller_number": self.caller})
        found = self.teller.wait(f"postback-log?{query}", lambda shown: len(shown["items"]) == 3, bearer=self.ready.api_token)
        table = Table("received at", "tags", "outcome", box=None, header_style="dim", padding=(0, 2))
        for item in reversed(found["items"]):
            tags = ", ".join(f"{name}={value}" for name, value in item["tag_values"].items())
            table.add_row(clock(item["received_at"]), tags, item["outcome"])
        self.teller.say(table)

    def _post_tags(self, tags: Mapping[str, str], outcome: str) -> None:
        """Post as publishers do, by a link; the reply must say that outcome and repeat the tags."""
        query = urlencode({"key": self.ready.postback_key, "caller_number": self.caller, **tags})
        reply = self.teller.ask("GET", f"{self.ready.ingest_url}/data_writing?{query}", 200)
        if reply.headers.get("Callstamp-Outcome") != outcome or reply.body.get("tag_values") != tags:
            raise CommandFailed(
                f"the postback should have been {outcome}, but is {reply.headers.get('Callstamp-Outcome')}: {reply.body}"
            )

    def _ask_merger(self, method: str, url: str, status: int, body: Mapping[str, Any] | None = None) -> Reply:
        return self.teller.ask(method, url, status, body, shown=_without_attribution, bearer=self.ready.engine_key)

    def _expect_tags(self, reply: Reply, wanted: Mapping[str, str]) -> None:
        self.teller.expect(
            wanted.items() <= reply.body["tags"].items(), f"these tags should be there: {dict(wanted)}", reply.body["tags"]
        )


def _without_attribution(body: Any) -> Any:
    return {name: value for name, value in body.items() if name != "attribution"} if isinstance(body, dict) else body
