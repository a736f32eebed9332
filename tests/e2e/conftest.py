"""Everything as a person starts it: `callstamp up` in a process of its own, on a new data folder and free ports."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from shared.migrate import migrate
from tests.e2e.companies import Callstamp, Company, Market
from tests.service_processes import PATIENT, ServiceProcesses, take_free_ports

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


class Terminal:
    """Runs `callstamp` commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[subprocess.Popen[str]] = []
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("INGEST_", "MERGER_", "ADMIN_"))
        }
        ports = zip(("INGEST", "ADMIN", "MERGER"), take_free_ports(3), strict=True)
        self.environ |= {f"CALLSTAMP_{name}_PORT": str(port) for name, port in ports}
        self.environ |= PATIENT
        self.environ |= {"CALLSTAMP_DATA_DIR": str(data), "COLUMNS": "200"}

    def run(
        self, *words: str, said: str | None = None, timeout: float = START_SECONDS, **environ: str
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

    def start(self, **environ: str) -> subprocess.Popen[str]:
        """Start `callstamp up`; what it prints is in its `stdout`."""
        up = subprocess.Popen(
            [sys.executable, "-m", "callstamp", "up"],
            env=self.environ | environ,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(up)
        return up

    def wait_until_ready(self, up: subprocess.Popen[str]) -> dict[str, Any]:
        """What ready.json says as soon as it is there; fails with the command's words if it ends before."""
        deadline = time.monotonic() + START_SECONDS
        while not (self.data / "ready.json").exists():
            assert up.poll() is None, up.stdout.read() if up.stdout else ""
            assert time.monotonic() < deadline, "callstamp up isn't ready in time"
            time.sleep(0.05)
        ready: dict[str, Any] = json.loads((self.data / "ready.json").read_text())
        return ready

    def stop(self, up: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> str:
        """Stop it and answer all that it printed."""
        if up.poll() is None:
            up.send_signal(number)
        return up.communicate(timeout=START_SECONDS)[0]

    def close(self) -> None:
        """Stop whatever a failed test left running."""
        for up in self.started:
            if up.stdout and not up.stdout.closed:
                self.stop(up)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with closing(Terminal(tmp_path / "var")) as terminal:
        yield terminal


class Running(Terminal):
    """A Callstamp that is up, and what its ready.json says."""

    ready: dict[str, Any]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """One for all tests of a file, which leave it as they found it."""
    with (
        tempfile.TemporaryDirectory(prefix="callstamp-test-") as folder,
        closing(Running(Path(folder) / "a folder with spaces" / "var")) as running,
    ):
        running.ready = running.wait_until_ready(running.start())
        yield running


@pytest.fixture(scope="module")
def callstamp(
    valkey: EmbeddedValkey, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callstamp]:
    """The four services for all tests of a file, each of which has a company of its own."""
    database = f"e2e_{secrets.token_hex(4)}"
    with redis.Redis.from_url(valkey.url, protocol=2) as client:
        client.flushall()
        client.function_flush()
    asyncio.run(_execute(postgres.url, f"create database {database}"))
    asyncio.run(migrate(postgres.url_of(database)))
    folder = tmp_path_factory.mktemp("callstamp")
    processes = ServiceProcesses(valkey.url, postgres.url_of(database), folder / "logs")
    processes.environ |= PATIENT
    callstamp = Callstamp(processes, postgres.url_of(database), folder / "mail")
    try:
        callstamp.start()
        yield callstamp
    finally:
        processes.stop_all()
        asyncio.run(_execute(postgres.url, f"drop database {database} with (force)"))


@pytest.fixture
def company(callstamp: Callstamp) -> Company:
    return callstamp.add_company()


@pytest.fixture
def market(company: Company) -> Market:
    return Market(company)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
