"""Ingest with a spool on a store that goes away, and looks into its files."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestClient

from ingest.app import create_app
from ingest.merger.app import create_app as create_merger
from ingest.merger.settings import MergerSettings
from ingest.rooms import KEYRING
from ingest.settings import IngestSettings
from ingest.spool import SpooledPostback
from shared.embedded import EmbeddedValkey
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for
from tests.world import CALLER, DoorServer, World

StartIngest = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
def spool_folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
async def start_ingest(world: World, redis_url: str, postgres_url: str, spool_folder: Path) -> AsyncIterator[StartIngest]:
    """Starts ingest in process, with a spool, as the world's; it is stopped when another one starts, and at the end."""
    stores: dict[str, Any] = {"redis_url": redis_url, "postgres_url": postgres_url, "store_timeout_ms": 3000}

    async def stop() -> None:
        if world.ingest is not None:
            await world.ingest.close()

    async def knows_all_keys() -> bool:
        return world.ingest.server.app[KEYRING].is_current  # type: ignore[attr-defined]

    async def status_of_look_up() -> int:
        return (await world.engine("GET", "/v1/lookup", caller_number=CALLER))[0]

    async def start(**settings: Any) -> TestClient[Any, Any]:
        await stop()
        app = create_app(IngestSettings(**stores | {"spool_dir": str(spool_folder)} | settings))
        world.ingest = TestClient(DoorServer(app))
        await world.ingest.start_server()
        await wait_for(knows_all_keys)
        return world.ingest

    world.merger = TestClient(DoorServer(create_merger(MergerSettings(**stores))))
    await world.merger.start_server()
    await wait_for(status_of_look_up, 200)
    yield start
    await stop()
    await world.merger.close()


@contextmanager
def away(valkey: EmbeddedValkey) -> Iterator[None]:
    """The store is killed, and back at the end."""
    valkey.kill()
    try:
        yield
    finally:
        valkey.start()


def rows_in(folder: Path) -> int:
    """What is in the files of a spool that nobody has open."""
    rows = 0
    for path in folder.glob("*.sqlite"):
        file = sqlite3.connect(path)
        rows += file.execute("select count(*) from postbacks").fetchone()[0]
        file.close()
    return rows


def change_rows(folder: Path, change: Callable[[SpooledPostback], None]) -> None:
    """Change what is in the file of a spool that nobody has open."""
    file = sqlite3.connect(folder / "001.sqlite")
    for row_id, packed in file.execute("select id, packed from postbacks").fetchall():
        spooled = msgspec.msgpack.decode(packed, type=SpooledPostback)
        change(spooled)
        file.execute("update postbacks set packed = ? where id = ?", (msgspec.msgpack.encode(spooled), row_id))
    file.commit()
    file.close()


async def readiness(world: World) -> tuple[int, dict[str, Any]]:
    async with world.ingest.get("/readyz") as reply:
        return reply.status, await reply.json(content_type=None)


async def noticed(world: World) -> None:
    """Return once ingest has lost the store: until then a postback may be on its way."""

    async def servers_away() -> Any:
        return (await readiness(world))[1]["servers_away"]

    await wait_for(servers_away)


async def emptied(world: World) -> None:
    """Return once the spool is empty, and the merger has found the store again."""

    async def rows_and_servers_away() -> tuple[int, Any]:
        _, said = await readiness(world)
        return said["spool"]["rows"], said["servers_away"]

    await wait_for(rows_and_servers_away, (0, []), "rows in the spool, and servers away")
    await merger_is_back(world)


async def count_queued(services: ServiceProcesses) -> int:
    """Return the number of spooled rows that the ingest process reports."""
    async with aiohttp.ClientSession() as session, session.get(services.url("ingest") + "/readyz") as reply:
        return int((await reply.json(content_type=None))["spool"]["rows"])


async def merger_is_back(world: World) -> None:
    """Return once the merger has found the store again."""

    async def status() -> int:
        async with world.merger.get("/readyz") as reply:
            return reply.status

    await wait_for(status, 200, "the status of the merger's /readyz")
