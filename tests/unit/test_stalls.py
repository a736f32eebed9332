"""The tests' own clock: it counts what is waited for, and not what the machine takes."""

import asyncio
import time

from tests.stalls import running_clock


async def wait_step_by_step(steps: int) -> None:
    """So many hundredths of a second: a stall takes one of them at most, where it would take much of a single wait."""
    for _ in range(steps):
        await asyncio.sleep(0.01)


async def test_what_is_waited_for_counts() -> None:
    async with running_clock() as clock:
        await wait_step_by_step(30)
        assert clock.seconds > 0.2  # 0.3, but for what stalls took


async def test_a_stall_doesnt_count() -> None:
    async with running_clock() as clock:
        await asyncio.sleep(0.05)
        time.sleep(0.5)  # noqa: ASYNC251 - a stall is what is wanted
        await asyncio.sleep(0.05)
        assert clock.seconds < 0.4


async def test_a_stall_before_it_is_started_anew_takes_nothing_from_what_comes_then() -> None:
    async with running_clock() as clock:
        time.sleep(0.5)  # noqa: ASYNC251 - a stall is what is wanted
        clock.start()
        await wait_step_by_step(20)
        assert clock.seconds > 0.1
