"""Secrets and caller numbers are planted wherever somebody may put them; then all that is kept and written is searched for them.

A secret is in the letter that it was sent by and nowhere else: not in a log, a metric, a table, or the store's files. A caller number is in
the tables of calls and postbacks, in the store until it was erased, and in no log and no metric.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pyotp
import pytest

from callstamp.http_call import call
from shared.embedded import EmbeddedPostgres
from tests.e2e.companies import PASSWORD, Callstamp, Company, Market, Person
from tests.waiting import wait_for_sync

OF_CALLERS = {"calls", "call_events", "postback_log"}
"""The tables in which a caller number may stand, with their partitions."""

ONE_THAT_IS_KEPT = "totp_secret"
"""Codes can't be checked without it: it is in the table of users."""


class Planted:
    """What was planted, by what it is."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.callers: list[str] = []

    def secret(self, what: str, value: str) -> str:
        assert len(value) >= 6, what
        self.secrets[what] = value
        return value

    def caller(self) -> str:
        self.callers.append(f"+1555{8_675_000 + len(self.callers)}")
        return self.callers[-1]


class Places:
    """All that is written and kept, as text by its place."""

    def __init__(self, callstamp: Callstamp, postgres: EmbeddedPostgres) -> None:
        self.callstamp, self.valkey, self.postgres = callstamp, callstamp.valkey, postgres

    def logs(self) -> dict[str, str]:
        own = {file.name: _read(file) for file in self.callstamp.processes.logs.iterdir()}
        return own | {server.log.name: _read(server.log) for server in (self.valkey, self.postgres)}

    def metrics(self) -> dict[str, str]:
        names = ("ingest", "merger", "drain", "admin")
        return {f"metrics of {name}": str(call("GET", f"{self.callstamp.url(name)}/metrics").body) for name in names}

    def tables(self) -> dict[str, str]:
        return asyncio.run(_dump(self.callstamp.postgres_url))

    def store_files(self) -> dict[str, str]:
        return {file.name: _read(file) for file in self.valkey.data.rglob("*") if file.is_file()}

    def letters(self) -> dict[str, str]:
        return {file.name: _read(file) for file in self.callstamp.mail.iterdir()}


def _read(file: Path) -> str:
    return file.read_bytes().decode("latin-1")


async def _dump(postgres_url: str) -> dict[str, str]:
    """Every row of every table, as text; of a partitioned one in its partitions."""
    db = await asyncpg.connect(postgres_url)
    try:
        tables = await db.fetch("select tablename from pg_tables where schemaname = 'public'")
        rows = {table: await db.fetch(f'select t::text as row from only "{table}" t') for (table,) in tables}
    finally:
        await db.close()
    return {table: "\n".join(row["row"] for row in found) for table, found in rows.items()}


def find_in(texts: dict[str, str], needle: str) -> set[str]:
    """Where it stands: as it is, as bytes in hexadecimal, as a link would spell it, or without what people put between its parts."""
    spellings = {needle, needle.encode().hex(), needle.replace("+", "%2B"), needle.lstrip("+"), needle.replace("-", "")}
    return {place for place, text in texts.items() if any(spelling in text for spelling in spellings)}


@pytest.fixture(scope="module")
def places(callstamp: Callstamp, postgres: EmbeddedPostgres) -> Places:
    return Places(callstamp, postgres)


@pytest.fixture(scope="module")
def planted(callstamp: Callstamp) -> Planted:
    """All of it, said rightly and wrongly, by the company of this file."""
    planted = Planted()
    company = callstamp.add_company()
    market = Market(company)
    market.grant()
    for plant in (_plant_people, _plant_codes, _plant_keys, _plant_callers):
        plant(planted, company, market)
    planted.secret("merger_secret", callstamp.processes.environ["MERGER_INTERNAL_SECRET"])
    return planted


def _plant_people(planted: Planted, company: Company, market: Market) -> None:
    """Invites sent, sent again and withdrawn, sign-ins right and wrong, a password changed and one reset."""
    owner = Person(company.callstamp, company.id, email=company.owner_email)
    owner.sign_in(planted.secret("guess", "not the password at all"))
    assert owner.sign_in(planted.secret("owner_password", company.owner_password)).status == 201
    planted.secret("owner_session", _session_of(owner))
    jane = company.invite(publisher_ids=[market.publisher_id])
    dead = company.link_of(jane)
    company.manager.ask("POST", f"collaborators/{jane.id}/invite")
    link = company.link_of(jane, after=dead)
    planted.secret("dead_invite", dead.rpartition("/")[2])
    planted.secret("invite", link.rpartition("/")[2])
    owner.ask("POST", f"{link}/accept", {"password": planted.secret("password_of_another", "a mule that carries")})
    jane.create(f"{link}/accept", password=planted.secret("password", PASSWORD))
    jane.ask("GET", link)
    planted.secret("session_of_invite", _session_of(jane))
    new = planted.secret("new_password", "a donkey that waits")
    assert jane.ask("POST", "/v1/me/password", {"old_password": PASSWORD, "new_password": new}).status == 204
    planted.secret("session_of_change", _session_of(jane))
    jane.ask("POST", "/v1/password-resets", {"email": jane.email})
    reset = company.link_of(jane, after=link).rpartition("/")[2]
    again = {"password": planted.secret("reset_password", "a llama that hums")}
    assert jane.ask("POST", f"/v1/password-resets/{planted.secret('reset', reset)}", again).status == 204
    jane.ask("POST", f"/v1/password-resets/{reset}", again)


def _plant_codes(planted: Planted, company: Company, market: Market) -> None:
    """An authenticator switched on, a code, a recovery code, and wrong ones."""
    john = company.let_in(buyer_ids=[market.buyer_id])
    secret = john.ask("POST", "/v1/me/totp", {"password": PASSWORD}).body["secret"]
    planted.secret(ONE_THAT_IS_KEPT, secret)
    reply = john.ask("POST", "/v1/me/totp/confirm", {"code": pyotp.TOTP(secret).now()})
    for n, code in enumerate(reply.body["recovery_codes"]):
        planted.secret(f"recovery_code_{n}", code)
    john.sign_in(PASSWORD, code="000000")
    john.sign_in(PASSWORD, code=planted.secrets["recovery_code_0"].upper())
    planted.secret("session_with_code", _session_of(john))


def _plant_keys(planted: Planted, company: Company, market: Market) -> None:
    """Keys and tokens: used, replaced, misspelt, in links, in headers and in the wrong place."""
    planted.secret("api_token", company.api_token)
    planted.secret("engine_key", company.engine_key)
    owner = Person(company.callstamp, company.id, email=company.owner_email)
    owner.sign_in(company.owner_password)
    planted.secret("second_token", owner.create("api-tokens", name="Another")["token"])
    made = company.manager.create(f"publishers/{market.publisher_id}/postback-keys", name="Web form")
    replaced = company.manager.ask("POST", f"postback-keys/{made['id']}/rotate", {}).body["key"]
    own, misspelt = str(uuid4()), planted.secret("misspelt_key", made["key"] + "x")
    company.manager.create(f"publishers/{market.publisher_id}/postback-keys", name="Own", key=own)
    for what, key in (("postback_key", made["key"]), ("rotated_key", replaced), ("own_key", own)):
        wait_for_sync(lambda key=planted.secret(what, key): company.post(key, zip="94110").status, 200, f"ingest to know {what}")
    ingest, admin = company.callstamp.url("ingest"), company.callstamp.url("admin")
    for key in (made["key"], misspelt, company.api_token):
        call("GET", f"{ingest}/data_writing?key={key}&caller_number=junk&zip=1")
        call("GET", f"{ingest}/data_writing/{key}/more")
        call("PUT", f"{ingest}/data_writing/{key}")
        call("GET", f"{admin}/v1/companies/{company.id}/calls?key={key}", bearer=key)
        call("GET", f"{company.callstamp.url('merger')}/v1/lookup?key={key}&caller_number=%2B15550001111")
        call("POST", f"{ingest}/v1/postbacks", body={"key": key}, bearer=key)


def _plant_callers(planted: Planted, company: Company, market: Market) -> None:
    """Caller numbers that are posted, that phone, that are asked for and refused, and one that is erased."""
    key = company.add_postback_key(market.publisher_id)
    posted, phones, erased = (planted.caller() for _ in range(3))
    for caller in planted.callers:
        company.post(key, caller, zip="94110")
        company.post(key, caller, **{"bad\x00name": caller})
        company.post("no-such-key", caller, zip="94110")
        call("POST", f"{company.callstamp.url('ingest')}/v1/postbacks", body={"caller_number": caller}, bearer=key)
        company.look_up(caller)
        for path in ("calls", "postback-log"):
            company.manager.ask("GET", path, caller_number=caller)
            company.manager.ask("GET", path, limit=caller)
        company.manager.ask("GET", f"callers/{caller}")
        company.manager.ask("GET", f"calls/{caller}")
    for caller in (phones, erased):
        company.phone(market.number, caller, answered_by=market.buyer_id)
    company.engine("POST", "/v1/calls", {"call_uuid": "one", "caller_number": phones}, status=201)
    company.engine("POST", "/v1/calls", {"call_uuid": "one", "caller_number": posted}, status=409)
    assert company.manager.ask("DELETE", f"callers/{erased}").status == 200


def _session_of(person: Person) -> str:
    assert person.cookie
    return person.cookie.partition("=")[2]


def _lines_without_letters(log: str) -> Iterator[str]:
    """A log but for the lines that lead whoever has no mail server to a letter: that they name its link is what they are for."""
    yield from (line for line in log.splitlines() if '"event":"mail_written"' not in line)


def test_a_secret_is_in_the_letter_it_was_sent_by_and_nowhere_else(planted: Planted, places: Places) -> None:
    logs = {name: "\n".join(_lines_without_letters(log)) for name, log in places.logs().items()}
    written = logs | places.metrics() | places.tables() | places.store_files()
    found = {what: find_in(written, secret) for what, secret in planted.secrets.items()}
    assert found.pop(ONE_THAT_IS_KEPT) == {"users"}
    assert {what: where for what, where in found.items() if where} == {}
    letters = places.letters()
    sent = {what: len(find_in(letters, secret)) for what, secret in planted.secrets.items()}
    assert {what: count for what, count in sent.items() if count} == {"invite": 1, "dead_invite": 1, "reset": 1}


def test_a_caller_number_is_in_no_log_and_no_metric_and_in_the_tables_meant_for_it(planted: Planted, places: Places) -> None:
    written, tables = places.logs() | places.metrics(), places.tables()
    assert {caller: where for caller in planted.callers if (where := find_in(written, caller))} == {}
    for caller in planted.callers[:-1]:
        kept_in = {re.sub(r"_(\d{8}|rest)$", "", table) for table in find_in(tables, caller)}
        assert kept_in, "the control: what is kept is found"
        assert kept_in <= OF_CALLERS
    assert find_in(tables, planted.callers[-1]) == set(), "it was erased"


def test_the_search_finds_what_is_there(planted: Planted, places: Places) -> None:
    """The control of both: each kind of place is looked into, and each spelling is seen."""
    assert find_in(places.logs(), planted.secrets["invite"]) == {"admin.log"}, "the line that leads to the letter"
    services = {"ingest.log", "merger.log", "drain.log", "admin.log"}
    assert places.logs().keys() >= services | {"postgres.log", "valkey.log"}
    assert find_in(places.metrics(), 'outcome="stored"'), places.metrics()
    assert find_in(places.tables(), "somebody") >= {"users", "collaborators"}
    assert find_in(places.store_files(), "94110")
    assert find_in({"a": "x +15558675000", "b": "%2B15558675000", "c": "+*******5000"}, "+15558675000") == {"a", "b"}
    assert find_in({"a": f"\\x{b'secret'.hex()}", "b": "a secret", "c": "secre"}, "secret") == {"a", "b"}
    assert find_in({"a": "abcd1234", "b": "abcd"}, "abcd-1234") == {"a"}
