"""What starts and stops with an app."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from aiohttp import web


class Startable(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def running(part: Startable) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context that starts `part` with the app and stops it, in reverse order, when the app ends."""

    async def run(app: web.Application) -> AsyncIterator[None]:
        await part.start()
        yield
        await part.stop()

    return run
