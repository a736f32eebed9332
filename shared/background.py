"""A loop that runs beside the requests, from the start of its service to the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """One such loop."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self, loop: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(loop)

    async def stop(self) -> None:
        """End the loop and wait for it; asks again where a driver, losing its server at that moment, turned the wish into its own error."""
        while self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)
