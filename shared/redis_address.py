"""Where the store is, from its URL: one server, a cluster, or sentinels that know which server it is."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import msgspec
from redis.asyncio.connection import SSLConnection, parse_url

from shared.redis_connection import Arg, Connection

C = TypeVar("C", bound=Connection)


class Server(msgspec.Struct, frozen=True):
    """One server and how to be let in."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    username: str = ""
    password: str = ""
    db: int = 0
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """What it is called in logs, without any secret."""
        return self.path or f"{self.host}:{self.port}"

    def at(self, address: str) -> "Server":
        """Another server of the same cluster, by host:port."""
        host, _, port = address.rpartition(":")
        return msgspec.structs.replace(self, host=host.strip("[]"), port=int(port), path="")

    def greetings(self) -> Iterator[tuple[Arg, ...]]:
        """What is said first on a new connection."""
        if self.password:
            yield ("AUTH", self.username, self.password) if self.username else ("AUTH", self.password)
        if self.db:
            yield ("SELECT", self.db)
        yield ("PING",)

    async def open(self, make: Callable[[], C]) -> C:
        """A new connection to it."""
        loop = asyncio.get_running_loop()
        if self.path:
            return (await loop.create_unix_connection(make, self.path))[1]
        return (await loop.create_connection(make, self.host, self.port, ssl=self.tls))[1]


def read_server(url: str) -> Server:
    """The server that redis://, rediss:// or unix:// names. Raises ValueError."""
    options = cast("dict[str, Any]", parse_url(url))
    tls = None
    if options.get("connection_class") is SSLConnection:
        tls = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
        if options.get("ssl_cert_reqs") == "none":
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return Server(
        options.get("host", "localhost"),
        options.get("port", 6379),
        options.get("path", ""),
        options.get("username") or "",
        options.get("password") or "",
        options.get("db") or 0,
        tls,
    )


def find_kind(url: str) -> str:
    """What the URL names: "cluster", "sentinel", or "" for one server."""
    return url.partition("://")[0].partition("+")[2]


def read_servers(url: str) -> list[Server]:
    """The servers of redis+cluster://user:password@a:port,b:port (rediss+cluster:// with TLS). Raises ValueError."""
    servers, path = _read_list(url)
    if path:
        raise ValueError("a cluster has no numbered databases")
    return servers


def read_sentinels(url: str) -> tuple[list[Server], str, Server]:
    """The sentinels of redis+sentinel://user:password@a:port,b:port/service, the service, and how its server is greeted.

    User and password are the server's; sentinels are asked without. Raises ValueError.
    """
    servers, service = _read_list(url)
    if not service:
        raise ValueError("the name of the service is missing: redis+sentinel://host:port,host:port/service")
    return [Server(server.host, server.port, tls=server.tls) for server in servers], service, servers[0]


def _read_list(url: str) -> tuple[list[Server], str]:
    """The servers that are named, and what follows the last one's slash."""
    scheme, _, rest = url.partition("://")
    login, at, rest = rest.rpartition("@")
    places, mark, options = rest.partition("?")
    hosts, _, path = places.partition("/")
    scheme = scheme.partition("+")[0]
    return [read_server(f"{scheme}://{login}{at}{host.strip()}{mark}{options}") for host in hosts.split(",")], path
