"""A key's networks and origins at the door: who is refused, in which order, what a page may read, and what the log says."""

import time
from typing import Any

import pytest

from ingest.app import create_app
from ingest.settings import IngestSettings
from tests.conftest import CheckFigure
from tests.service_processes import PATIENT_MS
from tests.waiting import wait_for
from tests.world import DoorServer, Key, World

PAGE, OTHER_PAGE = "https://www.example.com", "https://other.example"
NUMBER = "caller_number=%2B15551230000"


async def known_key(world: World, **options: Any) -> Key:
    key = await world.add_key(**options)
    await world.eventually_known(key)
    return key


async def send(world: World, key: Key, origin: str | None = None, **headers: str) -> tuple[int, Any, Any]:
    if origin:
        headers["Origin"] = origin
    return await world.send("GET", f"/data_writing?key={key.secret}&{NUMBER}&a=1", headers)


async def test_another_network_is_refused_and_the_log_says_so(world: World) -> None:
    home = await known_key(world, allowed_networks=["127.0.0.0/8", "::1/128"])
    away = await known_key(world, allowed_networks=["203.0.113.0/24"])
    assert (await send(world, home))[0] == 200
    status, headers, body = await send(world, away)
    assert (status, body["code"], headers["Callstamp-Outcome"]) == (403, "source_not_allowed", "refused")
    # one was sent to learn that the key is known
    rows = await wait_for(lambda: world.log(postback_key_id=away.id), lambda rows: len(rows) >= 2)
    assert [(row["outcome"], row["code"], str(row["source_ip"])) for row in rows] == [
        ("refused", "source_not_allowed", "127.0.0.1")
    ] * 2


async def test_behind_a_trusted_proxy_it_is_the_publishers_network_that_counts(
    world: World, redis_url: str, postgres_url: str, aiohttp_client: Any
) -> None:
    key = await known_key(world, allowed_networks=["203.0.113.0/24"])
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert (await send(world, key, **forwarded))[0] == 403, "nobody is trusted yet"
    settings = IngestSettings(
        redis_url=redis_url, postgres_url=postgres_url, store_timeout_ms=PATIENT_MS, trusted_proxies=("127.0.0.0/8",)
    )
    world.ingest = await aiohttp_client(DoorServer(create_app(settings)))
    assert (await send(world, key, **forwarded))[0] == 200
    assert (await send(world, key, **{"X-Forwarded-For": "198.51.100.7"}))[0] == 403
    assert (await send(world, key, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}))[0] == 403, "the nearest hop counts"


async def test_a_page_of_another_origin_is_refused_and_may_read_why(world: World) -> None:
    key = await known_key(world, allowed_origins=[PAGE])
    status, headers, _ = await send(world, key, PAGE)
    assert (status, headers["Access-Control-Allow-Origin"], headers["Vary"]) == (200, PAGE, "Origin")
    assert "Callstamp-Outcome" in headers["Access-Control-Expose-Headers"]
    status, headers, body = await send(world, key, OTHER_PAGE)
    assert (status, body["code"], headers["Access-Control-Allow-Origin"]) == (403, "source_not_allowed", "*")
    assert (await send(world, key))[2]["code"] == "source_not_allowed", "a program with a page's key"
    assert await world.look_up() == {"a": "1"}


async def test_a_key_without_origins_is_for_pages_and_servers_alike(world: World) -> None:
    for origin in (PAGE, None):
        assert (await send(world, world.company.key, origin))[0] == 200


async def test_refusals_come_in_their_order(world: World) -> None:
    """Shape, key, source, identifier."""
    key = await known_key(world, allowed_networks=["203.0.113.0/24"])
    json_type = {"Content-Type": "application/json"}
    for path, body, code in (
        (f"/data_writing?key={key.secret}", "{", "invalid_body"),
        ("/data_writing?key=unknown", "{}", "invalid_postback_key"),
        (f"/data_writing?key={key.secret}", "{}", "source_not_allowed"),
    ):
        assert (await world.send("POST", path, json_type, body))[2]["code"] == code


@pytest.mark.parametrize("change", ["allowed_networks = null", "allowed_networks = '{127.0.0.1/32}'"])
async def test_a_wall_that_is_moved_lets_through_within_a_second(world: World, change: str, check_figure: CheckFigure) -> None:
    key = await known_key(world, allowed_networks=["203.0.113.0/24"])
    assert (await send(world, key))[0] == 403
    await world.postgres.execute(f"update postback_keys set {change}")
    began = time.monotonic()

    async def status() -> int:
        return (await send(world, key))[0]

    await wait_for(status, 200, "status of a postback through the moved wall")
    check_figure("a wall that is moved lets through after, in s", time.monotonic() - began, at_most=1)


async def test_a_page_asks_beforehand_with_all_that_it_will_send(world: World) -> None:
    status, headers, _ = await world.send("OPTIONS", "/data_writing", {"Origin": PAGE, "Access-Control-Request-Method": "POST"})
    assert status == 204
    assert headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Idempotency-Key"
