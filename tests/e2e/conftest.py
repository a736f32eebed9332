"""Everything as a person starts it: `callstamp up` in a process of its own, on a new data folder and free ports."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

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
        self.environ |= {f"CALLSTAMP_{name}_PORT": "0" for name in ("INGEST", "ADMIN", "MERGER")}
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
