"""A reply whose every byte is known: written at once, without the general machinery that a fifth of a small request's time goes into."""

from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time

_STARTS = {
    status: f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\nContent-Length: ".encode()
    for status, phrase in ((200, "OK"), (202, "Accepted"))
}


class _WrittenAtOnce(web.StreamResponse):
    """A reply that knows its bytes; `_spell` says them."""

    def __init__(self, status: int) -> None:  # the parent's __init__ sets up what is left out here
        self._status = status
        self._keep_alive = None

    def _spell(self, request: web.BaseRequest) -> bytes:
        raise NotImplementedError

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write all of it (RFC 9112): nothing needs to be found out first."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive
        transport.write(self._spell(request))
        return None

    async def write_eof(self, data: Any = b"") -> None:
        """There is nothing left to write."""


class QuickReply(_WrittenAtOnce):
    """A 200, or 202, with a JSON body. `head` are further header lines, each ended by CRLF."""

    def __init__(self, body: bytes, head: str, status: int = 200) -> None:
        super().__init__(status)
        self._bytes = body
        self._head = head

    def _spell(self, request: web.BaseRequest) -> bytes:
        connection = ""
        if not self._keep_alive:
            connection = "Connection: close\r\n"
        elif request.version < HttpVersion11:
            connection = "Connection: keep-alive\r\n"
        head = f"{len(self._bytes)}\r\nDate: {rfc822_formatted_time()}\r\n{connection}{self._head}\r\n"
        return _STARTS[self._status] + head.encode() + self._bytes


class ReadyReply(_WrittenAtOnce):
    """A reply that was made before there was a request: `keeping` the connection, or `closing` it."""

    def __init__(self, status: int, keeping: bytes, closing: bytes) -> None:
        super().__init__(status)
        self._keeping = keeping
        self._closing = closing

    def _spell(self, request: web.BaseRequest) -> bytes:
        return self._keeping if self._keep_alive else self._closing
