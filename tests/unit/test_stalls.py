"""The tests' own clock counts what is waited for and what the product blocks, and leaves out what the machine takes."""

import asyncio
import signal
import time

from tests.stalls import Clock, running_clock
from tests.waiting import wait_for

STOPPED_SECONDS = 0.5


async def test_time_that_is_waited_counts() -> None:
    async with running_clock() as clock:
        await asyncio.sleep(0.3)
        assert await wait_for(lambda: read(clock), lambda seconds: seconds >= 0.25)


async def test_a_blocked_event_loop_counts() -> None:
    """The test's loop is the product's loop: a clock that beat in it would forgive the product for blocking it."""
    async with running_clock() as clock:
        lost = clock.lost_seconds
        time.sleep(STOPPED_SECONDS)  # noqa: ASYNC251 - it has to block
        assert clock.seconds >= STOPPED_SECONDS - (clock.lost_seconds - lost)


async def test_time_in_which_the_machine_stood_still_does_not_count() -> None:
    """A stopped watcher sees what it sees on a machine that stands still."""
    async with running_clock() as clock:
        began = time.monotonic()
        clock.watcher.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED_SECONDS)
        clock.watcher.send_signal(signal.SIGCONT)
        await wait_for(lambda: read_lost(clock), lambda seconds: seconds >= 0.9 * STOPPED_SECONDS)
        assert clock.seconds <= time.monotonic() - began - 0.9 * STOPPED_SECONDS


async def test_a_stall_before_the_clock_is_started_again_takes_nothing_from_later_time() -> None:
    async with running_clock() as clock:
        clock.watcher.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED_SECONDS)
        clock.watcher.send_signal(signal.SIGCONT)
        await wait_for(lambda: read_lost(clock), lambda seconds: seconds >= 0.9 * STOPPED_SECONDS)
        clock.start()
        assert await wait_for(lambda: read(clock), lambda seconds: seconds >= 0.1)


async def read(clock: Clock) -> float:
    return clock.seconds


async def read_lost(clock: Clock) -> float:
    return clock.lost_seconds
