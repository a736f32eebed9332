"""What a cluster's addresses, slots and answers mean."""

import pytest

from shared.redis_address import Server, read_sentinels, read_servers
from shared.redis_cluster import SLOTS, read_slot_map, slot_of
from shared.redis_links import LinkRules, make_links
from shared.settings import StartRefused


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        (b"123456789", 0x31C3),  # the specification's own example
        (b"{user1000}.following", slot_of(b"user1000")),
        (b"foo{}{bar}", 8363),  # an empty tag is none
        (b"foo{{bar}}zap", slot_of(b"{bar")),
        (b"foo{bar}{zap}", slot_of(b"bar")),
        (b"{keyring}:campaigns", slot_of(b"keyring")),
        (b"{open", slot_of(b"{open")),
    ],
)
def test_a_key_is_in_the_slot_of_its_hash_tag(key: bytes, slot: int) -> None:
    assert slot_of(key) == slot < SLOTS


def test_a_cluster_is_named_by_some_of_its_servers() -> None:
    servers = read_servers("redis+cluster://user:s%40cret@a:7000,b:7001,[::1]:7002")
    assert [server.name for server in servers] == ["a:7000", "b:7001", "::1:7002"]
    assert {(server.username, server.password) for server in servers} == {("user", "s@cret")}
    assert servers[0].tls is None
    (server,) = read_servers("rediss+cluster://a?ssl_cert_reqs=none")
    assert server.tls is not None
    assert server.at("10.0.0.9:7009").tls is server.tls  # the servers that are found are spoken to alike
    assert server.at("10.0.0.9:7009").name == "10.0.0.9:7009"


def test_sentinels_are_asked_without_the_servers_password() -> None:
    sentinels, service, server = read_sentinels("redis+sentinel://user:secret@a:26379,b:26379/callstamp")
    assert [(sentinel.name, sentinel.password) for sentinel in sentinels] == [("a:26379", ""), ("b:26379", "")]
    assert (service, server.username, server.password) == ("callstamp", "user", "secret")


@pytest.mark.parametrize(
    "url", ["redis+cluster://a:1,b:2/3", "redis+cluster://a:port", "redis+sentinel://a:1", "http+cluster://a", "nonsense"]
)
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(StartRefused, match="address"):
        make_links(url, LinkRules(timeout_seconds=1, on_change=lambda: None))


def test_a_server_without_an_own_address_is_the_one_that_was_asked() -> None:
    ranges = [
        [0, 5460, [b"", 7000, b"id-1"], [b"10.0.0.4", 7003, b"id-4"]],
        [5461, 16383, [None, 7001, b"id-2"]],
    ]
    seen = read_slot_map(Server("10.0.0.1", 7000), b"cluster_state:ok\r\ncluster_current_epoch:6\r\n", ranges)
    assert seen.ranges == ((0, 5460, "10.0.0.1:7000"), (5461, 16383, "10.0.0.1:7001"))
    assert seen.servers == {"10.0.0.1:7000", "10.0.0.1:7001", "10.0.0.4:7003"}
    assert (seen.is_whole, seen.epoch) == (True, 6)
