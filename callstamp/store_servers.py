"""The servers behind a store's URL, for whoever looks at each of them: one, the primaries of a cluster, or the one that sentinels name."""

from typing import Any

import redis.asyncio

from shared.redis_address import find_kind, read_sentinels, read_servers

SECONDS = 5.0


def open_server(url: str) -> Any:
    """A client of that server alone, closed by its context."""
    return redis.asyncio.from_url(url, protocol=2, socket_timeout=SECONDS)


async def find_servers(url: str) -> dict[str, str]:
    """The URL of every server that is written to, by what it is called; one alone has no name.

    Raises redis.RedisError when none of those that are named says where they are.
    """
    kind = find_kind(url)
    if kind == "cluster":
        seeds = read_servers(url)
        ranges = await _ask_first([_url_of(url, seed.host, seed.port) for seed in seeds], "CLUSTER", "SLOTS")
        places = sorted({((place[0] or b"").decode() or seeds[0].host, place[1]) for _, _, place, *_ in ranges})
        return {f"{host}:{port}": _url_of(url, host, port) for host, port in places}
    if kind == "sentinel":
        sentinels, service, _ = read_sentinels(url)
        login = url.partition("://")[2].rpartition("@")[0]
        open_urls = [_url_of(url.replace(f"{login}@", "", 1), sentinel.host, sentinel.port) for sentinel in sentinels]
        place = await _ask_first(open_urls, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
        if place is None:
            raise redis.RedisError(f"no sentinel knows {service}")
        return {"": _url_of(url, place[0].decode(), int(place[1]))}
    return {"": url}


def _url_of(url: str, host: str, port: int) -> str:
    """The same way in, to one server."""
    scheme, _, rest = url.partition("://")
    login, at, rest = rest.rpartition("@")
    _, mark, options = rest.partition("?")
    host = f"[{host}]" if ":" in host else host
    return f"{scheme.partition('+')[0]}://{login}{at}{host}:{port}{mark}{options}"


async def _ask_first(urls: list[str], *command: str) -> Any:
    """What the first of them that answers says, as it comes."""
    failure: Exception = redis.RedisError("no server is named")
    for url in urls:
        async with open_server(url) as client:
            client.response_callbacks.clear()
            try:
                return await client.execute_command(*command)
            except redis.RedisError as error:
                failure = error
    raise failure
