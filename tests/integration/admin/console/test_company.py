"""The rooms of settings: the company, engine keys and API tokens."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    return ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)


@pytest.fixture
def root(manager: Manager) -> str:
    return f"/companies/{manager.company_id}"


async def test_the_companys_defaults_are_typed_in_human_units(owner: ConsoleBrowser, manager: Manager, root: str) -> None:
    page = await owner.open(f"{root}/settings")
    fields = page.form("change").fields
    assert fields["default_storage_duration_seconds"] == ["2"]
    typed = {"default_storage_duration_seconds": "1.5", "default_storage_duration_seconds_unit": "hours", "default_region": "GB"}
    await owner.fill(page, "change", **typed)
    company = await manager.get("")
    assert (company["default_storage_duration_seconds"], company["default_region"]) == (5400, "GB")
    assert company["rate_limit_per_second"] is None
    wrong = await owner.fill(page, "change", default_end_call_cutoff_seconds="8", default_end_call_cutoff_seconds_unit="days")
    assert wrong.status == 422
    assert 'id="wrong-default_end_call_cutoff_seconds"' in wrong.body
    assert wrong.form("change").fields["default_end_call_cutoff_seconds"] == ["8"]


async def test_retention_is_set_and_emptied(owner: ConsoleBrowser, manager: Manager, root: str) -> None:
    page = await owner.open(f"{root}/settings")
    typed = {"calls_days": "730", "certificate_tag_names": "trusted_form\r\n\r\n jornaya \r\n", "legal_hold": ["false", "true"]}
    await owner.fill(page, "retention", **typed)
    kept = (await manager.get(""))["retention"]
    assert (kept["calls_days"], kept["certificate_tag_names"], kept["legal_hold"]) == (730, ["trusted_form", "jornaya"], True)
    page = await owner.open(f"{root}/settings")
    assert page.form("retention").fields["certificate_tag_names"] == ["trusted_form\njornaya"]
    await owner.fill(page, "retention", calls_days="", certificate_tag_names="")
    kept = (await manager.get(""))["retention"]
    assert (kept["calls_days"], kept["certificate_tag_names"]) == (None, [])
    wrong = await owner.fill(page, "retention", calls_days="0")
    assert 'id="wrong-calls_days"' in wrong.body


async def test_an_engine_keys_secret_is_shown_once(owner: ConsoleBrowser, manager: Manager, root: str) -> None:
    new = await owner.open(f"{root}/engine-keys/new")
    made = await owner.fill(new, "create", name="Asterisk", scopes=["lookup"])
    assert made.status == 201
    assert "cs_ek_" in made.body
    key = (await manager.get("engine-keys"))["items"][0]
    assert key["scopes"] == ["lookup"]
    path = f"{root}/engine-keys/{key['id']}"
    page = await owner.open(path)
    assert "cs_ek_" not in page.body
    await owner.fill(page, "pause")
    assert "paused" in (await owner.open(path)).text
    await owner.fill(await owner.open(path), "resume")
    rotated = await owner.fill(page, "rotate", grace_seconds="1", grace_seconds_unit="hours")
    assert "The old secret works until" in rotated.text
    assert "cs_ek_" in rotated.body
    nothing = await owner.send(f"{path}?do=change", {"name": "Asterisk"})
    assert 'id="wrong-scopes"' in nothing.body
    assert (await owner.fill(page, "revoke")).leads_to == f"{root}/engine-keys"


async def test_tokens_say_whose_they_are(
    db: asyncpg.Connection, door: Door, owner: ConsoleBrowser, manager: Manager, root: str
) -> None:
    publisher = await manager.create("publishers", name="Publisher")
    person = await add_person(db, door, manager.company_id, publisher_ids=[publisher["id"]])
    theirs = ConsoleBrowser(door, person.own_headers)
    made = await theirs.fill(await theirs.open(f"{root}/api-tokens/new"), "create", name="Own program")
    assert "cs_at_" in made.body
    listed = await theirs.open(f"{root}/api-tokens")
    assert "Own program" in listed.text
    assert "the company's" not in listed.text

    listed = await owner.open(f"{root}/api-tokens")
    assert "Own program" in listed.text
    assert "Person" in listed.text
    assert "cs_at_" not in listed.body
    token = next(item for item in (await manager.get("api-tokens"))["items"] if item["name"] == "Own program")
    page = await owner.open(f"{root}/api-tokens/{token['id']}")
    assert not page.has_form("change")
    assert (await owner.fill(page, "revoke")).leads_to == f"{root}/api-tokens"
    assert (await theirs.open(f"{root}/api-tokens/{token['id']}")).status == 404
