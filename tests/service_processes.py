"""The services as processes of their own, as they run in production, on a test's stores."""

import os
import random
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from callstamp.configuration import POSTGRES_URLS, REDIS_URLS
from callstamp.service_process import ServiceProcess, stop_in_order
from callstamp.services import Addresses, environment_of_services, list_services

READY_SECONDS = 60.0

PATIENT_MS = 30_000
PATIENT = {
    "INGEST_STORE_TIMEOUT_MS": "3000",
    "MERGER_STORE_TIMEOUT_MS": "3000",
    "ADMIN_DATABASE_TIMEOUT_MS": str(PATIENT_MS),
}
"""For services whose stores are on a slow machine that does other things, where that isn't what the test is about."""

NEVER_GIVEN_TO_CLIENTS = range(20_000, 32_000)
"""Ports below those that the kernel gives to outgoing connections: no client of another test can be on one when its service starts."""

_WORKERS = 16
"""Of a parallel run, that share these ports out."""


def as_admin(postgres_url: str) -> str:
    """The same database as the admin service reaches it: held by row-level security."""
    return postgres_url.replace("//callstamp@", "//callstamp_admin@")


class ServiceProcesses:
    """Start, stop and kill services by name (ingest, admin, merger, drain); each keeps its port when it is started again."""

    def __init__(self, redis_url: str, postgres_url: str, logs: Path) -> None:
        self.addresses = Addresses(*take_free_ports(4))
        stores = dict.fromkeys(REDIS_URLS, redis_url) | dict.fromkeys(POSTGRES_URLS, postgres_url)
        stores["ADMIN_POSTGRES_URL"] = as_admin(postgres_url)
        self.environ = environment_of_services({}, self.addresses, stores)
        self.logs = logs
        self.running: dict[str, ServiceProcess] = {}

    def start(self, name: str, *, until_ready: bool = True, **settings: str) -> ServiceProcess:
        """Start it, with more settings if you like, e.g. INGEST_WORKERS="2"; fails with why it doesn't get ready."""
        service = next(service for service in list_services(self.addresses) if service.name == name)
        process = self.running[name] = ServiceProcess(service, self.environ | settings, self.logs)
        deadline = time.monotonic() + READY_SECONDS
        while until_ready and (missing := process.find_missing()):
            assert process.find_end() is None, process.find_end()
            assert time.monotonic() < deadline, f"{name} isn't ready: {missing}; its log: {process.log.read_text()}"
            time.sleep(0.02)
        return process

    def url(self, name: str) -> str:
        return self.addresses.url(name)

    def stop(self, name: str) -> int:
        """Stop it in good order and answer its exit code."""
        process = self.running.pop(name)
        process.ask_to_stop()
        process.wait_for_end()
        return process.process.returncode

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash would."""
        process = self.running.pop(name)
        process.process.kill()
        process.process.wait()

    def stop_all(self) -> None:
        stop_in_order(list(self.running.values()))
        self.running.clear()


def take_free_ports(count: int) -> list[int]:
    """Some that nobody has, no two the same; tests that run beside these take others."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports: list[int] = []
    with ExitStack() as taken:
        while len(ports) < count:
            port = random.choice(NEVER_GIVEN_TO_CLIENTS[worker % _WORKERS :: _WORKERS])
            with suppress(OSError):
                taken.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
    return ports
