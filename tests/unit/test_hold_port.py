"""A held port is for the service that was told of it: no other process gets it by chance, before it listens or afterwards."""

import errno
import socket
import struct

import msgspec
import pytest

from callstamp.command_failed import CommandFailed
from callstamp.configuration import Configuration, read_configuration
from callstamp.services import HOST, hold_addresses
from shared.hold_port import hold_port
from shared.serve import _listen as listen_as_services_do

IP_LOCAL_PORT_RANGE = 51  # linux/in.h, since 6.3


@pytest.fixture
def any_ports(monkeypatch: pytest.MonkeyPatch) -> Configuration:
    for name in ("INGEST", "ADMIN", "MERGER"):
        monkeypatch.setenv(f"CALLSTAMP_{name}_PORT", "0")
    return read_configuration()


def connect_from(port: int, server: socket.socket) -> None:
    """Connect from this port if the kernel gives it to an outgoing connection. Raises OSError."""
    with socket.socket() as client:
        try:
            client.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("=I", port << 16 | port))
        except OSError as error:
            if error.errno == errno.ENOPROTOOPT:
                pytest.skip("this kernel has no range of ports for a socket")
            raise
        client.connect(server.getsockname())


def test_no_outgoing_connection_gets_a_held_port() -> None:
    with socket.create_server((HOST, 0)) as server:
        with hold_port(HOST) as holder:
            port = holder.getsockname()[1]
            with pytest.raises(OSError, match="Cannot assign requested address"):
                connect_from(port, server)
        connect_from(port, server)  # the control


def test_no_program_that_wants_any_port_gets_a_held_one() -> None:
    """Nor one that wants just this one, unless it sets SO_REUSEADDR."""
    holders = [hold_port(HOST) for _ in range(1000)]
    ports = {holder.getsockname()[1] for holder in holders}
    try:
        assert len(ports) == len(holders)
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind((HOST, holders[0].getsockname()[1]))
    finally:
        for holder in holders:
            holder.close()


def test_every_address_is_held_and_its_service_listens_there(any_ports: Configuration) -> None:
    with hold_addresses(any_ports) as addresses:
        for port in addresses:
            with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
                other.bind((HOST, port))
            for _ in range(2):  # also when it is started again, after a connection
                with listen_as_services_do(HOST, port) as listener, socket.create_connection((HOST, port)):
                    listener.setblocking(True)
                    listener.accept()[0].close()


def test_two_services_cant_have_one_port(any_ports: Configuration) -> None:
    with hold_port(HOST) as holder:
        port = holder.getsockname()[1]
        same = msgspec.structs.replace(any_ports, ingest_port=port, merger_port=port)
        with pytest.raises(CommandFailed, match="must be different ports"), hold_addresses(same):
            pass
