"""Whether two questions can be told apart by how long the answer takes."""

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

TOLD_APART = 0.4
"""Of the time that the one takes."""
ROUNDS = 3

Ask = Callable[[], Awaitable[Any]]


async def find_difference(one: Ask, other: Ask, times: int) -> float:
    """By how much the medians differ, as a share of the first, when both are asked by turns: the least of a few rounds.

    The machine has moods; what tells of a secret is there in each round.
    """
    differences = []
    for _ in range(ROUNDS):
        spent: list[list[float]] = [[], []]
        for _ in range(times):
            for ask, seconds in zip((one, other), spent, strict=True):
                began = time.perf_counter()
                await ask()
                seconds.append(time.perf_counter() - began)
        first, second = map(statistics.median, spent)
        differences.append(abs(first - second) / first)
        if differences[-1] < TOLD_APART:
            break
    return min(differences)
