"""A company on stores that will be broken, and the services as processes."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from ingest.merger.drain import Drain
from tests.faults.spooling import spool_folder, start_ingest  # noqa: F401 - fixtures
from tests.service_processes import ServiceProcesses
from tests.world import World, open_client


@pytest.fixture
async def world(services: ServiceProcesses, redis_url: str, postgres_url: str) -> AsyncIterator[World]:
    """The company and the stores, without any service; `services` starts those a test wants."""
    postgres = await asyncpg.connect(postgres_url)
    store = open_client(redis_url)
    world = World(postgres, store, None, None, Drain(redis_url, postgres_url))  # type: ignore[arg-type]
    world.company = await world.add_company()
    yield world
    await world.drain_loop.stop()
    await store.aclose()
    await world.postgres.close()
