"""Stands between a service and its store, and lets each packet of replies take its time."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path


class StoreProxy:
    """A Unix socket in front of the store's; `delay` says for each packet of replies how many seconds it takes, in order."""

    def __init__(self, store_url: str, folder: Path) -> None:
        self._store = store_url.removeprefix("unix://")
        self._path = str(folder / "store.sock")
        self.delay: Callable[[], float] = lambda: 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: list[socket.socket] = []
        self._is_over = False
        self.doubled = 0
        """So many of the next packets arrive twice, once more has been asked: a store gone mad, for checkers to be tried on."""

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    async def __aenter__(self) -> "StoreProxy":
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(self._path)
        self._listener.listen()
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._is_over = True
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self._path)
        await self._accepting
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:
            connection.close()

    async def _accept(self) -> None:
        """Accepts until the proxy ends. asyncio's own server forgets to close what it accepts in the turn of the loop in which it ends."""
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._listener)
            self._connections.append(connection)
            if self._is_over:
                return
            self._tasks.add(asyncio.create_task(self._forward(connection)))

    async def _forward(self, connection: socket.socket) -> None:
        """Forwards both directions of one connection until both sides have closed it or the proxy ends."""
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        try:
            await self._pass_both_ways(reader, writer)
        finally:
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
