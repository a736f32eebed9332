"""A clock that leaves out what a machine that does other things takes from a test: the time in which nobody here could run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

BEAT_SECONDS = 0.01
USUAL_SECONDS = 0.02
"""A beat that is no later than this is on time."""


class Clock:
    """Tells how many seconds ago it was started, without those in which the event loop, and most likely all else, stood still."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.start()

    def start(self) -> None:
        self._beat_at = self._loop.time()
        self._seconds = 0.0

    @property
    def seconds(self) -> float:
        return self._seconds + self._since_beat()

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self._seconds += self._since_beat()
            self._beat_at = self._loop.time()

    def _since_beat(self) -> float:
        """A beat that is clearly late counts as if it had come in time."""
        since = self._loop.time() - self._beat_at
        return since if since <= BEAT_SECONDS + USUAL_SECONDS else BEAT_SECONDS


@asynccontextmanager
async def running_clock() -> AsyncIterator[Clock]:
    """For whoever asserts that something takes no longer than promised."""
    clock = Clock()
    beating = asyncio.create_task(clock.beat())
    await asyncio.sleep(0)
    try:
        yield clock
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def within(seconds: float, condition: Callable[[], Awaitable[Any]]) -> None:
    """Return once it holds; fails when that takes longer, by a clock without stalls."""
    async with running_clock() as clock:
        while not await condition():
            assert clock.seconds < seconds, f"it isn't so after {seconds:g} s"
            await asyncio.sleep(0.01)
