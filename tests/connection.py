"""One connection to a service, byte by byte: nothing is retried, nothing is hidden."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.waiting import WAIT_SECONDS


class Reply(NamedTuple):
    status: int
    head: bytes
    body: bytes

    @property
    def closes(self) -> bool:
        return b"connection: close" in self.head.lower()


class Connection:
    """Opens when entered. What breaks raises OSError or EOFError."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname, place.port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> "Connection":
        self.reader, self.writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.writer.transport.abort()

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def get(self, path: str, *, headers: str = "") -> Reply:
        """One GET and its reply."""
        await self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        return await self.receive()

    async def receive(self) -> Reply:
        """The next reply."""
        async with _limit(WAIT_SECONDS, "a reply"):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lengths = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            return Reply(int(head.split()[1]), head, await self.reader.readexactly(lengths[0] if lengths else 0))

    async def closed_after(self, seconds: float = WAIT_SECONDS) -> float:
        """Reads until the other side closes. Returns how many seconds that took; fails after `seconds`."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with _limit(seconds, "the other side to close the connection"):
            try:
                while await self.reader.read(65_536):
                    pass
            except ConnectionError:
                pass
        return loop.time() - started


@asynccontextmanager
async def _limit(seconds: float, what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        message = f"waited {seconds:g} s for {what}"
        raise TimeoutError(message) from error
