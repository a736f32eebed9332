"""The admin service in process on a fresh database, with two companies that must know nothing of each other."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.app import create_app
from admin.settings import AdminSettings
from tests.integration.admin.manager import Manager, make_manager
from tests.service_processes import PATIENT_MS, as_admin
from tests.world import DoorServer


@pytest.fixture
async def db(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that looks behind the API."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> dict[str, int]:
    """Settings for a machine of any speed, as many ask at once here; as in production for tests of how soon it gives up."""
    return {} if request.node.get_closest_marker("prompt") else {"database_timeout_ms": PATIENT_MS}


@pytest.fixture
async def door(postgres_url: str, aiohttp_client: Any, patience: dict[str, int]) -> TestClient[Any, Any]:
    settings = AdminSettings(postgres_url=as_admin(postgres_url), postgres_connections=4, **patience)
    return await aiohttp_client(DoorServer(create_app(settings, ingest_public_url="https://post.example/")))


@pytest.fixture
async def manager(postgres_url: str, door: TestClient[Any, Any]) -> Manager:
    return await make_manager(as_admin(postgres_url), door, "Acme")


@pytest.fixture
async def neighbour(postgres_url: str, door: TestClient[Any, Any]) -> Manager:
    """Another company's manager."""
    return await make_manager(as_admin(postgres_url), door, "Neighbour")
