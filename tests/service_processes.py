"""The services as processes of their own, as they run in production, on a test's stores."""

import os
import random
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from callstamp.configuration import POSTGRES_URLS, REDIS_URLS
from callstamp.service_process import ServiceProcess, stop_in_order
from callstamp.services import HOST, Addresses, environment_of_services, list_services
from tests.preloaded_python import Fork, fork
from tests.waiting import WAIT_SECONDS, wait_for_sync

READY_SECONDS = WAIT_SECONDS

PATIENT_MS = 30_000
PATIENT = {
    "INGEST_STORE_TIMEOUT_MS": "3000",
    "MERGER_STORE_TIMEOUT_MS": "3000",
    "ADMIN_DATABASE_TIMEOUT_MS": str(PATIENT_MS),
}
"""For services whose stores are on a slow machine that does other things, where that isn't what the test is about."""

RESERVED_RANGE = range(30_000, 32_000)
"""Below the ports that the kernel gives to outgoing connections, above those that test clusters use (shared/embedded/valkey_cluster.py)."""


def as_admin(postgres_url: str) -> str:
    """The same database as the admin service reaches it: held by row-level security."""
    return postgres_url.replace("//callstamp@", "//callstamp_admin@")


class ReservedPorts(list[int]):
    """Free ports that no other process can get before `release`, also while no service listens on them.

    Each is held by a socket that is bound and doesn't listen. A port is drawn by binding it without SO_REUSEADDR, which the kernel refuses
    when any socket is bound to it: so two test processes never hold the same port, not even those of two test runs. SO_REUSEADDR is set
    afterwards. From then on one socket that sets it, too, may listen on the port beside the holder: that of the service which the test
    starts there. Other programs are turned away, except one that sets SO_REUSEADDR and was told to listen on this very port.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._holders: list[socket.socket] = []
        while len(self) < count:
            holder = socket.socket()
            try:
                holder.bind((HOST, random.choice(RESERVED_RANGE)))
            except OSError:  # somebody has it
                holder.close()
                continue
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._holders.append(holder)
            self.append(holder.getsockname()[1])

    def release(self) -> None:
        for holder in self._holders:
            holder.close()


class ForkedService(ServiceProcess):
    def _start(self, output: IO[bytes], environ: Mapping[str, str]) -> Fork:
        return fork(self.service.module, output=output, environ=environ)


class ServiceProcesses:
    """Start, stop and kill services by name (ingest, admin, merger, drain); each keeps its port when it is started again."""

    def __init__(self, redis_url: str, postgres_url: str, logs: Path) -> None:
        self._ports = ReservedPorts(4)
        self.addresses = Addresses(*self._ports)
        stores = dict.fromkeys(REDIS_URLS, redis_url) | dict.fromkeys(POSTGRES_URLS, postgres_url)
        stores["ADMIN_POSTGRES_URL"] = as_admin(postgres_url)
        measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}  # run.py test --coverage
        self.environ = environment_of_services(measured, self.addresses, stores)
        self.logs = logs
        self.running: dict[str, ServiceProcess] = {}

    def start(self, name: str, *, until_ready: bool = True, **settings: str) -> ServiceProcess:
        """Start it, with more settings if you like, e.g. INGEST_WORKERS="2"; fails with why it doesn't get ready."""
        service = next(service for service in list_services(self.addresses) if service.name == name)
        process = self.running[name] = ForkedService(service, self.environ | settings, self.logs)
        if until_ready:
            self.wait_until_ready(name)
        return process

    def wait_until_ready(self, name: str) -> None:
        """Wait until the service that was started says it is ready. Fails with its last words if it ends instead."""
        process = self.running[name]

        def find_missing() -> str | None:
            assert process.find_end() is None, process.find_end()
            return process.find_missing()

        try:
            wait_for_sync(find_missing, None, f"{name} to have everything it needs")
        except AssertionError as failure:
            with suppress(OSError):
                failure.add_note(f"its log:\n{process.log.read_text()}")
            raise

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
        """Stop what runs, for good: the ports are free for others afterwards."""
        try:
            stop_in_order(list(self.running.values()))
        finally:
            self.running.clear()
            self._ports.release()
