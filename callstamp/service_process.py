"""One service as a running process: its log file, whether it is ready, why it ended."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from callstamp.configuration import PROJECT
from callstamp.http_call import Unreachable, call
from callstamp.services import Service
from shared.launch import launch

EXIT_MISCONFIGURED = 78
STOP_SECONDS = 20.0
MOST_LOG_BYTES = 10_000_000  # a log this large gives way to a new one at the next start


class Process(Protocol):
    """What is used of subprocess.Popen."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class ServiceProcess:
    """Started at once; ends with the process that started it, whatever way that ends."""

    def __init__(self, service: Service, environ: Mapping[str, str], logs: Path) -> None:
        self.service = service
        self.log = logs / f"{service.name}.log"
        logs.mkdir(mode=0o700, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > MOST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self._log_start = output.tell()
            self.process = self._start(output, environ)

    def _start(self, output: IO[bytes], environ: Mapping[str, str]) -> Process:
        return launch([sys.executable, "-P", "-m", self.service.module], output=output, environ=environ, cwd=PROJECT)

    def find_missing(self) -> str | None:
        """What it says it still waits for, or None if it is ready."""
        try:
            reply = call("GET", f"{self.service.url}/readyz", timeout=2)
        except Unreachable:
            return "it doesn't answer yet"
        if reply.status == 200:
            return None
        missing = reply.body.get("missing") if isinstance(reply.body, dict) else None
        return (
            "; ".join(f"{part}: {reason}" for part, reason in missing.items()) if missing else f"/readyz answers {reply.status}"
        )

    def find_end(self) -> str | None:
        """Why it ended, in one line, or None if it runs."""
        code = self.process.poll()
        if code is None:
            return None
        if code == EXIT_MISCONFIGURED:
            return f"{self.service.name} refused to start: {self._last_words()}"
        manner = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{self.service.name} {manner}: {self._last_words()}; look into {self.log}, then start again"

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait_for_end(self) -> None:
        """Wait until it has answered what it was asked; one that takes too long is killed."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_words(self) -> str:
        """The last line of its log since this start; of a structured one the reason, or what happened."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        if not lines:
            return "it left no message"
        try:
            entry = json.loads(lines[-1])
            return str(entry.get("reason") or entry.get("exception", "").strip().split("\n")[-1] or entry["event"])
        except (ValueError, AttributeError, KeyError):
            return lines[-1].strip()


def stop_in_order(processes: Sequence[ServiceProcess]) -> None:
    """Stop the drain after the others, as it carries away what they still write."""
    drains = [process for process in processes if process.service.name == "drain"]
    for wave in ([process for process in processes if process not in drains], drains):
        for process in wave:
            process.ask_to_stop()
        for process in wave:
            process.wait_for_end()
