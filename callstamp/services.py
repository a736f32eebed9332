"""The services that make up Callstamp: how each is started, where it answers, and what it is told by its environment."""

import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from callstamp.command_failed import CommandFailed
from callstamp.configuration import Configuration
from shared.hold_port import hold_port

HOST = "127.0.0.1"


class Service(NamedTuple):
    """`module` is what `python -m` runs; `url` is where its /readyz answers."""

    name: str
    module: str
    url: str


class Addresses(NamedTuple):
    """The port of each service's own address."""

    ingest: int
    admin: int
    merger: int
    drain: int

    def url(self, service: str) -> str:
        return f"http://{HOST}:{getattr(self, service)}"


@contextmanager
def hold_addresses(configuration: Configuration) -> Iterator[Addresses]:
    """The configured ports (0: any free one) and a free one for the drain, which nobody but a service that is told gets meanwhile.

    Raises CommandFailed if one is taken, or two are the same.
    """
    with ExitStack() as held:

        def hold(port: int, variable: str) -> int:
            return int(held.enter_context(_hold(port, variable)).getsockname()[1])

        addresses = Addresses(
            ingest=hold(configuration.ingest_port, "CALLSTAMP_INGEST_PORT"),
            admin=hold(configuration.admin_port, "CALLSTAMP_ADMIN_PORT"),
            merger=hold(configuration.merger_port, "CALLSTAMP_MERGER_PORT"),
            drain=hold(0, "MERGER_DRAIN_PORT"),
        )
        if len(set(addresses)) < len(addresses):
            raise CommandFailed("CALLSTAMP_INGEST_PORT, CALLSTAMP_ADMIN_PORT and CALLSTAMP_MERGER_PORT must be different ports")
        yield addresses


def list_services(addresses: Addresses) -> list[Service]:
    """All of them, as `callstamp up` and the tests start them."""
    return [
        Service("ingest", "ingest", addresses.url("ingest")),
        Service("admin", "admin", addresses.url("admin")),
        Service("merger", "ingest.merger", addresses.url("merger")),
        Service("drain", "ingest.merger.drain", addresses.url("drain")),
    ]


def environment_of_services(environ: Mapping[str, str], addresses: Addresses, stores: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, and in it what all services must agree on: their stores, their ports, the public address, and the
    secret between admin and merger, a new one unless there is one."""
    hosts = {"INGEST_HOST": HOST, "ADMIN_HOST": HOST, "MERGER_HOST": HOST}
    hosts |= {"INGEST_PUBLIC_URL": addresses.url("ingest"), "ADMIN_PUBLIC_URL": addresses.url("admin")}
    ports = {f"{name.upper()}_PORT": str(getattr(addresses, name)) for name in ("ingest", "admin", "merger")}
    secret = environ.get("MERGER_INTERNAL_SECRET") or environ.get("ADMIN_MERGER_SECRET") or secrets.token_urlsafe(24)
    internal = {"MERGER_INTERNAL_SECRET": secret, "ADMIN_MERGER_SECRET": secret, "ADMIN_MERGER_URL": addresses.url("merger")}
    return hosts | internal | dict(environ) | dict(stores) | ports | {"MERGER_DRAIN_PORT": str(addresses.drain)}


def _hold(port: int, variable: str) -> socket.socket:
    try:
        return hold_port(HOST, port)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        raise CommandFailed(
            f"port {port} can't be used ({reason}): set {variable} to another one, or 0 for any free one"
        ) from None
