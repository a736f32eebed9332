"""The store of a process, whether its URL names one server, sentinels that know it, or a cluster."""

from collections.abc import Iterable
from typing import Any, Protocol

from shared.redis_address import find_kind, read_sentinels, read_server, read_servers
from shared.redis_cluster import RedisCluster
from shared.redis_connection import Moved, StoreAway
from shared.redis_link import LinkRules, RedisLink
from shared.redis_sentinel import SentinelLink
from shared.settings import StartRefused


class Links(Protocol):
    """What one server and a cluster have in common; RedisCluster says it in full."""

    @property
    def is_up(self) -> bool: ...
    def at(self, key: bytes) -> RedisLink: ...
    def group_of(self, partition: bytes) -> bytes: ...
    def links(self) -> Iterable[RedisLink]: ...
    def away(self) -> list[str]: ...
    def notice(self, failure: StoreAway) -> None: ...
    async def follow(self, moved: Moved, command: bytes) -> Any: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def make_links(url: str, rules: LinkRules) -> Links:
    """Links to the store at redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://. Raises StartRefused."""
    try:
        kind = find_kind(url)
        if kind == "cluster":
            return RedisCluster(read_servers(url), rules)
        if kind == "sentinel":
            return SentinelLink(*read_sentinels(url), rules)
        return RedisLink(read_server(url), rules)
    except ValueError as error:
        raise StartRefused(f"the store's address isn't one: {error}") from None
