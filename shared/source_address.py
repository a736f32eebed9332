"""Where a request came from, behind proxies that are trusted to say so."""

import functools
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from shared.settings import StartRefused

Network = IPv4Network | IPv6Network


def read_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks of a setting, e.g. `10.0.0.0/8`. Raises StartRefused for one that isn't."""
    try:
        return parse_networks(texts)
    except ValueError as error:
        raise StartRefused(f"trusted proxies: {error}") from None


@functools.lru_cache(maxsize=4096)
def parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks in CIDR notation. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)


def find_source_ip(request: web.Request, trusted: tuple[Network, ...]) -> str | None:
    """The address nearest to us in X-Forwarded-For that isn't a trusted proxy's; without trusted proxies, the connection's own.

    None where there is no address, as on a Unix socket.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple):
        return None
    address = _plain(peer[0])
    if not trusted:
        return address
    hops = [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")]
    while hops and is_in(address, trusted):
        hop = hops.pop()
        if not _is_address(hop):
            break
        address = _plain(hop)
    return address


def is_in(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the address is in one of the networks."""
    parsed = ip_address(address)
    return any(parsed in network for network in networks)


def _plain(address: str) -> str:
    """An IPv4 address as one also where a socket for both kinds writes it as `::ffff:203.0.113.9`; without a link's name behind `%`."""
    if ":" not in address:
        return address
    parsed = ip_address(address.partition("%")[0])
    return str((parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
