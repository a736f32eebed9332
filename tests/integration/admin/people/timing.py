"""Whether two questions can be told apart: by what is done to answer them, or by how long that takes."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher

TOLD_APART = 0.4
"""Of the time that the one takes."""

Ask = Callable[[], Awaitable[Any]]


class Work:
    """Records what requests do that takes time: the statements that they send to PostgreSQL and the passwords that they hash."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._done: list[str] = []
        verify, execute = PasswordHasher.verify, asyncpg.Connection._execute

        def verify_and_record(hasher: PasswordHasher, kept: str, password: str) -> bool:
            self._done.append("hash as " + kept.rpartition("$")[0].rpartition("$")[0])
            return bool(verify(hasher, kept, password))

        async def execute_and_record(connection: asyncpg.Connection, query: str, *arguments: Any, **options: Any) -> Any:
            task = asyncio.current_task()
            if task is not None and task.get_coro().__qualname__.startswith(
                "RequestHandler."
            ):  # else the service does it by itself
                self._done.append(query)
            return await execute(connection, query, *arguments, **options)

        monkeypatch.setattr(PasswordHasher, "verify", verify_and_record)
        monkeypatch.setattr(asyncpg.Connection, "_execute", execute_and_record)

    async def of(self, ask: Ask) -> list[str]:
        """Returns what is done to answer a question."""
        self._done.clear()
        await ask()
        assert self._done, "nothing was recorded"
        return list(self._done)


async def find_difference(one: Ask, other: Ask, times: int) -> float:
    """Returns by how much the medians differ, as a share of the first, when both are asked by turns."""
    spent: list[list[float]] = [[], []]
    for _ in range(times):
        for ask, seconds in zip((one, other), spent, strict=True):
            began = time.perf_counter()
            await ask()
            seconds.append(time.perf_counter() - began)
    first, second = map(statistics.median, spent)
    return abs(first - second) / first
