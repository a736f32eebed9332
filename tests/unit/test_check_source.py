"""Where a key may be used from, and how an address is found and compared."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from ingest.check_source import check_source, headers_for_page
from ingest.errors import SourceNotAllowed
from schemas.kept_rows import PostbackKeyRow
from shared.source_address import find_source_ip, is_in, parse_networks

PAGE = "https://www.example.com"


def key(origins: tuple[str, ...] | None = None, networks: tuple[str, ...] | None = None) -> PostbackKeyRow:
    return PostbackKeyRow(
        9, 1, 1, 3, "US", 0, 0, False, False, False, False, [], allowed_origins=origins, allowed_networks=networks
    )


def is_allowed(row: PostbackKeyRow, source_ip: str | None, **headers: str) -> bool:
    try:
        check_source(row, make_mocked_request("GET", "/data_writing", headers=headers), source_ip)
    except SourceNotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("source_ip", "allowed"),
    [
        ("203.0.113.0", True),
        ("203.0.113.255", True),
        ("203.0.114.0", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        (None, False),
    ],
)
def test_a_key_works_from_its_networks_alone(source_ip: str | None, allowed: bool) -> None:
    row = key(networks=("203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"))
    assert is_allowed(row, source_ip) == allowed
    assert is_allowed(key(), source_ip)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": PAGE}, True),
        ({"Origin": "http://localhost:3000"}, True),
        ({"Origin": "https://example.com"}, False),
        ({"Origin": PAGE + ".evil.example"}, False),
        ({"Origin": PAGE + ":443"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Referer": PAGE + "/"}, False),
        ({}, False),
    ],
)
def test_a_key_that_stands_in_pages_works_from_those_alone(headers: dict[str, str], allowed: bool) -> None:
    assert is_allowed(key(origins=(PAGE, "http://localhost:3000")), "203.0.113.9", **headers) == allowed
    assert is_allowed(key(), "203.0.113.9", **headers)


def test_both_must_fit() -> None:
    row = key(origins=(PAGE,), networks=("203.0.113.0/24",))
    assert is_allowed(row, "203.0.113.9", Origin=PAGE)
    assert not is_allowed(row, "198.51.100.7", Origin=PAGE)
    assert not is_allowed(row, "203.0.113.9")


def test_a_reply_names_the_page_where_pages_are_told_apart() -> None:
    request = make_mocked_request("GET", "/data_writing", headers={"Origin": PAGE})
    assert headers_for_page(request, key())["Access-Control-Allow-Origin"] == "*"
    named = headers_for_page(request, key(origins=(PAGE,)))
    assert (named["Access-Control-Allow-Origin"], named["Vary"]) == (PAGE, "Origin")
    assert headers_for_page(make_mocked_request("GET", "/data_writing"), key(origins=(PAGE,))) == {}


class Connection:
    """What a server knows of a connection's other end."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def get_extra_info(self, _: str) -> Any:
        return self.peer

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        (("203.0.113.9", 1), "203.0.113.9"),
        (("::ffff:203.0.113.9", 1, 0, 0), "203.0.113.9"),
        (("2001:db8::1", 1, 0, 0), "2001:db8::1"),
        (("fe80::1%eth0", 1, 0, 2), "fe80::1"),
        ("", None),
    ],
)
def test_an_address_is_found_in_its_plain_spelling(peer: Any, found: str | None) -> None:
    request = make_mocked_request("GET", "/", transport=Connection(peer))  # type: ignore[arg-type] - all that is asked of a transport
    assert find_source_ip(request, ()) == found


def test_a_proxy_on_a_socket_for_both_kinds_is_trusted_like_any() -> None:
    connection = Connection(("::ffff:10.0.0.1", 1, 0, 0))
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "::ffff:203.0.113.9"}, transport=connection)  # type: ignore[arg-type] - all that is asked of a transport
    assert find_source_ip(request, parse_networks(("10.0.0.0/8",))) == "203.0.113.9"


def test_addresses_of_both_kinds_are_compared() -> None:
    networks = parse_networks(("10.0.0.0/8", "2001:db8::/32"))
    assert is_in("10.1.2.3", networks)
    assert is_in("2001:db8::5", networks)
    assert not is_in("11.0.0.0", networks)
