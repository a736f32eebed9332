"""The services in process, on real stores."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

import ingest.keyring_sync
import shared.redis_link
from ingest import app as ingest_app
from ingest.merger import app as merger_app
from ingest.merger.drain import Drain
from ingest.merger.settings import MergerSettings
from ingest.settings import IngestSettings
from ingest.store import Store
from tests.world import DoorServer, World, open_client


@pytest.fixture
async def world(redis_url: str, postgres_url: str, aiohttp_client: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Ingest, merger and drain with one company; patient with a slow machine where production isn't."""
    monkeypatch.setattr(ingest.keyring_sync, "STATEMENT_SECONDS", 30.0)
    monkeypatch.setattr(shared.redis_link, "CONNECT_SECONDS", 30.0)
    postgres = await asyncpg.connect(postgres_url)
    store = open_client(redis_url)
    settings = {"redis_url": redis_url, "postgres_url": postgres_url, "store_timeout_ms": 5000}
    drain = Drain(redis_url, postgres_url)
    world = World(postgres, store, None, None, drain)  # type: ignore[arg-type]
    world.company = await world.add_company()
    world.ingest = await aiohttp_client(DoorServer(ingest_app.create_app(IngestSettings(**settings))))
    world.merger = await aiohttp_client(DoorServer(merger_app.create_app(MergerSettings(**settings))))
    yield world
    await drain.stop()
    await store.aclose()
    await postgres.close()


@pytest.fixture
async def rate_store(redis_url: str) -> AsyncIterator[Store]:
    """Our scripts on an empty store."""
    store = Store(redis_url, timeout_seconds=5)
    await store.start()
    yield store
    await store.stop()
