"""Companies on running services, spoken to over HTTP alone: managers and people with their browsers, a publisher's and an engine's keys.

What comes by mail is read in the folder with the letters, as it is without a mail server.
"""

import asyncio
import itertools
import re
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from admin.auth import COOKIE
from admin.database import Database
from admin.mail import choose_carrier
from admin.mail_sender import MailSender
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.settings import AdminSettings
from callstamp.http_call import Reply, call
from callstamp.letter_box import find_link
from shared.embedded import EmbeddedValkey
from tests.service_processes import PATIENT_MS, ServiceProcesses, as_admin
from tests.waiting import WAIT_SECONDS, wait_for_sync

CALLER = "+15551230000"
MASKED = "+*******0000"
PASSWORD = "a horse that staples"

Json = dict[str, Any]

send_request = partial(call, timeout=WAIT_SECONDS)

_numbers = itertools.count(1)


class Callstamp:
    """The four services, their stores, and the folder with the letters."""

    def __init__(self, processes: ServiceProcesses, valkey: EmbeddedValkey, mail: Path) -> None:
        self.processes, self.valkey, self.mail = processes, valkey, mail
        self.postgres_url = processes.environ["MERGER_POSTGRES_URL"]

    def start(self) -> None:
        for name in ("ingest", "merger", "drain"):
            self.processes.start(name, until_ready=False)
        self.start_admin()
        for name in self.processes.running:
            self.processes.wait_until_ready(name)

    def start_admin(self) -> None:
        self.processes.start("admin", ADMIN_MAIL_DIR=str(self.mail), ADMIN_TRUSTED_PROXIES="127.0.0.1")

    def url(self, name: str) -> str:
        return self.processes.url(name)

    def add_company(self, name: str = "Acme") -> "Company":
        """As the operator makes one, with an owner."""
        owner = Owner(email=f"owner{next(_numbers)}@acme.example", name="Owner")
        return Company(self, self.finish(make_company(as_admin(self.postgres_url), name, "US", owner)))

    def send_letters(self) -> None:
        """Send the letters in the outbox as one more worker of admin, which itself looks into it once a second."""
        settings = AdminSettings(
            postgres_url=as_admin(self.postgres_url),
            mail_dir=str(self.mail),
            public_url=self.url("admin"),
            database_timeout_ms=PATIENT_MS,
        )
        self.finish(_send_letters(settings))

    def finish(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        return asyncio.run(work)


class Person:
    """Somebody's browser, or a program with a token, at one company; it keeps the cookie that it is given, and has its own address."""

    def __init__(self, callstamp: Callstamp, company_id: int, *, email: str = "", token: str | None = None) -> None:
        self.callstamp, self.company_id, self.email, self.token = callstamp, company_id, email, token
        self.id = 0
        self.cookie: str | None = None
        n = next(_numbers)
        self.own_headers = {"X_Forwarded_For": f"198.51.{n // 250}.{n % 250 + 1}"}

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        """One request; a path without a leading slash is one under the company."""
        path = path if path.startswith("/") else f"/v1/companies/{self.company_id}/{path}".rstrip("/")
        url = self.callstamp.url("admin") + path + (f"?{urlencode(query)}" if query else "")
        reply = send_request(method, url, body=body, bearer=self.token, cookie=self.cookie, **self.own_headers)
        if found := re.match(rf"{COOKIE}=([^;]*)", reply.headers.get("Set-Cookie", "")):
            self.cookie = found[0] if found[1].strip('"') else None
        return reply

    def get(self, path: str, **query: Any) -> Any:
        return self._done(200, self.ask("GET", path, **query))

    def create(self, path: str, **fields: Any) -> Any:
        return self._done(201, self.ask("POST", path, fields))

    def change(self, path: str, **fields: Any) -> Any:
        return self._done(200, self.ask("PATCH", path, fields))

    def remove(self, path: str) -> None:
        self._done(204, self.ask("DELETE", path))

    def refusal(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str, str | None]:
        """Status, code and the field to blame."""
        reply = self.ask(method, path, body, **query)
        assert reply.status >= 400, reply
        return reply.status, reply.body["code"], reply.body.get("field")

    def sign_in(self, password: str, **more: str) -> Reply:
        return self.ask("POST", "/v1/sessions", {"email": self.email, "password": password} | more)

    def calls(self, **query: Any) -> list[str]:
        """The calls that they see, newest first."""
        return [call["call_uuid"] for call in self.get("calls", **query)["items"]]

    def see(self, call_uuid: str) -> Json:
        """The call as they see it, in the list and alone alike."""
        alone: Json = self.get(f"calls/{call_uuid}")
        (listed,) = [call for call in self.get("calls", limit=200)["items"] if call["call_uuid"] == call_uuid]
        assert listed.items() <= alone.items()
        return alone

    def viewing_as(self, collaborator: "Person") -> "Person":
        """The same browser with that collaborator's eyes."""
        eyes = Person(self.callstamp, self.company_id, token=self.token)
        eyes.cookie, eyes.own_headers = self.cookie, self.own_headers | {"Callstamp_View_As": str(collaborator.id)}
        return eyes

    def _done(self, status: int, reply: Reply) -> Any:
        assert reply.status == status, reply
        return reply.body


class Company:
    """One company: `manager` is a program with its token. Names of calls are the engine's call_uuids."""

    def __init__(self, callstamp: Callstamp, made: Json) -> None:
        self.callstamp, self.id, self.api_token = callstamp, made["company_id"], made["api_token"]
        self.owner_email, self.owner_password = made["owner_email"], made["owner_password"]
        self.manager = Person(callstamp, self.id, token=self.api_token)
        self.engine_key = self.add_engine_key()

    # what the manager sets up

    def make(self, noun: str, name: str, **fields: Any) -> int:
        return int(self.manager.create(noun, name=name, **fields)["id"])

    def add_number(self, campaign_id: int, **fields: Any) -> Json:
        made: Json = self.manager.create("numbers", number=new_number(), campaign_id=campaign_id, **fields)
        return made

    def grant(self, publisher_id: int, what: str, *ids: int) -> None:
        self.manager.change(f"publishers/{publisher_id}/{what}", grant=list(ids))

    def revoke(self, publisher_id: int, what: str, *ids: int) -> None:
        self.manager.change(f"publishers/{publisher_id}/{what}", revoke=list(ids))

    def permit(self, where: str, **settings: Any) -> None:
        """Change what a publisher, a buyer, a collaborator or (as "") the company says."""
        self.manager.change(f"{where}/permissions".lstrip("/"), **settings)

    def add_engine_key(self) -> str:
        """A new engine key, which the merger knows; with it, it knows all that was set up before."""
        key = str(self.manager.create("engine-keys", name="Engine")["key"])
        look = f"{self.callstamp.url('merger')}/v1/lookup?caller_number=anonymous"
        wait_for_sync(lambda: send_request("GET", look, bearer=key).status, 200, "the merger to know the engine key")
        return key

    def add_postback_key(self, publisher_id: int, **fields: Any) -> str:
        """A new postback key, which ingest knows."""
        key = str(self.manager.create(f"publishers/{publisher_id}/postback-keys", name="Key", **fields)["key"])
        url = f"{self.callstamp.url('ingest')}/data_writing"
        wait_for_sync(lambda: send_request("POST", url, bearer=key).status, 400, "ingest to know the postback key")
        return key

    # who is let in

    def invite(self, name: str = "Jane", **fields: Any) -> Person:
        """Somebody who was invited, and has their letter; their browser isn't signed in."""
        email = fields.pop("email", f"somebody{next(_numbers)}@leads.example")
        made = self.manager.create("collaborators", name=name, email=email, **fields)
        person = Person(self.callstamp, self.id, email=email)
        person.id = made["id"]
        return person

    def link_of(self, person: Person, *, after: str = "") -> str:
        """The path of the newest letter's link, once it is another one than `after`."""
        return f"/v1/invites/{wait_for_secret(self.callstamp.mail, person.email, after.rpartition('/')[2])}"

    def let_in(self, **acts_as: Any) -> Person:
        """Somebody who was invited and has accepted: they are signed in."""
        person = self.invite(**acts_as)
        self.callstamp.send_letters()
        person.create(f"{self.link_of(person)}/accept", password=PASSWORD)
        return person

    def status_of(self, person: Person) -> str:
        return str(self.manager.get(f"collaborators/{person.id}")["status"])

    # what publishers and engines do

    def post(self, key: str, caller: str = CALLER, **tags: str) -> Reply:
        query = urlencode({"caller_number": caller, **tags})
        return send_request("GET", f"{self.callstamp.url('ingest')}/data_writing?{query}", bearer=key)

    def look_up(self, caller: str = CALLER) -> Json:
        """The tags that a call of this number would get."""
        return dict(self.engine("GET", f"/v1/lookup?caller_number={quote(caller)}").body["tags"])

    def engine(self, method: str, path: str, body: Json | None = None, *, status: int | None = None) -> Reply:
        reply = send_request(method, self.callstamp.url("merger") + path, body=body, bearer=self.engine_key)
        assert reply.status in ((200, 201) if status is None else (status,)), reply
        return reply

    def ring(self, number: Json, caller: str = CALLER, *, answered_by: int | None = None, **said: Any) -> str:
        """A call comes in, and is answered if so; it is in the call log."""
        hit = {"caller_number": caller, "dialed_number": number["number"]} | said
        call_uuid = str(self.engine("POST", "/v1/calls", hit).body["call_uuid"])
        if answered_by:
            self.engine("POST", f"/v1/calls/{call_uuid}/answer", {"buyer_id": answered_by})
        self._wait_for_call(call_uuid, "answered_by", answered_by)
        return call_uuid

    def end(self, call_uuid: str, **said: Any) -> str:
        """It is over, and the call log knows."""
        self.engine("POST", f"/v1/calls/{call_uuid}/end", {"duration_seconds": 60} | said)
        self._wait_for_call(call_uuid, "status", "completed")
        return call_uuid

    def phone(
        self, number: Json, caller: str = CALLER, *, answered_by: int | None = None, hit: Json | None = None, **end: Any
    ) -> str:
        """A whole call; `hit` and `end` are what else the engine says of its beginning and end."""
        return self.end(self.ring(number, caller, answered_by=answered_by, **hit or {}), **end)

    def _wait_for_call(self, call_uuid: str, field: str, wanted: Any) -> None:
        """Wait until the call is in the call log with this value."""

        def look() -> Any:
            reply = self.manager.ask("GET", f"calls/{call_uuid}")
            return reply.body[field] if reply.status == 200 else reply

        wait_for_sync(look, wanted, f"{field} of call {call_uuid} in the call log")


class Market:
    """A publisher and a buyer, a campaign and a tracking number of the publisher's, none of it granted."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.publisher_id = company.make("publishers", "Leads")
        self.buyer_id = company.make("buyers", "Insurer", price_cents=2500)
        self.campaign_id = company.make("campaigns", "Auto insurance", payout_cents=1200)
        self.number = company.add_number(self.campaign_id, publisher_id=self.publisher_id)

    def grant(self) -> None:
        self.company.grant(self.publisher_id, "numbers", self.number["id"])

    def revoke(self) -> None:
        self.company.revoke(self.publisher_id, "numbers", self.number["id"])


def new_number() -> str:
    """A tracking number that no other has."""
    return f"+1800{5_550_000 + next(_numbers)}"


def wait_for_secret(mail: Path, email: str, after: str = "") -> str:
    """Return the secret in the link of the newest letter to this address, once it is another one than `after`."""

    def find() -> str | None:
        found = find_link(mail, email)
        return found[1] if found else None

    secret: str = wait_for_sync(find, lambda secret: secret not in (None, after), f"the secret in the newest letter to {email}")
    return secret


async def _send_letters(settings: AdminSettings) -> None:
    database, carrier = Database(settings), choose_carrier(settings)
    assert carrier
    await database.start()
    try:
        sender = MailSender(database, carrier, settings.public_url)
        while await sender.send_next(carrier):
            pass
    finally:
        await database.stop()
