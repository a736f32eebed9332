"""What earlier versions kept in Redis, PostgreSQL and spool files is read by this one: every folder of tests/stored_data is tried."""

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.app import create_app as create_admin
from admin.settings import AdminSettings
from ingest import app as ingest_app
from ingest.merger import app as merger_app
from ingest.merger.drain import Drain
from ingest.merger.settings import MergerSettings
from ingest.redis_keys import waiting_key
from ingest.settings import IngestSettings
from shared.migrate import migrate
from tests import stored_data
from tests.databases import Databases, finish
from tests.integration.admin.browser import Browser
from tests.integration.admin.manager import Manager
from tests.integration.test_bulk import items, send
from tests.integration.test_idempotency import post_once
from tests.service_processes import PATIENT_MS, as_admin
from tests.stored_data import story
from tests.stored_data.copies import fill_store, load_database
from tests.waiting import wait_for
from tests.world import Company, DoorServer, Key, World, open_client

RECORDINGS = sorted(path.parent for path in Path(next(iter(stored_data.__path__))).glob("*/facts.json"))


@pytest.fixture(params=RECORDINGS, ids=lambda folder: folder.name)
def recording(request: pytest.FixtureRequest) -> Path:
    """One folder of recorded data."""
    folder: Path = request.param
    return folder


@pytest.fixture
def facts(recording: Path) -> Any:
    """What the recording says of its company, its secrets and what was answered then."""
    return json.loads((recording / "facts.json").read_text())


@pytest.fixture
def postgres_url(databases: Databases, recording: Path) -> Iterator[str]:
    """A database as it was then, brought up to date."""
    url = databases.clone("template0")
    load_database(recording / "database.sql", url)
    finish(migrate(url))
    yield url
    databases.drop(url)


@pytest.fixture
async def world(
    recording: Path, facts: Any, redis_url: str, postgres_url: str, tmp_path: Path, aiohttp_client: Any
) -> AsyncIterator[World]:
    """Ingest, with the recorded spool, and the merger on the recorded store and database."""
    postgres, store = await asyncpg.connect(postgres_url), open_client(redis_url)
    await fill_store((recording / "store.json").read_text(), store)
    shutil.copytree(recording / "spool", tmp_path / "spool")
    world = World(postgres, store, None, None, Drain(redis_url, postgres_url))  # type: ignore[arg-type] # set below
    postback_key, engine_key = Key(*facts["postback_key"]), Key(*facts["engine_key"])
    world.company = Company(**facts["company"], key=postback_key, engine_key=engine_key)
    settings: Any = {"redis_url": redis_url, "postgres_url": postgres_url, "store_timeout_ms": 5000}
    spool = str(tmp_path / "spool")
    world.ingest = await aiohttp_client(DoorServer(ingest_app.create_app(IngestSettings(**settings, spool_dir=spool))))
    world.merger = await aiohttp_client(DoorServer(merger_app.create_app(MergerSettings(**settings))))
    await world.eventually_known(world.company.key)
    yield world
    await world.drain_loop.stop()
    await store.aclose()
    await postgres.close()


@pytest.fixture
async def manager(facts: Any, postgres_url: str) -> AsyncIterator[Manager]:
    settings = AdminSettings(postgres_url=as_admin(postgres_url), database_timeout_ms=PATIENT_MS)
    async with TestClient(DoorServer(create_admin(settings))) as door:
        yield Manager(door, facts["company"]["id"], facts["api_token"])


def test_there_is_a_recording() -> None:
    assert RECORDINGS


async def test_stored_tags_are_found_and_merged(world: World) -> None:
    assert await world.look_up(story.WAITING) == {"zip": "60602", "näme": "ü"}
    call = await world.hit("new", story.WAITING)
    assert call["tags"] == {"zip": "60602", "näme": "ü"}
    assert call["attribution"]["zip"]["postback_key_id"] == world.company.key.id
    assert (await world.hit("first", story.ONCE))["tags"] == {"once": "1"}
    assert (await world.hit("second", story.ONCE))["tags"] == {}
    assert (await world.post({"zip": "1"}, story.WAITING))["outcome"] == "stored_for_call"


async def test_a_new_postback_joins_the_stored_tags_of_a_caller(world: World) -> None:
    assert (await world.post({"zip": "60603", "new": "1"}, story.WAITING))["outcome"] == "stored"
    assert await world.look_up(story.WAITING) == {"zip": "60603", "näme": "ü", "new": "1"}


async def test_calls_go_on(world: World) -> None:
    assert (await world.call("in-progress"))["tags"] == {"during": "1"}
    assert (await world.post({"more": "2"}, story.ON_THE_PHONE))["outcome"] == "stored_for_call"
    ended = await world.event("in-progress", "end", duration_seconds=9)
    assert (ended["status"], ended["tags"]) == ("completed", {"during": "1", "more": "2"})
    assert (await world.call("ended"))["tags"] == {"late": "1"}
    assert (await world.post({"later": "2"}, call_uuid="withheld", caller=""))["outcome"] == "stored_for_call"
    parked = await world.hit("parked", story.DRAINED)
    assert (parked["status"], (await world.call("parked"))["status"]) == ("completed", "completed")


@pytest.mark.one_server("what remembers a bulk request lies where one server groups its items")
async def test_a_repeat_gets_the_recorded_reply_and_has_no_second_effect(world: World, facts: Any) -> None:
    recorded = facts["replies"]
    status, headers, body = await post_once(world, story.SINGLE, {"order": "1"}, story.REPEATED)
    assert (status, body) == (200, recorded["single"])
    assert (headers["Callstamp-Replayed"], headers["Callstamp-Postback-Id"]) == ("true", recorded["postback_id"])
    bulk = [*items(3), {"caller_number": "1", "tag_values": {"a": "1"}}]
    status, headers, body = await send(world, bulk, Idempotency_Key=story.BULK)
    assert (status, headers["Callstamp-Replayed"], body) == (200, "true", recorded["bulk"])


async def test_stream_entries_reach_postgres(world: World) -> None:
    await wait_for(lambda: world.look_up(story.SPOOLED), {"spooled": "1"}, "the tag from the spool")
    rows = {(row["caller_number"], row["tag_values"]): row for row in await world.log() if row["outcome"] != "refused"}
    expected = {
        (story.DRAINED, '{"early":"yes"}'): "stored",
        (story.WAITING, '{"zip":"60601","näme":"ü"}'): "stored",
        (story.WAITING, '{"zip":"60602"}'): "stored",
        (story.ONCE, '{"once":"1"}'): "stored",
        (story.ON_THE_PHONE, '{"during":"1"}'): "stored_for_call",
        (story.HUNG_UP, '{"late":"1"}'): "applied",
        (story.REPEATED, '{"order":"1"}'): "stored",
        (story.SPOOLED, '{"spooled":"1"}'): "stored",
    }
    assert {place: rows[place]["outcome"] for place in expected} == expected
    assert [row["replayed"] for row in await world.log(caller_number=story.REPEATED)] == [True]
    calls = {row["call_uuid"]: row for row in await world.postgres.fetch("select * from calls")}
    assert {"drained", "in-progress", "ended", "withheld"} <= calls.keys()
    assert (calls["drained"]["duration_seconds"], calls["drained"]["recording_url"]) == (61, "https://recordings.example/1")
    assert (calls["ended"]["status"], json.loads(calls["ended"]["tags"])) == ("completed", {"late": "1"})
    assert await world.postgres.fetchval("select count(*) from set_aside") == 0


async def test_a_worker_that_starts_without_postgres_reads_the_recorded_keys(
    world: World, redis_url: str, aiohttp_client: Any
) -> None:
    await world.ingest.close()
    nowhere = IngestSettings(redis_url=redis_url, postgres_url="postgresql://nobody@127.0.0.1:9/nothing", store_timeout_ms=5000)
    world.ingest = await aiohttp_client(DoorServer(ingest_app.create_app(nowhere)))
    assert (await world.post({"a": "1"}, story.WAITING))["http"] == 200


async def test_the_admin_api_answers_what_it_answered_then(manager: Manager, facts: Any) -> None:
    for path, recorded in facts["answers"].items():
        assert list(find_missing(recorded, await manager.get(path), path)) == [], path


async def test_people_sign_in_with_their_recorded_password(manager: Manager, facts: Any) -> None:
    assert (await Browser(manager.door).sign_in(*facts["owner"])).status == 201


def find_missing(recorded: Any, now: Any, place: str) -> Iterator[str]:
    """What was in a recorded answer and isn't in today's; fields may have come."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name, value in recorded.items():
            yield from find_missing(value, now.get(name, "nothing"), f"{place}.{name}")
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for number, value in enumerate(recorded):
            yield from find_missing(value, now[number], f"{place}[{number}]")
    elif recorded != now:
        yield f"{place} was {recorded!r} and is {now!r}"


async def test_the_check_sees_bytes_that_cannot_be_read(world: World) -> None:
    key = waiting_key(world.company.id, story.WAITING)
    packed = await world.store.get(key)
    await world.store.set(key, packed.replace(b"60602", b"60604"))
    assert await world.look_up(story.WAITING) == {"zip": "60604", "näme": "ü"}
    assert list(find_missing({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}], "c": 4}, "x")) == ["x.a[1].b was 2 and is 3"]
