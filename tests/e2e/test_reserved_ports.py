"""Ports for services: nobody else gets them while the test has them, and the service does."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from callstamp.services import HOST
from tests.service_processes import RESERVED_RANGE, ReservedPorts
from tests.waiting import wait_for_sync


@pytest.fixture
def port() -> Iterator[int]:
    ports = ReservedPorts(1)
    yield ports[0]
    ports.release()


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Listen as the services do (shared/serve.py)."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        yield listener


def test_no_port_is_given_out_twice_while_it_is_held() -> None:
    """So many that by chance alone some would be."""
    held = [ReservedPorts(1) for _ in range(len(RESERVED_RANGE) // 10)]
    try:
        assert len({port for (port,) in held}) == len(held)
    finally:
        for ports in held:
            ports.release()


@pytest.mark.parametrize("host", [HOST, "0.0.0.0"])  # noqa: S104 - as another program might
def test_another_program_cannot_bind_it(port: int, host: str) -> None:
    with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
        other.bind((host, port))


def test_the_service_listens_on_it_also_when_it_is_started_again(port: int) -> None:
    for _ in range(2):
        with listening(port) as listener, socket.create_connection((HOST, port)):
            listener.accept()[0].close()
            with pytest.raises(OSError, match="Address already in use"), listening(port):
                pass


def test_it_is_free_for_others_once_it_is_released() -> None:
    ports = ReservedPorts(1)
    ports.release()

    def find_trouble() -> OSError | None:
        try:
            with socket.socket() as other:
                other.bind((HOST, ports[0]))
        except OSError as error:  # another test process may just have got it
            return error
        return None

    wait_for_sync(find_trouble, None)
