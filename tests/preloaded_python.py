"""A process that has imported the services and forks one on request: half a second sooner than `python -m`, two hundred times a run.

A fork runs the same module as `python -m` does, as `__main__`, with the environment and the log that it is given, in a session of its own,
and ends when the test process does. What `callstamp up` starts in tests/e2e is started by `python -m`, and so are workers.
"""

import functools
import gc
import importlib
import json
import os
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from callstamp.configuration import PROJECT
from shared.die_with_parent import die_with_parent
from shared.launch import launch, with_our_packages
from tests.waiting import WAIT_SECONDS

IMPORTED = ("ingest.__main__", "admin.__main__", "ingest.merger.__main__", "ingest.merger.drain")
MOST_REQUEST_BYTES = 100_000


class Fork:
    """A service that was forked, with what tests use of subprocess.Popen."""

    def __init__(self, reports: socket.socket) -> None:
        self._reports = reports
        self.returncode: int | None = None
        self.pid = self._read_report(WAIT_SECONDS)

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, or the number of the signal that ended it, below zero. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self.returncode = self._read_report(timeout)
            self._reports.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended since
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _read_report(self, timeout: float | None) -> int:
        if not select.select([self._reports], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(["fork"], timeout or 0)
        report = self._reports.recv(100)
        assert report, f"the process that forks services has ended:\n{_preloaded().read_screen()}"
        return int(report)


def fork(module: str, *, output: IO[bytes], environ: Mapping[str, str]) -> Fork:
    """Start what `python -m module` starts."""
    return _preloaded().fork(module, output, environ)


def _preloaded() -> "PreloadedPython":
    with _starting:
        return _start()


_starting = threading.Lock()


@functools.cache
def _start() -> "PreloadedPython":
    return PreloadedPython()


class PreloadedPython:
    """The process as tests see it. It ends when it finds the other end of its socket closed."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._screen = os.memfd_create("screen")
        command = [sys.executable, "-P", "-m", "tests.preloaded_python", str(theirs.fileno())]
        with theirs, os.fdopen(os.dup(self._screen), "wb") as output:
            # Not at its parent's end: the kernel would take the end of this thread for it.
            self.process = launch(
                command, output=output, environ=os.environ, cwd=PROJECT, pass_fds=[theirs.fileno()], at_parents_end=None
            )

    def fork(self, module: str, output: IO[bytes], environ: Mapping[str, str]) -> Fork:
        reports, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            request = json.dumps([module, with_our_packages(environ)]).encode()
            socket.send_fds(self._requests, [request], [output.fileno(), theirs.fileno()])
        return Fork(reports)

    def read_screen(self) -> str:
        return os.pread(self._screen, os.fstat(self._screen).st_size, 0).decode()


def _serve(requests: socket.socket) -> str:
    """Fork for each request, and report the end of each fork. Returns the module to run, in a fork only."""
    parent, selector = os.getpid(), selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is not requests:
                selector.unregister(key.fileobj)
                os.close(key.fd)
                _report_end(*key.data)
                continue
            data, files, _, _ = socket.recv_fds(requests, MOST_REQUEST_BYTES, 2)
            if not data:
                sys.exit()
            output, reports = files
            if (pid := os.fork()) == 0:
                selector.close()
                requests.close()
                return _begin(parent, output, *json.loads(data))
            os.write(reports, str(pid).encode())
            os.close(output)
            selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, reports))


def _report_end(pid: int, reports: int) -> None:
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # nobody waits for this one
        os.write(reports, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(reports)


def _begin(parent: int, output: int, module: str, environ: dict[str, str]) -> str:
    """Become what a new process is, and return the module."""
    os.setsid()
    die_with_parent(parent)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(environ)
    sys.argv[:] = [module]
    sys.orig_argv[:] = [sys.executable, "-P", "-m", module]  # which starts a worker of the service
    return module


def _import_services() -> None:
    for module in IMPORTED:
        importlib.import_module(module)
        del sys.modules[module]  # it runs as `__main__` later
    gc.collect()
    gc.freeze()  # else the first collection in a fork would copy all pages


if __name__ == "__main__":
    _import_services()
    runpy.run_module(_serve(socket.socket(fileno=int(sys.argv[1]))), run_name="__main__", alter_sys=True)
