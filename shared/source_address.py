"""Where a request came from, behind proxies that are trusted to say so."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

from shared.settings import StartRefused

Network = IPv4Network | IPv6Network


def read_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks of a setting, e.g. `10.0.0.0/8`. Raises StartRefused for one that isn't."""
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise StartRefused(f"trusted proxies: {error}") from None


def find_source_ip(request: web.Request, trusted: tuple[Network, ...]) -> str | None:
    """The address nearest to us in X-Forwarded-For that isn't a trusted proxy's; without trusted proxies, the connection's own.

    None where there is no address, as on a Unix socket.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    address: str | None = peer[0] if isinstance(peer, tuple) else None
    if not trusted or address is None:
        return address
    hops = [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")]
    while hops and _is_in(address, trusted):
        hop = hops.pop()
        if not _is_address(hop):
            break
        address = hop
    return address


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    return any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
