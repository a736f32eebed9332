"""Real servers for the tests: each pytest process has a Valkey and a PostgreSQL of its own, emptied for each test that asks."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from shared.migrate import migrate
from tests.service_processes import ServiceProcesses

TEMPLATE = "migrated"
ON_A_CLUSTER = os.environ.get("CALLSTAMP_TEST_STORE") == "cluster"
"""Whether the tests' store is a cluster of six rather than one server."""

_MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**30 else None
"""Where a database is cloned in 15 ms rather than half a second; nobody misses what is in it."""


@pytest.fixture(scope="session")
def valkey() -> Iterator[EmbeddedValkey]:
    """The running server, durable as in production; a test that kills or freezes it starts or resumes it before it ends."""
    with _folder() as folder, EmbeddedValkey(folder / "valkey") as server:
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedValkeyCluster]:
    """Three primaries with a replica each; a test that kills one has a cluster of its own."""
    with _folder() as folder, EmbeddedValkeyCluster(folder) as cluster:
        yield cluster


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Where an empty store is, without functions or scripts."""
    if ON_A_CLUSTER:
        cluster: EmbeddedValkeyCluster = request.getfixturevalue("cluster")
        cluster.flush()
        return cluster.url
    valkey: EmbeddedValkey = request.getfixturevalue("valkey")
    with redis.Redis.from_url(valkey.url, protocol=2) as client:
        client.flushall()
        client.function_flush()
        client.script_flush()
    return valkey.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The running server with a migrated template; a test that kills or freezes it starts or resumes it before it ends."""
    with _folder(_MEMORY) as folder, EmbeddedPostgres(folder / "postgres", durable=False) as server:
        _finish(_execute(server.url, f"create database {TEMPLATE}"))
        _finish(migrate(server.url_of(TEMPLATE)))
        yield server


@pytest.fixture(scope="session")
def _database_numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres, _database_numbers: Iterator[int]) -> Iterator[str]:
    """Where a fresh migrated database is, dropped after the test whoever still uses it."""
    database = f"test_{next(_database_numbers)}"
    _finish(_execute(postgres.url, f"create database {database} template {TEMPLATE} strategy file_copy"))
    yield postgres.url_of(database)
    _finish(_execute(postgres.url, f"drop database {database} with (force)"))


@pytest.fixture
def services(redis_url: str, postgres_url: str, tmp_path: Path) -> Iterator[ServiceProcesses]:
    """Starts services as processes on this test's stores; what runs at its end is stopped."""
    processes = ServiceProcesses(redis_url, postgres_url, tmp_path / "logs")
    yield processes
    processes.stop_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On a cluster, leave out what is about a single server, with its reason."""
    for item in items:
        if not ON_A_CLUSTER or not isinstance(item, pytest.Function):
            continue
        if mark := item.get_closest_marker("one_server"):
            item.add_marker(pytest.mark.skip(reason=f"about one server: {mark.args[0]}"))
        elif "valkey" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason="about one server: the test stops or freezes it by hand"))


@contextmanager
def _folder(parent: Path | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="callstamp-test-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _finish(work: Coroutine[Any, Any, Any]) -> None:
    """Run to its end on a loop of its own, leaving alone the one that pytest keeps for the test."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()
