"""The tests' own clock: it counts what is waited for, and not what the machine takes."""

import asyncio
import time

from tests.stalls import running_clock


async def test_what_is_waited_for_counts() -> None:
    async with running_clock() as clock:
        await asyncio.sleep(0.3)
        assert clock.seconds > 0.2  # 0.3, but for what the machine took


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
        await asyncio.sleep(0.2)
        assert clock.seconds > 0.1
