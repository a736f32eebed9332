"""Stands between a service and its store, and lets each packet of replies take its time."""

import asyncio
from collections.abc import Callable
from pathlib import Path


class StoreProxy:
    """A Unix socket in front of the store's; `delay` says for each packet of replies how many seconds it takes, in order."""

    def __init__(self, store_url: str, folder: Path) -> None:
        self._store = store_url.removeprefix("unix://")
        self._path = str(folder / "store.sock")
        self.delay: Callable[[], float] = lambda: 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_over = False
        self.doubled = 0
        """So many of the next packets arrive twice, once more has been asked: a store gone mad, for checkers to be tried on."""

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    async def __aenter__(self) -> "StoreProxy":
        self._server = await asyncio.start_unix_server(self._accept, self._path)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        self._is_over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forwards both directions of one connection until both sides have closed it or the proxy ends."""
        passing = asyncio.create_task(self._pass_both_ways(reader, writer))
        self._tasks.add(passing)
        if self._is_over:  # a connection can be accepted in the same turn of the loop as the end of the proxy
            passing.cancel()
        await asyncio.wait({passing})
        self._tasks.discard(passing)
        writer.close()

    async def _pass_both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_store, to_store = await asyncio.open_unix_connection(self._store)
        asked = asyncio.Event()
        try:
            await asyncio.gather(self._pass_on(reader, to_store, asked), self._pass_on_late(from_store, writer, asked))
        finally:
            to_store.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        try:
            while data := await reader.read(65_536):
                asked.set()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _pass_on_late(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        try:
            while data := await reader.read(65_536):
                asked.clear()
                await asyncio.sleep(self.delay())
                if self.doubled and asked.is_set():  # what comes while nothing is asked would tell nobody anything wrong
                    self.doubled -= 1
                    data *= 2
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
