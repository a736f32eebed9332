"""What a service runs its app with: aiohttp's runner, with our connections and our answers."""

from typing import Any

from aiohttp import web

from shared.answer import answering_refusals, knowing_hot_routes
from shared.background import Background
from shared.door import MAX_HEADER_BYTES, MAX_URI_BYTES, DoorLimits, DoorServer
from shared.http import DRAINING
from shared.overload import SHEDDABLE, Load


class DoorRunner(web.AppRunner):
    """An AppRunner whose connections are Doors, with the limits every service shares."""

    __slots__ = ("_limits", "_sweeping")

    def __init__(self, app: web.Application, *, limits: DoorLimits | None = None, **options: Any) -> None:
        super().__init__(
            app,
            access_log=None,
            auto_decompress=False,  # an inflated body blocks the loop; who wants compression reads it bounded
            max_line_size=MAX_URI_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            **options,
        )
        self._limits = limits or DoorLimits()
        self._sweeping = Background()

    @property
    def has_connections(self) -> bool:
        return self.server is not None and bool(self.server.connections)

    async def cleanup(self) -> None:
        await self._sweeping.stop()
        await super().cleanup()

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = DoorServer
        assert isinstance(server, DoorServer)
        server.load = Load(self.app.get(SHEDDABLE, ()), self._limits.max_in_flight)
        server.max_connections = self._limits.max_connections
        server.turned_away = set()
        server.draining = self.app[DRAINING]
        server.request_handler = answering_refusals(self.app, server.load, knowing_hot_routes(self.app, server.request_handler))
        self._sweeping.start(server.sweep(self._limits.slow_client_seconds))
        return server
