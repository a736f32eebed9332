"""Everything as a person starts it: `callstamp up` in a process of its own, on a new data folder and free ports."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.embedded import EmbeddedValkey
from tests.databases import Databases
from tests.e2e.companies import Callstamp, Company, Market
from tests.service_processes import PATIENT, ReservedPorts, ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for_sync

PROJECT = Path(__file__).resolve().parents[2]

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**31 else None
"""Where data folders are: a disk that others use would make a first start take ten seconds longer."""

NO_GRACE = {f"{service}_STOP_GRACE_SECONDS": "0" for service in ("INGEST", "ADMIN", "MERGER")}
"""For services that nobody talks to when they are stopped."""


class Started:
    """A `callstamp` command that was started: its process, and what it has printed so far."""

    def __init__(self, *words: str, environ: dict[str, str]) -> None:
        self._screen = os.memfd_create("screen")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "callstamp", *words],
            env=environ,
            cwd=PROJECT,
            stdout=self._screen,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def said(self) -> str:
        return os.pread(self._screen, os.fstat(self._screen).st_size, 0).decode()

    def wait_for_end(self, timeout: float = WAIT_SECONDS) -> str:
        """Return all that it printed, once it has ended. Fails with that if it doesn't."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired as failure:
            failure.add_note(f"it printed:\n{self.said}")
            raise
        return self.said

    def close(self) -> None:
        os.close(self._screen)


class Terminal:
    """Runs `callstamp` commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[Started] = []
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("INGEST_", "MERGER_", "ADMIN_"))
        }
        self._ports = ReservedPorts(3)
        ports = zip(("INGEST", "ADMIN", "MERGER"), self._ports, strict=True)
        self.environ |= {f"CALLSTAMP_{name}_PORT": str(port) for name, port in ports}
        self.environ |= PATIENT
        self.environ |= {"CALLSTAMP_DATA_DIR": str(data), "COLUMNS": "200"}

    def run(
        self, *words: str, said: str | None = None, timeout: float = WAIT_SECONDS, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, telling it what is `said`."""
        command = [sys.executable, "-m", "callstamp", *words]
        return subprocess.run(
            command,
            env=self.environ | environ,
            cwd=PROJECT,
            input=said,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, **environ: str) -> Started:
        """Start a command: `up` unless the words say otherwise."""
        self._ready_before = self._find_ready_file()
        self.started.append(Started(*(words or ["up"]), environ=self.environ | environ))
        return self.started[-1]

    def wait_until_ready(self, up: Started) -> dict[str, Any]:
        """Return what the ready.json of this start says, once the screen says so too. Fails with the command's words if it ends before."""

        def find_new_file() -> os.stat_result | None:
            assert up.process.poll() is None, up.said
            found = self._find_ready_file()
            return None if found == self._ready_before else found

        wait_for_sync(find_new_file, what=f"a new {self.data / 'ready.json'}")
        wait_for_sync(lambda: "Callstamp is running" in up.said, what="the greeting")  # before it, a stop is one of a start
        ready: dict[str, Any] = json.loads((self.data / "ready.json").read_text())
        return ready

    def stop(self, up: Started, number: signal.Signals = signal.SIGINT) -> str:
        """Stop it and answer all that it printed."""
        up.process.send_signal(number)
        return up.wait_for_end()

    def close(self) -> None:
        """Stop whatever still runs."""
        for started in reversed(self.started):
            self.stop(started)
            started.close()
        self._ports.release()

    def _find_ready_file(self) -> os.stat_result | None:
        """The file as it is now; one that was killed leaves it behind until the next start."""
        try:
            return (self.data / "ready.json").stat()
        except OSError:
            return None


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A new folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="callstamp-test-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """On a data folder that isn't there yet."""
    with memory_folder() as folder, closing(Terminal(folder / "var")) as terminal:
        yield terminal


class Running(Terminal):
    """A Callstamp that is up, and what its ready.json says."""

    ready: dict[str, Any]


@cache
def start_once() -> Path:
    """Return the data folder that a first start of this process left behind when it was stopped, with the demo company in it."""
    with ExitStack() as stack:
        terminal = Terminal(stack.enter_context(memory_folder()) / "var")
        with closing(terminal):
            up = terminal.start(**NO_GRACE)
            terminal.wait_until_ready(up)
            said = terminal.stop(up)
        assert up.process.returncode == 0, said
        atexit.register(stack.pop_all().close)
    return terminal.data


def copy_data_of_first_start(to: Path) -> None:
    """Make this data folder one that was used before: a Callstamp starts there in half the time."""
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["cp", "-a", str(start_once()), str(to)], check=True
    )  # with owners: PostgreSQL's part is another user's for root


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """One for all tests of a file, which leave it as they found it."""
    with memory_folder() as folder, closing(Running(folder / "a folder with spaces" / "var")) as running:
        copy_data_of_first_start(running.data)
        running.ready = running.wait_until_ready(running.start(**NO_GRACE))
        yield running


@contextmanager
def open_services(databases: Databases) -> Iterator[tuple[ServiceProcesses, EmbeddedValkey]]:
    """Services that several tests share, and their Valkey: one of their own, as other tests empty that of the process."""
    postgres_url = databases.clone()
    with memory_folder() as folder, EmbeddedValkey(folder / "valkey") as valkey:
        services = ServiceProcesses(valkey.url, postgres_url, folder / "logs")
        services.environ |= PATIENT | NO_GRACE
        try:
            yield services, valkey
        finally:
            services.stop_all()
            databases.drop(postgres_url)


@pytest.fixture(scope="session")
def callstamp(databases: Databases) -> Iterator[Callstamp]:
    """The four services for all tests of a process, each of which has a company of its own."""
    with open_services(databases) as (services, valkey):
        callstamp = Callstamp(services, valkey, services.logs.with_name("mail"))
        callstamp.start()
        yield callstamp


@pytest.fixture
def services(services: ServiceProcesses) -> ServiceProcesses:
    """Those of one test, which stop as soon as they are asked to unless the test says otherwise."""
    services.environ |= NO_GRACE
    return services


@pytest.fixture
def company(callstamp: Callstamp) -> Company:
    return callstamp.add_company()


@pytest.fixture
def market(company: Company) -> Market:
    return Market(company)
