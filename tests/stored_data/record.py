"""Records what this version of Callstamp keeps, for the tests of later versions: `python -m tests.stored_data.record NAME`.

Makes the folder NAME beside this file. Tags and calls are recorded with a century to live, so that they are still alive whenever a test
reads them; all bytes are written by the services themselves.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp.test_utils import TestClient

from admin.app import create_app as create_admin
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.settings import AdminSettings
from ingest.app import create_app as create_ingest
from ingest.merger.app import create_app as create_merger
from ingest.merger.drain import Drain
from ingest.merger.settings import MergerSettings
from ingest.rooms import KEYRING
from ingest.settings import IngestSettings
from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from shared.migrate import migrate
from tests.integration.admin.manager import Manager
from tests.integration.admin.things import make_things
from tests.integration.test_bulk import items, send
from tests.integration.test_idempotency import post_once
from tests.service_processes import as_admin
from tests.stored_data import story
from tests.stored_data.copies import copy_store, save_database
from tests.waiting import wait_for
from tests.world import Company, DoorServer, Key, World, open_client

CENTURY_MS = 100 * 365 * 86_400_000
OWNER = "owner@example.com"


async def record(spool: Path, valkey: EmbeddedValkey, postgres_url: str) -> dict[str, str]:
    """Let every kind of thing happen once, with the spool in that folder. Returns the contents of files by name."""
    await migrate(postgres_url)
    made: dict[str, Any] = await make_company(as_admin(postgres_url), "Acme", "US", Owner(email=OWNER, name="Jane Roe"))
    db = await asyncpg.connect(postgres_url)
    admin = TestClient(DoorServer(create_admin(AdminSettings(postgres_url=as_admin(postgres_url)))))
    await admin.start_server()
    manager = Manager(admin, made["company_id"], made["api_token"])
    world = World(db, open_client(valkey.url), None, None, Drain(valkey.url, postgres_url))  # type: ignore[arg-type] # set below
    world.company = await make_world_company(manager, await make_things(manager, db))
    once_key = await manager.create(
        f"publishers/{world.company.publisher_id}/postback-keys", name="Once", apply_once=True, also_store=True
    )
    once = Key(once_key["id"], once_key["key"], world.company.publisher_id)

    settings = {"redis_url": valkey.url, "postgres_url": postgres_url, "store_timeout_ms": 5000}
    world.merger = await start(create_merger(MergerSettings(**settings, max_call_seconds=CENTURY_MS // 1000)))  # type: ignore[arg-type]
    await use_ingest(world, [world.company.key, once], IngestSettings(**settings))  # type: ignore[arg-type]
    replies = await tell_story(world, once)
    await world.ingest.close()

    await use_ingest(world, [world.company.key], IngestSettings(**settings, spool_dir=str(spool)))  # type: ignore[arg-type]
    valkey.kill()
    await wait_for(lambda: post_status(world), 202, "the status of a postback while the store is away")
    await world.ingest.close()
    valkey.start()
    await wait_for(lambda: answers(world.merger), 200, "the merger's readiness")

    store = await copy_store(world.store)
    facts = {
        "company": {name: getattr(world.company, name) for name in ("id", "publisher_id", "campaign_id", "buyer_id", "number")},
        "postback_key": [world.company.key.id, world.company.key.secret],
        "engine_key": [world.company.engine_key.id, world.company.engine_key.secret],
        "api_token": made["api_token"],
        "owner": [OWNER, made["owner_password"]],
        "replies": replies,
        "answers": {path: await manager.get(path) for path in story.PATHS},
    }
    for client in (admin, world.merger):
        await client.close()
    await world.drain_loop.stop()
    await world.store.aclose()
    await db.close()
    return {"store.json": store, "facts.json": json.dumps(facts, indent=1) + "\n"}


async def make_world_company(manager: Manager, ids: dict[str, Any]) -> Company:
    """The company as the world's helpers know it, with keys whose secrets are known."""
    key = await manager.create(f"publishers/{ids['publisher_id']}/postback-keys", name="Recorded")
    engine_key = await manager.create("engine-keys", name="Recorded")
    number = await manager.get(f"numbers/{ids['number_id']}")
    return Company(
        manager.company_id,
        ids["publisher_id"],
        ids["campaign_id"],
        ids["buyer_id"],
        number["number"],
        Key(key["id"], key["key"], ids["publisher_id"]),
        Key(engine_key["id"], engine_key["key"]),
    )


async def start(app: Any) -> TestClient[Any, Any]:
    client = TestClient(DoorServer(app))
    await client.start_server()
    return client


async def use_ingest(world: World, keys: list[Key], settings: IngestSettings) -> None:
    """Start ingest for the world, with keys whose tags and ended calls live for a century."""
    world.ingest = await start(create_ingest(settings))
    for key in keys:
        await world.eventually_known(key)
        row = world.ingest.app[KEYRING].find(key.secret)  # type: ignore[union-attr]
        assert row is not None
        row.storage_ms = row.cutoff_ms = CENTURY_MS


async def tell_story(world: World, once: Key) -> dict[str, Any]:
    """What happens: first what the drain brings to PostgreSQL, then what stays in the store. Returns the replies that repeats must get."""
    await world.post({"early": "yes"}, story.DRAINED)
    await world.hit("drained", story.DRAINED)
    await world.event("drained", "answer", buyer_id=world.company.buyer_id)
    await world.event("drained", "end", duration_seconds=61, recording_url="https://recordings.example/1")
    await world.post({}, story.DRAINED)
    await wait_for(lambda: world.log(outcome="refused"), what="the refused postback in the log")

    await world.post({"zip": "60601", "näme": "ü"}, story.WAITING)
    await world.post({"zip": "60602"}, story.WAITING)
    await world.post({"once": "1"}, story.ONCE, once)
    await world.hit("in-progress", story.ON_THE_PHONE)
    await world.post({"during": "1"}, story.ON_THE_PHONE)
    await world.event("in-progress", "route", buyer_id=world.company.buyer_id)
    await world.hit("ended", story.HUNG_UP)
    await world.event("ended", "end", duration_seconds=5)
    await world.post({"late": "1"}, story.HUNG_UP)
    await world.hit("withheld", None)
    await world.event("parked", "end", duration_seconds=7)
    single = await post_once(world, story.SINGLE, {"order": "1"}, story.REPEATED)
    await post_once(world, story.SINGLE, {"order": "1"}, story.REPEATED)
    bulk = await send(world, [*items(3), {"caller_number": "1", "tag_values": {"a": "1"}}], Idempotency_Key=story.BULK)
    return {"single": single[2], "postback_id": single[1]["Callstamp-Postback-Id"], "bulk": bulk[2]}


async def post_status(world: World) -> int:
    return int((await world.post({"spooled": "1"}, story.SPOOLED))["http"])


async def answers(client: TestClient[Any, Any]) -> int:
    async with client.get("/readyz") as reply:
        return reply.status


def main(name: str) -> None:
    folder = Path(__file__).parent / name
    folder.mkdir()
    with (
        tempfile.TemporaryDirectory() as data,
        EmbeddedValkey(Path(data) / "valkey") as valkey,
        EmbeddedPostgres(Path(data) / "postgres", durable=False) as postgres,
    ):
        for file, content in asyncio.run(record(folder / "spool", valkey, postgres.url)).items():
            (folder / file).write_text(content)
        save_database(postgres.url, folder / "database.sql")


if __name__ == "__main__":
    main(sys.argv[1])
