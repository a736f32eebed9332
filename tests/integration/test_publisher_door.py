"""What the publisher's door makes of shapes, sizes, methods and encodings."""

import json
from typing import Any

import pytest
from prometheus_client import REGISTRY

from ingest.app import create_app
from ingest.settings import IngestSettings
from tests.connection import Connection, Reply
from tests.service_processes import PATIENT_MS
from tests.world import DoorServer, World

NUMBER = "caller_number=%2B15551230000"


async def raw(world: World, request: bytes) -> Reply:
    """Sends bytes as they are. Returns status, head and body of the first reply."""
    async with Connection(str(world.ingest.make_url(""))) as connection:
        await connection.send(request)
        return await connection.receive()


async def test_body_over_query_over_path(world: World) -> None:
    key = world.company.key.secret
    status, _, body = await world.send(
        "POST",
        f"/data_writing/not-the-key?key={key}&{NUMBER}&a=query&b=query",
        {"Content-Type": "application/x-www-form-urlencoded"},
        "a=body&c=body",
    )
    assert status == 200
    assert body["tag_values"] == {"a": "body", "b": "query", "c": "body"}


async def test_the_bearer_key_wins_and_key_is_never_a_tag(world: World) -> None:
    headers = {"Authorization": f"bearer {world.company.key.secret}"}
    status, _, body = await world.send("GET", f"/data_writing?key=other&{NUMBER}&a=1", headers)
    assert (status, body["tag_values"]) == (200, {"a": "1"})
    status, _, body = await world.send(
        "POST", f"/data_writing?{NUMBER}", headers | {"Content-Type": "application/json"}, '{"key":"other","a":"1"}'
    )
    assert (status, body["tag_values"]) == (200, {"a": "1"})


async def test_a_body_without_content_type_is_a_form(world: World) -> None:
    status, _, body = await world.send("POST", f"/data_writing/{world.company.key.secret}", {}, f"{NUMBER}&a=1")
    assert (status, body["tag_values"]) == (200, {"a": "1"})


async def test_by_call_uuid_the_reply_names_the_call(world: World) -> None:
    await world.hit("c1")
    _, _, body = await world.send("GET", f"/data_writing?key={world.company.key.secret}&call_uuid=c1&a=1")
    assert json.dumps(body) == '{"tag_values": {"a": "1"}, "call_uuid": "c1", "status": "in progress call found, tags stored"}'


async def test_other_content_types_are_refused(world: World, subtests: pytest.Subtests) -> None:
    path = f"/data_writing?key={world.company.key.secret}&{NUMBER}"
    for content_type in ("text/plain", "multipart/form-data; boundary=x", "application/octet-stream", "nonsense"):
        with subtests.test(content_type):
            status, _, body = await world.send("POST", path, {"Content-Type": content_type}, "a=1")
            assert (status, body["code"]) == (415, "unsupported_media_type")


async def test_json_is_known_by_its_type_alone(world: World, subtests: pytest.Subtests) -> None:
    path = f"/data_writing?key={world.company.key.secret}&{NUMBER}"
    for content_type in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"):
        with subtests.test(content_type):
            status, _, _ = await world.send("POST", path, {"Content-Type": content_type}, '{"a":1}')
            assert status == 200


async def test_a_compressed_body_is_refused(world: World) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, _, body = await world.send(
        "POST", f"/data_writing?key={world.company.key.secret}&{NUMBER}", headers, b"\x1f\x8b\x08\x00"
    )
    assert (status, body["code"]) == (415, "unsupported_media_type")


async def test_refusals_come_in_their_order(world: World) -> None:
    """Shape, key, identifier, tags."""
    key = world.company.key.secret
    json_type = {"Content-Type": "application/json"}
    for path, body, code in (
        ("/data_writing?key=unknown", "{", "invalid_body"),
        ("/data_writing?key=unknown", '{"a":{}}', "invalid_postback_key"),
        (f"/data_writing?key={key}", '{"a":{}}', "missing_caller_number"),
        (f"/data_writing?key={key}&caller_number=x", '{"a":{}}', "invalid_caller_number"),
        (f"/data_writing?key={key}&{NUMBER}", '{"a":{}}', "invalid_tag"),
    ):
        assert (await world.send("POST", path, json_type, body))[2]["code"] == code


async def test_an_error_is_a_problem_document(world: World) -> None:
    status, headers, body = await world.send("GET", f"/data_writing?key={world.company.key.secret}&a=1")
    assert headers["Content-Type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "code", "detail"]
    assert (status, body["status"], body["title"], body["type"]) == (400, 400, "Bad Request", "about:blank")


async def test_other_methods_are_refused(world: World, subtests: pytest.Subtests) -> None:
    for method in ("HEAD", "PUT", "DELETE", "PATCH", "TRACE"):
        for path in ("/data_writing", f"/data_writing/{world.company.key.secret}"):
            with subtests.test(f"{method} {path}"):
                status, headers, _ = await world.send(method, f"{path}?key={world.company.key.secret}&{NUMBER}&a=1")
                assert status == 405
                assert headers["Allow"] == "GET, OPTIONS, POST"
                assert await world.log() == []


async def test_a_preflight_is_answered_before_any_key_is_known(world: World) -> None:
    status, headers, _ = await world.send(
        "OPTIONS", "/data_writing", {"Origin": "https://landing.example", "Access-Control-Request-Method": "POST"}
    )
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert "Content-Type" in headers["Access-Control-Allow-Headers"]


async def test_a_page_may_read_the_reply_and_the_refusal(world: World) -> None:
    origin = {"Origin": "https://landing.example"}
    for path, expected in ((f"/data_writing?key={world.company.key.secret}&{NUMBER}&a=1", 200), ("/data_writing?a=1", 401)):
        status, headers, _ = await world.send("GET", path, origin)
        assert (status, headers["Access-Control-Allow-Origin"]) == (expected, "*")


async def test_odd_encodings_are_refused_and_never_replaced(world: World, subtests: pytest.Subtests) -> None:
    key = world.company.key.secret
    for value in ("%00", "%0d%0a", "%ff", "%C0%AF", "%ED%A0%80", "%09"):
        for tag in (f"a={value}", f"{value}=a"):
            with subtests.test(tag):
                status, _, body = await world.send("GET", f"/data_writing?key={key}&{NUMBER}&{tag}")
                assert (status, body["code"]) == (422, "invalid_tag")
                status, _, body = await world.send("POST", f"/data_writing?key={key}&{NUMBER}", {}, tag)
                assert (status, body["code"]) == (422, "invalid_tag")
                assert await world.look_up() == {}


async def test_stored_text_is_exactly_what_was_sent(world: World, subtests: pytest.Subtests) -> None:
    texts = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "\u202eabc",
        "😀" * 600,
        "a;b&c=d",
        "%00",
        "\\u0000",
        "  ",
        "\u2028",
    ]
    for number, value in enumerate(texts):
        with subtests.test(value[:40]):
            caller = f"+1555123000{number}"
            reply = await world.post({"a": value}, caller)
            assert reply["tag_values"] == {"a": value}
            assert (await world.hit(f"c{number}", caller))["tags"] == {"a": value}
            await world.drain()
            kept = await world.postgres.fetchval("select tags from calls where call_uuid = $1", f"c{number}")
            assert json.loads(kept)["a"] == value
            (row,) = await world.log(caller_number=caller)
            assert json.loads(row["tag_values"]) == {"a": value}


async def test_raw_bytes_that_arent_utf8_are_an_invalid_tag(world: World) -> None:
    key = world.company.key.secret.encode()
    status, _, body = await raw(
        world,
        b"POST /data_writing?key=" + key + b"&" + NUMBER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=\xff",
    )
    assert (status, json.loads(body)["code"]) == (422, "invalid_tag")


async def test_too_long_addresses_headers_and_bodies_have_their_own_words(world: World, caplog: pytest.LogCaptureFixture) -> None:
    secret = "do-not-echo-me"
    long = secret + "x" * 20_000
    status, head, body = await raw(world, f"GET /data_writing?key={long} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (status, json.loads(body)["code"]) == (414, "uri_too_long")
    assert secret.encode() not in head + body
    status, head, body = await raw(world, f"GET /data_writing HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n".encode())
    assert (status, json.loads(body)["code"]) == (431, "headers_too_large")
    assert secret.encode() not in head + body
    headers = "".join(f"X-{n}: 1\r\n" for n in range(500))
    status, _, body = await raw(world, f"GET /data_writing HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    assert (status, json.loads(body)["code"]) == (431, "headers_too_large")
    status, _, body = await raw(
        world, b"POST /data_writing HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + b"a=" + b"x" * 69_998
    )
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert secret not in caplog.text


NO_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /data_writing?key=do-not-echo-me HTTP/9.9\r\n\r\n",
    b"GET /data_writing?key=do-not-echo-me HTTP/1.1\r\nBad Header\r\n\r\n",
    b"POST /data_writing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /data_writing HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
]


async def test_what_isnt_http_is_a_bad_request_without_echo_or_traceback(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests
) -> None:
    for request_bytes in NO_HTTP:
        with subtests.test(str(request_bytes)):
            status, head, body = await raw(world, request_bytes)
            assert (status, json.loads(body)["code"]) == (400, "bad_request")
            printed = capsys.readouterr()
            for place in (head + body, caplog.text.encode(), printed.out.encode(), printed.err.encode()):
                assert b"do-not-echo-me" not in place
                assert b"Traceback" not in place


async def test_a_body_with_a_broken_chunk_is_a_bad_request(world: World) -> None:
    status, _, body = await raw(
        world,
        f"POST /data_writing?key={world.company.key.secret} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n".encode()
        + b"\r\nzz\r\nhello\r\n0\r\n\r\n",
    )
    assert (status, json.loads(body)["code"]) == (400, "bad_request")


async def test_an_unknown_address_is_not_found(world: World) -> None:
    status, _, body = await world.send("GET", "/nothing")
    assert (status, body["code"]) == (404, "not_found")


async def test_the_same_number_is_meant_by_post_and_look_up_in_every_spelling(world: World) -> None:
    for number, spelling in enumerate(
        ("%205551230000", "(555)%20123-0000", "%2B1.555.123.0000", "0115551230000", "15551230000", "0015551230000")
    ):
        status, _, body = await world.send(
            "GET", f"/data_writing?key={world.company.key.secret}&caller_number={spelling}&a={number}"
        )
        async with world.merger.get(f"/v1/lookup?key={world.company.engine_key.secret}&caller_number={spelling}") as reply:
            looked_up: Any = await reply.json()
        if status == 200:
            assert looked_up["caller_number"] == body["caller_number"]
            assert looked_up["tags"] == {"a": str(number)}
        else:
            assert (status, looked_up["caller_number"]) == (422, None)


async def test_a_refusal_of_a_known_key_names_its_outcome(world: World) -> None:
    counted = REGISTRY.get_sample_value("callstamp_postbacks_total", {"outcome": "refused"}) or 0
    assert (await world.post({}))["outcome"] == "refused"
    assert REGISTRY.get_sample_value("callstamp_postbacks_total", {"outcome": "refused"}) == counted + 1
    _, headers, _ = await world.send("GET", "/data_writing?a=1")
    assert "Callstamp-Outcome" not in headers
    assert "Access-Control-Allow-Origin" not in headers  # nobody asked from a page


async def test_postbacks_and_refusals_are_counted_by_outcome_and_code(world: World) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0

    before = count("callstamp_postbacks_total", outcome="stored"), count("callstamp_refusals_total", code="no_tags")
    await world.post({"a": "1"})
    await world.post({})
    assert count("callstamp_postbacks_total", outcome="stored") == before[0] + 1
    assert count("callstamp_refusals_total", code="no_tags") == before[1] + 1
    async with world.ingest.get("/metrics") as reply:
        assert 'callstamp_postbacks_total{outcome="stored"}' in await reply.text()


async def test_the_source_address_is_taken_from_trusted_proxies_alone(
    world: World, redis_url: str, postgres_url: str, aiohttp_client: Any
) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 127.0.0.2"}
    path = f"/data_writing?key={world.company.key.secret}&{NUMBER}&a=1"
    await world.send("GET", path, forwarded)
    settings = IngestSettings(
        redis_url=redis_url, postgres_url=postgres_url, store_timeout_ms=PATIENT_MS, trusted_proxies=("127.0.0.0/8",)
    )
    world.ingest = await aiohttp_client(DoorServer(create_app(settings)))
    await world.send("GET", path, forwarded)
    await world.send("GET", path, {"X-Forwarded-For": "nonsense"})
    assert [str(row["source_ip"]) for row in await world.log()] == ["127.0.0.1", "198.51.100.7", "127.0.0.1"]
