"""The demo company of a first start: made through the admin API as a manager would, and remembered in the data folder."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from callstamp.command_failed import CommandFailed
from callstamp.configuration import PROJECT
from callstamp.data_folder import find_json, write_private
from callstamp.demo_data import fill_demo_company, let_phones_ring
from callstamp.http_call import Reply, call, call_patiently
from callstamp.ready_file import ReadyFile
from shared.launch import with_our_packages

TRACKING_NUMBER = "+18005550199"
OWNER_EMAIL = "owner@demo.example"
NEW_KEY_SECONDS = 10.0

Facts = dict[str, Any]


def new_company(name: str, environ: Mapping[str, str], *owner: str) -> Facts:
    """Make a company and its first API token: {"company_id", "api_token"}; `owner` are options. Raises CommandFailed with the reason."""
    return _make("admin.new_company", "--name", name, *owner, environ=environ)


def _make(module: str, *options: str, environ: Mapping[str, str]) -> Facts:
    """What a module makes straight in the database, and says once."""
    command = [sys.executable, "-P", "-m", module, *options]
    done = subprocess.run(command, env=with_our_packages(environ), cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise CommandFailed(f"the company can't be made: {reason}")
    facts: Facts = json.loads(done.stdout)
    return facts


def ensure_demo_company(data: Path, environ: Mapping[str, str], services: ReadyFile) -> Facts:
    """What the demo company is, with its secrets; made if there is none, finished if an earlier start was interrupted."""
    file = data / "demo.json"
    facts = find_json(file) or {}
    if facts and not _is_known(facts, services.admin_url):  # the database was emptied meanwhile
        facts = {}
    was_whole = "engine_key" in facts
    for field, make in _STEPS:
        if field not in facts:
            facts |= new_company("Demo company", environ) if make is None else make(_Manager(services.admin_url, facts))
            write_private(file, facts)
    if "owner_password" not in facts:
        owner = ("--company-id", str(facts["company_id"]), "--email", OWNER_EMAIL, "--name", "Owner")
        facts |= _make("admin.new_owner", *owner, environ=environ)
        write_private(file, facts)
    if not was_whole:
        _wait_until_known(lambda: call("POST", f"{services.ingest_url}/data_writing", bearer=facts["postback_key"]))
        _wait_until_known(
            lambda: call("GET", f"{services.merger_url}/v1/lookup?caller_number=anonymous", bearer=facts["engine_key"])
        )
    if not facts.get("is_filled"):
        _fill(services, facts, environ)
        facts["is_filled"] = True
        write_private(file, facts)
    return facts


def _fill(services: ReadyFile, facts: Facts, environ: Mapping[str, str]) -> None:
    """All that there is to look at. What was before is written as the database's owner: admin itself writes no calls."""
    fill_demo_company(services, facts)
    as_owner = dict(environ) | {"ADMIN_POSTGRES_URL": environ["MERGER_POSTGRES_URL"]}
    _make("admin.demo_past", "--company-id", str(facts["company_id"]), environ=as_owner)
    let_phones_ring(services, facts)


class _Manager:
    """The account manager of the company that `facts` tells of."""

    def __init__(self, admin_url: str, facts: Facts) -> None:
        self.facts = facts
        self._root = f"{admin_url}/v1/companies/{facts['company_id']}"

    def make(self, what: str, **fields: Any) -> Facts:
        reply = call_patiently("POST", f"{self._root}/{what}", body=fields, bearer=self.facts["api_token"])
        if reply.status != 201:
            raise CommandFailed(f"the demo company can't be made: POST {what} was answered {reply.status}: {reply.body}")
        made: Facts = reply.body
        return made


def _make_number(manager: _Manager) -> Facts:
    owner = {"campaign_id": manager.facts["campaign_id"], "publisher_id": manager.facts["publisher_id"]}
    return {"tracking_number": manager.make("numbers", number=TRACKING_NUMBER, pool=False, **owner)["number"]}


def _make_postback_key(manager: _Manager) -> Facts:
    path = f"publishers/{manager.facts['publisher_id']}/postback-keys"
    made = manager.make(path, name="Demo postbacks", type="call_data_writing")
    return {"postback_key": made["key"], "posting_url": made["posting_url"]}


_STEPS: list[tuple[str, Callable[[_Manager], Facts] | None]] = [
    ("company_id", None),
    ("publisher_id", lambda manager: {"publisher_id": manager.make("publishers", name="Sunrise Leads")["id"]}),
    ("buyer_id", lambda manager: {"buyer_id": manager.make("buyers", name="Harbor Insurance", price_cents=4500)["id"]}),
    ("campaign_id", lambda manager: {"campaign_id": manager.make("campaigns", name="Auto insurance", payout_cents=3000)["id"]}),
    ("tracking_number", _make_number),
    ("postback_key", _make_postback_key),
    (
        "engine_key",
        lambda manager: {"engine_key": manager.make("engine-keys", name="Demo engine", scopes=["lookup", "events"])["key"]},
    ),
]


def _is_known(facts: Facts, admin_url: str) -> bool:
    """Whether the company's token opens it; an admin service that can't tell just now doesn't make a second company."""
    reply = call_patiently("GET", f"{admin_url}/v1/companies/{facts.get('company_id')}", bearer=facts.get("api_token"))
    return reply.status not in (401, 403, 404)


def _wait_until_known(ask: Callable[[], Reply]) -> None:
    """Ask, with a request that does nothing, until the key in it isn't an unknown one."""
    deadline = time.monotonic() + NEW_KEY_SECONDS
    while ask().status == 401:
        if time.monotonic() > deadline:
            raise CommandFailed(f"a new key isn't known after {NEW_KEY_SECONDS:.0f} seconds; the services' logs may say why")
        time.sleep(0.05)
