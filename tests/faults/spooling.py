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
from ingest.settings import IngestSettings
from ingest.spool import SpooledPostback
from shared.embedded import EmbeddedValkey
from tests.faults.load import eventually
from tests.service_processes import ServiceProcesses
from tests.world import DoorServer, World

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

    async def start(**settings: Any) -> TestClient[Any, Any]:
        await stop()
        app = create_app(IngestSettings(**stores | {"spool_dir": str(spool_folder)} | settings))
        world.ingest = TestClient(DoorServer(app))
        await world.ingest.start_server()
        return world.ingest

    world.merger = TestClient(DoorServer(create_merger(MergerSettings(**stores))))
    await world.merger.start_server()
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

    async def says_so() -> bool:
        return bool((await readiness(world))[1]["servers_away"])

    await eventually(says_so, 20)


async def emptied(world: World) -> None:
    """Return once the spool is empty, and the merger has found the store again."""

    async def is_empty() -> bool:
        _, said = await readiness(world)
        return said["spool"]["rows"] == 0 and not said["servers_away"]

    await eventually(is_empty, 20)
    await merger_is_back(world)


async def has_none_queued(services: ServiceProcesses) -> bool:
    """Whether an ingest that is a process says that its spool is empty."""
    async with aiohttp.ClientSession() as session, session.get(services.url("ingest") + "/readyz") as reply:
        return bool((await reply.json(content_type=None))["spool"]["rows"] == 0)


async def merger_is_back(world: World) -> None:
    """Return once the merger has found the store again."""

    async def is_ready() -> bool:
        async with world.merger.get("/readyz") as reply:
            return reply.status == 200

    await eventually(is_ready, 20)
