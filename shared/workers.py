"""The parent of a service's workers: it owns the listening socket, starts a new worker where one died, and rolls them one by one.

A worker is the command that started this process once more, told by its environment that it is one. It holds one end of a pipe: it
writes a byte once it serves, and the kernel closes the pipe when it ends, whatever way that is.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Coroutine
from typing import Any

import structlog
from prometheus_client.multiprocess import mark_process_dead

from shared.die_with_parent import die_with_parent
from shared.settings import EXIT_MISCONFIGURED

log = structlog.get_logger()

RESTART_PAUSE_SECONDS = 0.5  # before the next is started in place of one that never served
REFUSED_PAUSE_SECONDS = 5.0  # before a worker is tried again that said that trying again won't help
ROLL_SECONDS = 30.0  # in which a new worker must serve, or the old ones stay
END_SECONDS = 25.0  # in which a worker that was told to go must have gone

_LISTENER, _PARENT, _PIPE = "CALLSTAMP_WORKER_LISTENER", "CALLSTAMP_WORKER_PARENT", "CALLSTAMP_WORKER_PIPE"
_PATIENT = "CALLSTAMP_WORKER_PATIENT"  # others serve meanwhile: take no connection before all is there


class Calling:
    """What a worker was told by its parent."""

    def __init__(self) -> None:
        self.listener = socket.socket(fileno=int(os.environ[_LISTENER]))
        self.is_patient = _PATIENT in os.environ
        self._pipe = int(os.environ[_PIPE])
        os.set_inheritable(self._pipe, False)  # only this process' end is the worker's end
        die_with_parent(int(os.environ[_PARENT]))

    def say_ready(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._pipe, b".")


def is_worker() -> bool:
    return _PIPE in os.environ


class Worker:
    """A worker as its parent sees it."""

    def __init__(self, listener: socket.socket, figures: str, *, patient: bool) -> None:
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self._pipe, theirs = os.pipe()
        given = {
            _LISTENER: str(listener.fileno()),
            _PARENT: str(os.getpid()),
            _PIPE: str(theirs),
            "PROMETHEUS_MULTIPROC_DIR": figures,
        }
        if patient:
            given[_PATIENT] = "1"
        try:
            self._process = subprocess.Popen(
                [sys.executable, *sys.orig_argv[1:]],
                pass_fds=[listener.fileno(), theirs],
                env=os.environ | given,
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        asyncio.get_running_loop().add_reader(self._pipe, self._hear)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    @property
    def serves(self) -> bool:
        return self.ready.is_set() and not self.ended.is_set()

    def _hear(self) -> None:
        if os.read(self._pipe, 16):
            self.ready.set()
            return
        asyncio.get_running_loop().remove_reader(self._pipe)
        os.close(self._pipe)
        self._process.wait()  # the kernel has closed its files, the rest is a moment
        self.ended.set()

    def tell(self, number: signal.Signals) -> None:
        if not self.ended.is_set():
            self._process.send_signal(number)

    async def wait_until_it_serves(self, seconds: float) -> bool:
        """Whether it serves in time; False as soon as it has ended."""
        await _first_of(self.ready.wait(), self.ended.wait(), seconds=seconds)
        return self.serves

    async def wait_for_end(self, seconds: float = END_SECONDS) -> None:
        """Wait for its end; one that takes too long is killed."""
        await _first_of(self.ended.wait(), seconds=seconds)
        self.tell(signal.SIGKILL)
        await self.ended.wait()


class Workers:
    """As many workers as there should be, until a stop."""

    def __init__(self, listener: socket.socket, count: int) -> None:
        self._listener = listener
        self._figures = tempfile.mkdtemp(prefix="callstamp-metrics-")
        self._places: list[Worker | None] = [None] * count
        self._alive: set[Worker] = set()
        self._stopping = asyncio.Event()
        self._roll_wanted = asyncio.Event()
        self._exit_code = 0

    def stop(self, exit_code: int = 0) -> None:
        """Pass a stop on to all workers."""
        self._exit_code = max(self._exit_code, exit_code)
        self._stopping.set()
        self._listener.close()  # else who connects after the last worker has left would wait for nobody
        for worker in self._alive:
            worker.tell(signal.SIGTERM)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def is_roll_wanted(self) -> bool:
        return self._roll_wanted.is_set()

    def want_roll(self) -> None:
        """Replace all workers by new ones, after the roll that is under way if there is one."""
        self._roll_wanted.set()

    async def run(self) -> int:
        """Keep the workers going until a stop; answers the exit code."""
        try:
            keeping = [asyncio.create_task(self._keep(place)) for place in range(len(self._places))]
            rolling = asyncio.create_task(self._roll_when_wanted())
            await asyncio.gather(*keeping, rolling)
            for worker in list(self._alive):
                await worker.wait_for_end()
                self._forget(worker)
        finally:
            self.close()
        return self._exit_code

    def _start_worker(self, *, patient: bool) -> Worker:
        worker = Worker(self._listener, self._figures, patient=patient)
        self._alive.add(worker)
        return worker

    async def relieve(self, place: int) -> bool:
        """Put a new worker into the place, and once it serves let the one there go; False if the new one doesn't get to serve."""
        if self._stopping.is_set():
            return False
        new = self._start_worker(patient=True)
        await self._until_stop(new.wait_until_it_serves(ROLL_SECONDS))
        if self._stopping.is_set():
            return False
        if not new.serves:
            reason = "it ended" if new.ended.is_set() else f"it doesn't serve within {ROLL_SECONDS:.0f} s"
            new.tell(signal.SIGTERM)
            await new.wait_for_end()
            self._forget(new)
            log.error("roll_given_up", pid=new.pid, exit_code=new.exit_code, reason=reason)
            return False
        old, self._places[place] = self._places[place], new
        if old is not None:
            old.tell(signal.SIGHUP)
            await self._until_stop(old.wait_for_end())
        return True

    async def _roll_when_wanted(self) -> None:
        while not self._stopping.is_set():
            await self._until_stop(self._roll_wanted.wait())
            self._roll_wanted.clear()
            if self._stopping.is_set():
                return
            log.info("roll_started")
            for place in range(len(self._places)):
                if not await self.relieve(place):
                    break
            else:
                log.info("roll_done")

    async def _keep(self, place: int) -> None:
        """A worker in this place, until a stop: a new one where one died."""
        while not self._stopping.is_set():
            worker = self._places[place]
            if worker is None:
                worker = self._places[place] = self._start_worker(patient=any(other and other.serves for other in self._places))
            await self._until_stop(worker.ended.wait())
            if self._stopping.is_set():
                return
            self._forget(worker)
            if self._places[place] is worker:  # nobody relieved it: it died
                await self._mourn(worker)
                if self._places[place] is worker:
                    self._places[place] = None

    async def _mourn(self, worker: Worker) -> None:
        """Say that it died, and wait a moment if it never served; stop when no worker can run as this service is configured."""
        refused = worker.exit_code == EXIT_MISCONFIGURED
        if refused and not any(other and other.serves for other in self._places):
            self.stop(EXIT_MISCONFIGURED)
            return
        log.error("worker_died", pid=worker.pid, exit_code=worker.exit_code)
        if not worker.ready.is_set():
            await self._until_stop(asyncio.sleep(REFUSED_PAUSE_SECONDS if refused else RESTART_PAUSE_SECONDS))

    def _forget(self, worker: Worker) -> None:
        if worker in self._alive:
            self._alive.remove(worker)
            mark_process_dead(worker.pid, self._figures)

    def close(self) -> None:
        """Take back what was made for workers; there are none any more."""
        self._listener.close()
        shutil.rmtree(self._figures, ignore_errors=True)

    async def _until_stop(self, waiting: Coroutine[Any, Any, Any]) -> None:
        await _first_of(waiting, self._stopping.wait())


async def _first_of(*waiting: Coroutine[Any, Any, Any], seconds: float | None = None) -> None:
    """Wait until one of these is done, or the time is over; the others are given up."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
