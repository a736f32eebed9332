"""The second act of `callstamp demo`: a publisher and a buyer are let in, and each sees their share of the next call."""

import random
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.table import Table

from callstamp.command_failed import CommandFailed
from callstamp.http_call import Reply
from callstamp.letter_box import wait_for_link
from callstamp.storyteller import Storyteller, clock

COOKIE = "callstamp_session"
HIDDEN_FROM_PUBLISHERS = {"caller_number", "revenue_cents", "answered_by", "routed_to", "recording_url"}

Json = dict[str, Any]


class _Person:
    """Somebody with a browser: who they are, and the cookie that they were given."""

    def __init__(self, what: str, email: str, password: str) -> None:
        self.what, self.email, self.password = what, email, password
        self.cookie = ""
        self.collaborator_id = 0
        self.link_secret = ""

    def keep_cookie(self, reply: Reply) -> None:
        found = re.match(rf"{COOKIE}=[^;]+", reply.headers.get("Set-Cookie", ""))
        if found is None:
            raise CommandFailed(f"the {self.what} was to be signed in, but the reply sets no cookie")
        self.cookie = found[0]


class SecondAct:
    """The owner, a publisher's and a buyer's person, each new; `earlier_call` came in before either was there."""

    def __init__(self, teller: Storyteller, mail: Path, *, earlier_call: str) -> None:
        self.teller, self.ready, self.mail, self.earlier_call = teller, teller.ready, mail, earlier_call
        run = secrets.token_hex(4)
        self.owner = _Person("owner", self.ready.owner_email or "", self.ready.owner_password or "")
        self.publisher = _Person("publisher", f"publisher-{run}@demo.example", secrets.token_urlsafe(18))
        self.buyer = _Person("buyer", f"buyer-{run}@demo.example", secrets.token_urlsafe(18))
        self.caller = f"+1555{random.randint(2_000_000, 9_999_999)}"  # noqa: S311 - a number for a demo, not a secret
        self.call_uuid = ""
        self.was_granted = False

    def tell(self) -> None:
        self.teller.say("\n[bold]The second act:[/] those who send the calls and those who take them want to see them, too.")
        self._owner_signs_in()
        self._owner_invites()
        self._letters_come()
        for person in (self.publisher, self.buyer):
            self._accept(person)
        self._owner_grants()
        self._phone_rings_again()
        self._publisher_sees_its_calls()
        self._publisher_sees_its_postbacks()
        self._publisher_asks_for_more()
        self._buyer_sees_its_call()
        self._owner_looks_as_the_publisher()
        self._owner_removes_both()

    def _owner_signs_in(self) -> None:
        self.teller.chapter("The owner of the company signs in.")
        self._sign_in(self.owner)

    def _owner_invites(self) -> None:
        self.teller.chapter("The owner invites somebody of the publisher and somebody of the buyer, and says as whom they act.")
        acting: list[tuple[_Person, Json]] = [
            (self.publisher, {"publisher_ids": [self.ready.publisher_id]}),
            (self.buyer, {"buyer_ids": [self.ready.buyer_id]}),
        ]
        for person, acts_as in acting:
            body = {"name": f"Somebody of the {person.what}", "email": person.email} | acts_as
            url = f"{self.teller.company}/collaborators"
            made = self.teller.ask("POST", url, 201, body, shown=_status, cookie=self.owner.cookie).body
            person.collaborator_id = made["id"]
            self.teller.expect(made["status"] == "invited", "who hasn't accepted is invited", made["status"])

    def _letters_come(self) -> None:
        self.teller.chapter("Each is sent a letter with a link that works once. Without a mail server letters are files:")
        for person in (self.publisher, self.buyer):
            file, person.link_secret = wait_for_link(self.mail, person.email)
            self.teller.hide(person.link_secret)
            self.teller.note(f"{file}  to {person.email}")

    def _accept(self, person: _Person) -> None:
        self.teller.chapter(f"The {person.what}'s person opens the link, accepts with a password of their own, and signs in.")
        invite = f"{self.ready.admin_url}/v1/invites/{person.link_secret}"
        self.teller.ask("GET", invite, 200)
        self.teller.ask("POST", f"{invite}/accept", 201, {"password": person.password})
        self.teller.ask("GET", invite, 410, shown=_code)
        self._sign_in(person)

    def _owner_grants(self) -> None:
        self.teller.chapter("The owner grants the publisher a campaign, and the tracking number whose calls it is to see.")
        grants = f"{self.teller.company}/publishers/{self.ready.publisher_id}"
        self.teller.ask("PATCH", f"{grants}/campaigns", 200, {"grant": [self.ready.campaign_id]}, cookie=self.owner.cookie)
        reply = self.teller.ask("PATCH", f"{grants}/numbers", 200, {"grant": [self._find_number_id()]}, cookie=self.owner.cookie)
        self.was_granted = not reply.body["granted"]
        if self.was_granted:
            self.teller.note("The number was granted in an earlier run of the demo, so it has counted from then on.")
        url = f"{self.teller.company}/collaborators/{self.publisher.collaborator_id}"
        status = self.teller.ask("GET", url, 200, shown=_status, cookie=self.owner.cookie).body["status"]
        self.teller.expect(status == "connected", "who has something to see is connected", status)

    def _phone_rings_again(self) -> None:
        self.teller.chapter(f"The publisher posts a tag, and another caller, {self.caller}, phones. The buyer answers.")
        query = urlencode({"key": self.ready.postback_key, "caller_number": self.caller, "zip": "10001"})
        self.teller.ask("GET", f"{self.ready.ingest_url}/data_writing?{query}", 200)
        calls = f"{self.ready.merger_url}/v1/calls"
        hit = {"caller_number": self.caller, "dialed_number": self.ready.tracking_number}
        reply = self.teller.ask("POST", calls, 201, hit, shown=_status, bearer=self.ready.engine_key)
        self.call_uuid = reply.body["call_uuid"]
        end = {"duration_seconds": 95, "disposition": "answered", "answered_by": self.ready.buyer_id}
        end |= {"recording_url": "https://recordings.example/demo.mp3", "revenue_cents": 4500}
        for moment, said in (("answer", {"buyer_id": self.ready.buyer_id}), ("end", end)):
            self.teller.ask("POST", f"{calls}/{self.call_uuid}/{moment}", 200, said, shown=_status, bearer=self.ready.engine_key)

    def _publisher_sees_its_calls(self) -> None:
        self.teller.chapter("The publisher sees the call: masked, and without what the buyer pays. The manager may allow more.")
        shown = self.teller.wait("calls?limit=50", lambda page: _is_over(page, self.call_uuid), cookie=self.publisher.cookie)[
            "items"
        ]
        call = next(call for call in shown if call["call_uuid"] == self.call_uuid)
        self._show(call)
        masked = f"+{'*' * (len(self.caller) - 5)}{self.caller[-4:]}"
        self.teller.expect(call["caller_number"] == masked, f"the caller number should be {masked}", call["caller_number"])
        named = set(call["hidden"])
        self.teller.expect(named >= HIDDEN_FROM_PUBLISHERS, f"{sorted(HIDDEN_FROM_PUBLISHERS)} should be hidden", named)
        left = {name: call[name] for name in HIDDEN_FROM_PUBLISHERS - {"caller_number"} if call[name] is not None}
        self.teller.expect(not left and not call["tags"], "nothing of that should be shown", (left, call["tags"]))
        self._check_earlier_call()

    def _check_earlier_call(self) -> None:
        url = f"{self.teller.company}/calls/{self.earlier_call}"
        if self.was_granted:
            self.teller.note("The first act's call is there as well: the number was granted already when it came in.")
            self.teller.ask("GET", url, 200, shown=_status, cookie=self.publisher.cookie)
        else:
            self.teller.note("The first act's call came in before the grant, so for the publisher there is no such call:")
            self.teller.ask("GET", url, 404, shown=_code, cookie=self.publisher.cookie)

    def _publisher_sees_its_postbacks(self) -> None:
        self.teller.chapter("It sees its own postbacks, too, and what became of each.")
        found = self.teller.wait(
            "postback-log?limit=50", lambda page: self._is_posted(page["items"]), cookie=self.publisher.cookie
        )
        table = Table("received at", "caller", "outcome", "tags", box=None, header_style="dim", padding=(0, 2))
        for item in reversed(found["items"][:4]):
            tags = ", ".join(f"{name}={value}" for name, value in item["tag_values"].items())
            table.add_row(clock(item["received_at"]), item["caller_number"], item["outcome"], tags)
        self.teller.say(table)
        whose = {item["publisher_id"] for item in found["items"]}
        self.teller.expect(whose == {self.ready.publisher_id}, "these should be its own postbacks alone", whose)

    def _publisher_asks_for_more(self) -> None:
        self.teller.chapter("What is hidden can't be found out by asking for it either: a filter would be a way to guess.")
        query = urlencode({"caller_number": self.caller})
        reply = self.teller.ask("GET", f"{self.teller.company}/calls?{query}", 403, shown=_code, cookie=self.publisher.cookie)
        self.teller.expect(reply.body["code"] == "field_hidden", "this should be refused as field_hidden", reply.body["code"])

    def _buyer_sees_its_call(self) -> None:
        self.teller.chapter("The buyer sees the calls that it answered: who phoned, the recording, and what it pays.")
        call = self.teller.wait(f"calls/{self.call_uuid}", lambda shown: shown["status"] == "completed", cookie=self.buyer.cookie)
        self._show(call)
        seen = (call["caller_number"], call["recording_url"], call["revenue_cents"], call["answered_by"])
        wanted = (self.caller, "https://recordings.example/demo.mp3", 4500, self.ready.buyer_id)
        self.teller.expect(seen == wanted, f"the buyer should see {wanted}", seen)

    def _owner_looks_as_the_publisher(self) -> None:
        self.teller.chapter(
            "The owner looks with the publisher's eyes (Callstamp-View-As), which changes nothing and is on record."
        )
        eyes: Json = {"cookie": self.owner.cookie, "Callstamp_View_As": str(self.publisher.collaborator_id)}
        url = f"{self.teller.company}/calls/{self.call_uuid}"
        call = self.teller.ask("GET", url, 200, shown=_hidden, **eyes).body
        self.teller.expect("caller_number" in call["hidden"], "the owner should see what the publisher sees", call["hidden"])
        self.teller.ask("POST", f"{self.teller.company}/publishers", 403, {"name": "Another"}, shown=_code, **eyes)

    def _owner_removes_both(self) -> None:
        self.teller.chapter("When a collaborator leaves, the owner removes them. From then on the company isn't there for them.")
        for person in (self.publisher, self.buyer):
            url = f"{self.teller.company}/collaborators/{person.collaborator_id}"
            self.teller.ask("DELETE", url, 204, cookie=self.owner.cookie)
            self.teller.ask("GET", f"{self.teller.company}/calls", 404, shown=_code, cookie=person.cookie)

    def _sign_in(self, person: _Person) -> None:
        body = {"email": person.email, "password": person.password}
        person.keep_cookie(self.teller.ask("POST", f"{self.ready.admin_url}/v1/sessions", 201, body, shown=_companies))

    def _find_number_id(self) -> int:
        """The id of the demo company's tracking number, granted or not."""
        url = f"{self.teller.company}/numbers?limit=200&publisher_id={self.ready.publisher_id}"
        numbers = self.teller.ask("GET", url, 200, shown=_count, cookie=self.owner.cookie).body["items"]
        for number in numbers:
            if number["number"] == self.ready.tracking_number:
                return int(number["id"])
        raise CommandFailed(f"the tracking number {self.ready.tracking_number} isn't the demo publisher's any more")

    def _is_posted(self, items: list[Json]) -> bool:
        return any(item["tag_values"] == {"zip": "10001"} and self.call_uuid in item["call_uuids"] for item in items)

    def _show(self, call: Json) -> None:
        table = Table("caller", "seconds", "buyer pays", "recording", "hidden", box=None, header_style="dim", padding=(0, 2))
        cells = (call["caller_number"], call["duration_seconds"], call["revenue_cents"], call["recording_url"])
        table.add_row(*("-" if cell is None else str(cell) for cell in cells), ", ".join(call["hidden"]))
        self.teller.say(table)


def _is_over(page: Json, call_uuid: str) -> bool:
    return any(call["call_uuid"] == call_uuid and call["status"] == "completed" for call in page["items"])


def _status(body: Json) -> Json:
    return {name: body[name] for name in ("id", "email", "call_uuid", "status") if name in body}


def _code(body: Json) -> Json:
    return {name: body[name] for name in ("code", "detail") if name in body}


def _hidden(body: Json) -> Json:
    return {name: body[name] for name in ("caller_number", "revenue_cents", "hidden")}


def _companies(body: Json) -> Json:
    return {"name": body["name"], "companies": [f"{company['name']}, as {company['role']}" for company in body["companies"]]}


def _count(body: Json) -> str:
    return f"{len(body['items'])} tracking number(s)"
