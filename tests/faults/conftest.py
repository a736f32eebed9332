"""A company on stores that will be broken, and the services as processes."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from ingest.merger.drain import Drain
from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from tests.faults.spooling import spool_folder, start_ingest  # noqa: F401 - fixtures
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for_sync
from tests.world import World, open_client


@pytest.fixture
def services(services: ServiceProcesses) -> ServiceProcesses:
    """Starts services that stop at once: no test here is about a graceful stop."""
    services.environ |= {"INGEST_STOP_GRACE_SECONDS": "0", "MERGER_STOP_GRACE_SECONDS": "0"}
    return services


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


@pytest.fixture(scope="session")
def _mortal_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkeyCluster]:
    with EmbeddedValkeyCluster(tmp_path_factory.mktemp("cluster"), node_timeout_ms=3000) as cluster:
        yield cluster


@pytest.fixture
def mortal_cluster(_mortal_cluster: EmbeddedValkeyCluster) -> EmbeddedValkeyCluster:
    """Returns an empty cluster with short node timeouts; repairs it first, because earlier tests kill servers and move slots."""
    for server in _mortal_cluster.servers:
        if server.process is None:
            server.start()
        server.resume()
    wait_for_sync(lambda: find_incomplete(_mortal_cluster), [])
    _mortal_cluster.flush()
    return _mortal_cluster


def find_incomplete(cluster: EmbeddedValkeyCluster) -> list[str]:
    """Returns a line for each server that doesn't know the owner of every slot, or isn't replicated."""
    incomplete = []
    for server in cluster.servers:
        info, role = server.ask("CLUSTER", "INFO"), server.ask("ROLE")
        if not (b"cluster_state:ok" in info and b"cluster_slots_ok:16384" in info):
            incomplete.append(f"{server.address} doesn't know the owner of every slot")
        if role[0] == b"master" and len(role[2]) != 1:
            incomplete.append(f"{server.address} has {len(role[2])} replicas")
        if role[0] == b"slave" and role[3] != b"connected":
            incomplete.append(f"{server.address} is {role[3].decode()}")
    return incomplete
