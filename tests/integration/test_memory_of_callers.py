"""What waits takes little of the store's memory: the figure of many callers, once the drain has carried the log away."""

from typing import Any

import pytest

from tests.integration.test_bulk import caller, send
from tests.world import World

CALLERS = 20_000
MOST_BYTES_A_CALLER = 260

pytestmark = pytest.mark.one_server("memory is counted in one process")


async def used_memory(world: World) -> int:
    await world.store.execute_command("MEMORY", "PURGE")
    return int((await world.store.info("memory"))["used_memory"])


async def bytes_a_caller(world: World, tags: dict[str, str], callers: int = CALLERS) -> float:
    """What each of many callers with these tags adds to the store when nothing waits for the drain."""
    await send(world, _items(0, 100, tags))  # what comes once: scripts, streams, buffers
    await world.drain()
    before = await used_memory(world)
    for start in range(100, 100 + callers, 5000):
        status, _, said = await send(world, _items(start, 5000, tags))
        assert (status, said["outcomes"]) == (200, {"stored": 5000})
    await world.drain()
    return (await used_memory(world) - before) / callers


def _items(start: int, count: int, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"caller_number": caller(start + place), "tag_values": tags} for place in range(count)]


async def test_a_caller_with_three_tags_takes_little_memory(world: World) -> None:
    each = await bytes_a_caller(world, {"prequalified": "true", "source": "search", "zip": "94110"})
    print(f"bytes={each:.0f}")
    assert each <= MOST_BYTES_A_CALLER
    assert len(await world.store.keys("*w:*")) == 100 + CALLERS  # all of them are there


async def test_the_check_sees_callers_who_take_more(world: World) -> None:
    each = await bytes_a_caller(world, {"prequalified": "true", "source": "search", "zip": "94110", "note": "x" * 100}, 5000)
    assert each > MOST_BYTES_A_CALLER
