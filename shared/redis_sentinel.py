"""A server that sentinels watch over: they are asked for it at each connection, so that a replica that took over is found."""

from collections.abc import Sequence

import msgspec

from shared.redis_address import Server
from shared.redis_connection import Connection, StoreAway, StoreError
from shared.redis_link import LinkRules, RedisLink, ask_once


class SentinelLink(RedisLink):
    """A link to whichever server the sentinels say is the primary of `service`."""

    def __init__(self, sentinels: Sequence[Server], service: str, server: Server, rules: LinkRules) -> None:
        super().__init__(server, rules)
        self._sentinels = sentinels
        self._service = service

    async def _open(self) -> Connection:
        self.server = await self._find()
        return await super()._open()

    async def _find(self) -> Server:
        """Where the primary is, as the first sentinel says that knows; it must say so itself."""
        for sentinel in self._sentinels:
            try:
                (place,) = await ask_once(sentinel, ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service))
                if not place:
                    continue
                server = msgspec.structs.replace(self.server, host=place[0].decode(), port=int(place[1]))
                ((role, *_),) = await ask_once(server, ("ROLE",))
            except (StoreAway, StoreError, OSError, TimeoutError):
                continue
            if role == b"master":
                return server
        raise StoreAway(f"no sentinel knows a primary of {self._service}")
