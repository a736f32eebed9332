"""A clock that leaves out the time in which the machine stood still, measured by another process.

A test shares its event loop with the services that run in it, so its own loop can't tell a machine that stands still from a service
that blocks the loop. A process that does nothing else can: what delays it, delayed everybody. What the product blocks is counted.
"""

import asyncio
import mmap
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests import machine_stalls
from tests.machine_stalls import LAYOUT
from tests.waiting import wait_for


class Clock:
    """Tells how many seconds ago it was started, without those in which the machine stood still."""

    def __init__(self, shared: mmap.mmap, watcher: "subprocess.Popen[bytes]") -> None:
        self._shared = shared
        self.watcher = watcher
        self.start()

    def start(self) -> None:
        self._started_at, self._lost_before = time.monotonic(), self.lost_seconds

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started_at - (self.lost_seconds - self._lost_before)

    @property
    def lost_seconds(self) -> float:
        """The seconds lost to stalls since the watcher was started, as of its last beat."""
        return float(LAYOUT.unpack_from(self._shared)[0])

    async def has_beaten(self) -> bool:
        """Return True once the watcher runs."""
        assert self.watcher.poll() is None, "the process that watches for stalls has ended"
        return float(LAYOUT.unpack_from(self._shared)[1]) > 0


@asynccontextmanager
async def running_clock() -> AsyncIterator[Clock]:
    """For tests that assert that something takes no longer than promised."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(LAYOUT.size))
        file.flush()
        command = [sys.executable, "-S", str(Path(machine_stalls.__file__)), file.name]
        watcher = await asyncio.to_thread(subprocess.Popen, command)
        with mmap.mmap(file.fileno(), LAYOUT.size) as shared:
            clock = Clock(shared, watcher)
            try:
                await wait_for(clock.has_beaten)
                clock.start()
                yield clock
            finally:
                watcher.kill()
                watcher.wait()
