"""A Redis proxy that remembers what its clients said, so that the same can be said again straight to the store."""

import asyncio


class RecordingProxy:
    """Stands between a service and the store's Unix socket. `said` holds the commands that contain `wanted`, as they were sent."""

    def __init__(self, store_socket: str, own_socket: str, wanted: bytes) -> None:
        self.said: list[bytes] = []
        self._store_socket = store_socket
        self._own_socket = own_socket
        self._wanted = wanted
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._own_socket, limit=2**24)

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_unix_connection(self._store_socket)
        back = asyncio.create_task(_copy(store_reader, writer))
        try:
            while command := await _read_command(reader):
                if self._wanted in command:
                    self.said.append(command)
                store_writer.write(command)
        finally:
            back.cancel()
            store_writer.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


async def _read_command(reader: asyncio.StreamReader) -> bytes:
    """One command as it came (Redis protocol, an array of bulk strings); nothing at the end."""
    parts = [await reader.readline()]
    for _ in range(int(parts[0][1:] or 0)):
        parts.append(await reader.readline())
        parts.append(await reader.readexactly(int(parts[-1][1:]) + 2))
    return b"".join(parts)
