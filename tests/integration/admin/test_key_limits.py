"""What a manager may say of a postback key's limits: origins, networks, rate, opaque status, reading back."""

import asyncpg
import pytest

from tests.integration.admin.manager import JsonObject, Manager

LIMITS: JsonObject = {
    "opaque_status": True,
    "allowed_origins": ["https://www.example.com", "https://example.com:8443", "http://localhost:3000", "https://[2001:db8::1]"],
    "allowed_networks": ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"],
    "rate_limit_per_second": 100,
}


async def make_publisher(manager: Manager) -> str:
    """A publisher's address for its postback keys."""
    publisher = await manager.create("publishers", name="Publisher")
    return f"publishers/{publisher['id']}/postback-keys"


async def test_limits_are_given_shown_changed_and_taken_away_by_null(manager: Manager) -> None:
    keys = await make_publisher(manager)
    made = await manager.create(keys, name="Key", **LIMITS)
    address = f"postback-keys/{made['id']}"
    for shown in (made, await manager.get(address), (await manager.get("postback-keys"))["items"][0]):
        assert shown.items() >= LIMITS.items()
    assert (await manager.change(address, name="New")).items() >= LIMITS.items()
    rotated = await manager.ask("POST", f"{address}/rotate", {})
    assert rotated.body.items() >= LIMITS.items()
    for field in ("allowed_origins", "allowed_networks", "rate_limit_per_second"):
        assert (await manager.change(address, **{field: None}))[field] is None
    assert (await manager.get(address)).items() >= (LIMITS | dict.fromkeys(list(LIMITS)[1:])).items()
    assert (await manager.change(address, opaque_status=False, allow_read_back=True))["allow_read_back"] is True


async def test_networks_are_kept_in_one_spelling_and_once(manager: Manager) -> None:
    spelt = ["2001:DB8:0::/32", "203.0.113.9", "203.0.113.9/32", "10.0.0.0/255.0.0.0"]
    made = await manager.create(await make_publisher(manager), name="Key", allowed_networks=spelt)
    assert made["allowed_networks"] == ["2001:db8::/32", "203.0.113.9/32", "10.0.0.0/8"]
    assert (await manager.get(f"postback-keys/{made['id']}"))["allowed_networks"] == made["allowed_networks"]


async def test_a_limit_that_cannot_be_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    keys = await make_publisher(manager)
    made = await manager.create(keys, name="Key")
    for field, value in (
        ("rate_limit_per_second", 0),
        ("rate_limit_per_second", 1_000_001),
        ("rate_limit_per_second", 0.5),
        ("allow_read_back", None),
        ("opaque_status", "yes"),
        ("allowed_networks", []),
        ("allowed_networks", ["203.0.113.9/24"]),
        ("allowed_networks", ["203.0.113.0/33"]),
        ("allowed_networks", ["example.com"]),
        ("allowed_networks", ["::ffff:203.0.113.0/120"]),
        ("allowed_networks", ["fe80::1%eth0"]),
        ("allowed_networks", ["203.0.113.9"] * 101),
        ("allowed_networks", "203.0.113.9"),
        ("allowed_networks", [None]),
        ("allowed_origins", []),
        ("allowed_origins", ["https://example.com/"]),
        ("allowed_origins", ["https://Example.com"]),
        ("allowed_origins", ["https://example.com:443"]),
        ("allowed_origins", ["https://example.com\n"]),
        ("allowed_origins", ["http://example.com"]),
        ("allowed_origins", ["http://localhost:80"]),
        ("allowed_origins", ["http://localhost.example.com"]),
        ("allowed_origins", ["https://*.example.com"]),
        ("allowed_origins", ["example.com"]),
        ("allowed_origins", ["null"]),
        ("allowed_origins", ["https://example.com"] * 101),
    ):
        with subtests.test(field, value=str(value)[:60]):
            for method, path in (("POST", keys), ("PATCH", f"postback-keys/{made['id']}")):
                assert (await manager.ask(method, path, {"name": "Key", field: value})).problem == (422, "invalid_field", field)


async def test_host_bits_are_refused_with_the_network_that_was_meant(manager: Manager) -> None:
    reply = await manager.ask("POST", await make_publisher(manager), {"name": "Key", "allowed_networks": ["203.0.113.9/24"]})
    assert "203.0.113.0/24" in reply.body["detail"]


async def test_an_origin_of_the_usual_port_alone_is_refused_not_one_that_begins_like_it(manager: Manager) -> None:
    origins = ["https://example.com:4430", "http://localhost:8000", "http://127.0.0.1", "http://[::1]:8080"]
    made = await manager.create(await make_publisher(manager), name="Key", allowed_origins=origins)
    assert made["allowed_origins"] == origins


async def test_a_key_that_stands_in_pages_never_reads_back(manager: Manager, db: asyncpg.Connection) -> None:
    """In one request, in two, and behind the API."""
    keys = await make_publisher(manager)
    page, reads = {"allowed_origins": ["https://example.com"]}, {"allow_read_back": True}
    reply = await manager.ask("POST", keys, {"name": "Key"} | page | reads)
    assert reply.problem == (422, "invalid_field", "allowed_origins")
    in_page, reader = await manager.create(keys, name="Page", **page), await manager.create(keys, name="Reader", **reads)
    reply = await manager.ask("PATCH", f"postback-keys/{in_page['id']}", reads)
    assert reply.problem == (422, "invalid_field", "allow_read_back")
    reply = await manager.ask("PATCH", f"postback-keys/{reader['id']}", page)
    assert reply.problem == (422, "invalid_field", "allowed_origins")
    reply = await manager.ask("PATCH", f"postback-keys/{reader['id']}", page | reads)
    assert reply.problem == (422, "invalid_field", "allowed_origins")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("update postback_keys set allow_read_back = true")
    swapped = await manager.change(f"postback-keys/{in_page['id']}", allow_read_back=True, allowed_origins=None)
    assert (swapped["allow_read_back"], swapped["allowed_origins"]) == (True, None)
