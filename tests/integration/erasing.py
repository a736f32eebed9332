"""A manager who looks at callers and erases them, over a merger that lets admin in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from admin.app import create_app as create_admin
from admin.settings import AdminSettings
from ingest.merger.app import create_app as create_merger
from ingest.merger.settings import MergerSettings
from shared.secret import hash_secret, new_secret
from tests.integration.admin.manager import Manager
from tests.service_processes import PATIENT_MS, as_admin
from tests.world import CALLER, DoorServer, World

SECRET = "between admin and merger"
OTHER = "+15551230999"
SPELT = CALLER.removeprefix("+")
EMAIL = "ann@example.com"


@pytest.fixture
async def internal(world: World, redis_url: str, postgres_url: str) -> AsyncIterator[TestClient[Any, Any]]:
    """The merger as admin is let in."""
    settings = MergerSettings(redis_url=redis_url, postgres_url=postgres_url, store_timeout_ms=PATIENT_MS, internal_secret=SECRET)
    async with TestClient(DoorServer(create_merger(settings))) as client:
        yield client


@pytest.fixture
async def manager(world: World, internal: TestClient[Any, Any], postgres_url: str) -> AsyncIterator[Manager]:
    """Who manages the world's company."""
    async with open_manager(world, internal, postgres_url) as manager:
        yield manager


@pytest.fixture
async def impatient(world: World, internal: TestClient[Any, Any], postgres_url: str) -> AsyncIterator[Manager]:
    """The same manager at an admin service that gives a statement up soon."""
    async with open_manager(world, internal, postgres_url, statement_seconds=0.5) as manager:
        yield manager


@asynccontextmanager
async def open_manager(
    world: World, internal: TestClient[Any, Any], postgres_url: str, statement_seconds: float = 30.0
) -> AsyncIterator[Manager]:
    """Runs an admin service for the world's company. Returns a manager who asks it."""
    settings = AdminSettings(
        postgres_url=as_admin(postgres_url),
        postgres_connections=4,
        database_timeout_ms=PATIENT_MS,
        statement_seconds=statement_seconds,
        merger_url=str(internal.make_url("/")),
        merger_secret=SECRET,
    )
    token = new_secret("at")
    await world.postgres.execute(
        "insert into api_tokens (company_id, name, secret_hash) values ($1, 'the manager', $2)",
        world.company.id,
        hash_secret(token),
    )
    async with TestClient(DoorServer(create_admin(settings))) as door:
        yield Manager(door, world.company.id, token)


async def everything_in_postgres(world: World) -> str:
    """All rows of all tables, as text."""
    text = ""
    tables = await world.postgres.fetch("select tablename from pg_tables where schemaname = 'public'")
    for (table,) in tables:
        text += "".join(f"{row[0]}\n" for row in await world.postgres.fetch(f"select t::text from {table} as t"))
    return text


async def everything_in_redis(world: World) -> bytes:
    """All keys with their values, whatever they are; postbacks in a stream that PostgreSQL has are gone from it."""
    text = b""
    for key in await world.store.keys("*"):
        text += key + b" " + (await world.store.dump(key) or b"") + b"\n"
    return text


async def erase(manager: Manager, caller: str = CALLER) -> Any:
    reply = await manager.ask("DELETE", f"callers/{caller}")
    assert reply.status == 200, reply
    return reply.body


async def leave_traces(world: World, caller: str) -> None:
    """Of all kinds: a call that ended, one in progress, tags on both and waiting, a refused postback."""
    await world.post({"email": EMAIL}, caller)
    await world.hit(f"ended-{caller[-4:]}", caller)
    await world.event(f"ended-{caller[-4:]}", "answer", buyer_id=world.company.buyer_id)
    await world.event(f"ended-{caller[-4:]}", "end", duration_seconds=9, recording_url=f"https://recordings.example/{EMAIL}")
    await world.hit(f"open-{caller[-4:]}", caller)
    await world.post({"late": EMAIL}, caller)
    await world.post({"bad\x01": EMAIL}, caller)
    await world.post({"by_uuid": EMAIL}, call_uuid=f"open-{caller[-4:]}")
