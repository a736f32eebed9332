"""What the call routing engine's door answers: formats, keys, and a store that is away."""

import itertools
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from yarl import URL

from ingest.merger.app import create_app
from ingest.merger.settings import MergerSettings
from tests.conftest import CheckFigure
from tests.connection import Connection
from tests.waiting import wait_for
from tests.world import CALLER, DoorServer, World


async def get(world: World, path: str, **parameters: str) -> tuple[int, Any, str]:
    headers = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
    async with world.merger.get(path, params=parameters, headers=headers) as reply:
        return reply.status, reply.headers, await reply.text()


async def test_a_look_up_says_tags_and_where_they_came_from(world: World) -> None:
    await world.post({"a": "1"})
    _, body = await world.engine("GET", "/v1/lookup", caller_number="(555) 123-0000")
    assert list(body) == ["caller_number", "tags", "attribution", "degraded"]
    assert (body["caller_number"], body["tags"], body["degraded"]) == (CALLER, {"a": "1"}, False)
    assert body["attribution"]["a"]["postback_key_id"] == world.company.key.id


async def test_a_look_up_of_a_withheld_or_malformed_number_has_no_tags(world: World, subtests: pytest.Subtests) -> None:
    for spelling in ("anonymous", "", "12", "+1555123000a", "%00"):
        with subtests.test(spelling):
            status, body = await world.engine("GET", "/v1/lookup", caller_number=spelling)
            assert (status, body["caller_number"], body["tags"]) == (200, None, {})
    status, body = await world.engine("GET", "/v1/lookup")
    assert (status, body["tags"]) == (200, {})


async def test_tags_come_in_every_format(world: World) -> None:
    await world.post({"b": "2&3", "a": "São"})
    status, headers, text = await get(world, "/v1/lookup", caller_number=CALLER, format="kv")
    assert (status, text) == (200, "b=2%263&a=S%C3%A3o")
    assert headers["Content-Type"].startswith("text/plain")
    _, headers, text = await get(world, "/v1/lookup", caller_number=CALLER, format="xml")
    assert text == '<tags><tag name="b">2&amp;3</tag><tag name="a">São</tag></tags>'
    assert ET.fromstring(text) is not None  # noqa: S314 - our own text
    assert headers["Content-Type"].startswith("application/xml")
    _, headers, text = await get(world, "/v1/lookup", caller_number=CALLER, format="headers")
    assert text == "X-Tag-a: S%C3%A3o\r\nX-Tag-b: 2&3\r\n"
    assert "X-Tags-Dropped" not in headers


async def test_a_hit_and_a_route_come_in_every_format_too(world: World) -> None:
    await world.post({"a": "1"})
    headers = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
    async with world.merger.post(
        "/v1/calls?format=headers", data={"caller_number": CALLER, "call_uuid": "c1"}, headers=headers
    ) as reply:
        assert (reply.status, await reply.text()) == (201, "X-Tag-a: 1\r\n")
    async with world.merger.post("/v1/calls/c1/route?format=kv", headers=headers) as reply:
        assert (reply.status, await reply.text()) == (200, "a=1")


async def test_an_unknown_format_is_refused_before_anything_happens(world: World) -> None:
    status, body = await world.engine("POST", "/v1/calls?format=yaml", {"caller_number": CALLER, "call_uuid": "c1"})
    assert (status, body["code"], body["field"]) == (422, "invalid_field", "format")
    assert (await world.engine("GET", "/v1/calls/c1"))[0] == 404


async def test_header_lines_that_dont_fit_are_counted(world: World) -> None:
    await world.post({f"t{n}": "x" * 200 for n in range(10)})
    _, headers, text = await get(world, "/v1/lookup", caller_number=CALLER, format="headers")
    assert len(text) <= 1024
    assert text.endswith("\r\n")
    assert headers["X-Tags-Dropped"] == str(10 - text.count("X-Tag-"))


@pytest.mark.parametrize("change", ["paused = true", "revoked_at = now()"])
async def test_an_engine_key_stops_within_a_second(world: World, change: str, check_figure: CheckFigure) -> None:
    async def status() -> int:
        return (await world.engine("GET", "/v1/lookup", caller_number=CALLER))[0]

    assert await status() == 200
    await world.postgres.execute(f"update engine_keys set {change}")
    began = time.monotonic()
    await wait_for(status, 401, "status of a look-up with the engine key")
    check_figure("the engine key stops after, in s", time.monotonic() - began, at_most=1)


async def test_a_new_number_and_campaign_are_known_within_a_second(world: World, check_figure: CheckFigure) -> None:
    company = world.company
    await world.postgres.execute(
        "insert into tracking_numbers (company_id, campaign_id, number) values ($1, $2, '+18005550177')",
        company.id,
        company.campaign_id,
    )
    tries = itertools.count()

    async def campaign_of_a_call() -> int | None:
        return (await world.hit(f"try-{next(tries)}", dialed_number="+1 800 555 0177"))["campaign_id"]

    began = time.monotonic()
    await wait_for(campaign_of_a_call, company.campaign_id)
    check_figure("a new number is known after, in s", time.monotonic() - began, at_most=1)


async def test_while_the_store_is_away_a_look_up_is_degraded_and_a_hit_is_503(
    world: World, postgres_url: str, aiohttp_client: Any
) -> None:
    settings = MergerSettings(redis_url="unix:///nowhere/valkey.sock", postgres_url=postgres_url)
    world.merger = await aiohttp_client(DoorServer(create_app(settings)))
    status, headers, _ = await get(world, "/v1/lookup", caller_number=CALLER)
    assert (status, headers["Callstamp-Degraded"]) == (200, "true")
    status, body = await world.engine("GET", "/v1/lookup", caller_number=CALLER)
    assert (status, body["tags"], body["degraded"]) == (200, {}, True)
    status, body = await world.engine("POST", "/v1/calls", {"caller_number": CALLER})
    assert (status, body["code"]) == (503, "unavailable")
    async with world.merger.get("/readyz") as reply:
        assert (reply.status, list((await reply.json())["missing"])) == (503, ["store"])


async def test_text_that_isnt_text_is_refused_by_name(world: World, subtests: pytest.Subtests) -> None:
    await world.hit("c1")
    headers = {
        "Authorization": f"Bearer {world.company.engine_key.secret}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for field in ("disposition=%ff", "recording_url=https://a/%ff", "disposition=%00"):
        with subtests.test(field):
            async with world.merger.post("/v1/calls/c1/end", data=field.encode(), headers=headers) as reply:
                body = await reply.json(content_type=None)
                assert (reply.status, body["code"], body["field"]) == (422, "invalid_field", field.partition("=")[0])


async def test_text_in_the_query_that_isnt_utf8_is_refused_and_never_replaced(world: World) -> None:
    await world.hit("c1")
    path = f"/v1/calls/c1/end?key={world.company.engine_key.secret}&disposition=%ff"
    async with world.merger.post(URL(path, encoded=True)) as reply:
        body = await reply.json(content_type=None)
        assert (reply.status, body["code"], body["field"]) == (422, "invalid_field", "disposition")


async def test_the_key_may_come_in_the_form(world: World) -> None:
    form = {"key": world.company.engine_key.secret, "caller_number": CALLER, "call_uuid": "c1"}
    async with world.merger.post("/v1/calls", data=form) as reply:
        assert reply.status == 201
    async with world.merger.post("/v1/calls/c1/end", data={"key": world.company.engine_key.secret}) as reply:
        assert (reply.status, (await reply.json())["status"]) == (200, "completed")


async def test_a_compressed_body_is_refused_rather_than_misread(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.company.engine_key.secret}", "Content-Encoding": "gzip"}
    async with world.merger.post("/v1/calls", data=b"\x1f\x8b", headers=headers) as reply:
        assert (reply.status, (await reply.json(content_type=None))["code"]) == (415, "unsupported_media_type")


async def test_a_body_that_doesnt_come_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read_postback.BODY_SECONDS", 0.05)
    for door, path in ((world.merger, "/v1/calls"), (world.ingest, "/data_writing")):
        async with Connection(str(door.make_url(""))) as connection:
            await connection.send(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na".encode())
            assert (await connection.receive()).status == 408


async def test_a_body_that_cant_be_read_is_refused(world: World, subtests: pytest.Subtests) -> None:
    for content_type, body, code in (
        ("application/json", "{", "invalid_body"),
        ("application/json", "[]", "invalid_body"),
        ("text/xml", "<a/>", "unsupported_media_type"),
    ):
        with subtests.test(content_type, body=body):
            headers = {"Authorization": f"Bearer {world.company.engine_key.secret}", "Content-Type": content_type}
            async with world.merger.post("/v1/calls/c1/end", data=body.encode(), headers=headers) as reply:
                assert (await reply.json(content_type=None))["code"] == code
