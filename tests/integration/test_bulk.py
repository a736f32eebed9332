"""Many postbacks in one request: each item alone, in all formats, compressed or not."""

import gzip
import io
import json
from typing import Any

import pytest

from ingest.read_bulk import zstd
from tests.waiting import wait_for
from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster

NDJSON = "application/x-ndjson"


async def send(
    world: World, items: Any, path: str = "/v1/postbacks", content_type: str = NDJSON, **headers: str
) -> tuple[int, Any, Any]:
    """Post items (or a body as it is); status, headers, and the reply's JSON, a list of it when it has lines."""
    if isinstance(items, bytes):
        body = items
    elif content_type == NDJSON:
        body = b"\n".join(json.dumps(item).encode() for item in items)
    else:
        body = json.dumps(items).encode()
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {world.company.key.secret}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    async with world.ingest.post(path, data=io.BytesIO(body), headers=headers) as reply:
        text = await reply.text()
        if reply.content_type == NDJSON:
            return reply.status, reply.headers, [json.loads(line) for line in text.splitlines()]
        return reply.status, reply.headers, json.loads(text)


def caller(number: int) -> str:
    return f"+1555{number:07d}"


def items(count: int, **tags: str) -> list[dict[str, Any]]:
    return [{"caller_number": caller(number), "tag_values": {"n": str(number)} | tags} for number in range(count)]


async def test_each_item_is_taken(world: World) -> None:
    status, _, body = await send(world, items(1000))
    assert (status, body) == (200, {"received": 1000, "outcomes": {"stored": 1000}, "refused": 0, "errors": []})
    assert await world.look_up(caller(0)) == {"n": "0"}
    assert await world.look_up(caller(999)) == {"n": "999"}
    log = await world.log()
    assert len(log) == len({row["id"] for row in log}) == 1000
    assert {row["caller_number"] for row in log} == {caller(number) for number in range(1000)}
    assert {(row["outcome"], row["replayed"], row["code"]) for row in log} == {("stored", False, None)}
    assert all(json.loads(row["tag_values"]) == {"n": str(int(row["caller_number"][5:]))} for row in log)


async def test_a_bad_item_is_refused_alone(world: World) -> None:
    sent = [
        {"caller_number": caller(1), "tag_values": {"a": "1"}},
        {"caller_number": "anonymous", "tag_values": {"a": "1"}},
        {"caller_number": caller(2), "tag_values": {}},
        {"caller_number": caller(3), "tag_values": {"a": ["no"]}},
        {"tag_values": {"a": "1"}},
        {"caller_number": caller(4), "zip": "1"},
        {"call_uuid": "nobody", "tag_values": {"a": "1"}},
        "text",
        {"caller_number": caller(5), "tag_values": {"a": 1, "b": None, "c": True, "d": 2**70, "e": 1.5}},
    ]
    status, _, body = await send(world, sent)
    assert status == 200
    assert body["outcomes"] == {"stored": 2}
    assert body["refused"] == 7
    assert [(error["index"], error["code"]) for error in body["errors"]] == [
        (1, "invalid_caller_number"),
        (2, "no_tags"),
        (3, "invalid_tag"),
        (4, "missing_caller_number"),
        (5, "invalid_body"),
        (6, "call_not_found"),
        (7, "invalid_body"),
    ]
    assert await world.look_up(caller(5)) == {"a": "1", "b": "", "c": "true", "d": str(2**70), "e": "1.5"}


BODIES = [
    (NDJSON, b'\n{"caller_number":"5551230001","tag_values":{"a":"1"}}\r\n\n'),
    ("application/json", b' [ {"caller_number":"5551230002","tag_values":{"a":"1"}} ]'),
    ("application/json; charset=utf-8", b'[{"tag_values":{"a":1},"call_uuid":"","caller_number":5551230003}]'),
    ("text/csv", b"caller_number,a,b\r\n5551230004,1,\r\n"),
    ("text/csv", b"\xef\xbb\xbfb,caller_number,call_uuid,a\n\n,(555) 123-0005,,1\n"),
]
"""Each about a caller of its own, with the tag a=1."""


async def test_a_body_is_read_as_what_it_says_it_is(world: World, subtests: pytest.Subtests) -> None:
    for number, (content_type, body) in enumerate(BODIES, 1):
        with subtests.test(content_type, body=body):
            status, _, reply = await send(world, body, content_type=content_type)
            assert (status, reply["outcomes"]) == (200, {"stored": 1}), reply
            assert await world.look_up(f"+1555123000{number}") == {"a": "1"}


async def test_a_body_that_cannot_be_read_at_all_is_refused(world: World, subtests: pytest.Subtests) -> None:
    for content_type, body, code in (
        ("text/plain", b"x", "unsupported_media_type"),
        ("application/x-www-form-urlencoded", b"a=1", "unsupported_media_type"),
        ("application/json", b"{}", "invalid_body"),
        ("application/json", b"[{]", "invalid_body"),
        ("application/json", b"\xff", "invalid_body"),
        ("text/csv", b"phone,a\n1,2", "invalid_body"),
        ("text/csv", b"", "invalid_body"),
    ):
        with subtests.test(content_type, body=body):
            status, _, reply = await send(world, body, content_type=content_type)
            assert reply["code"] == code
            assert status == (415 if code == "unsupported_media_type" else 400)


async def test_an_odd_line_is_that_lines_trouble(world: World) -> None:
    good = b'{"caller_number":"+15551230000","tag_values":{"a":"1"}}'
    bad = [
        b"\xff",
        b"{" * 5000,
        b'{"a":NaN}',
        good + good,
        b'{"caller_number":"+15551230001","tag_values":{"a":"\\ud800"}}',
        b"\x00",
    ]
    status, _, reply = await send(world, b"\n".join([good, *bad, good]))
    assert status == 200
    assert reply["outcomes"] == {"stored": 2}
    assert {error["code"] for error in reply["errors"]} == {"invalid_body"}
    assert [error["index"] for error in reply["errors"]] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
async def test_a_compressed_body_is_inflated(world: World, encoding: str, compress: Any) -> None:
    raw = b"\n".join(json.dumps(item).encode() for item in items(500))
    half = len(raw) // 2
    status, _, reply = await send(world, compress(raw[:half]) + compress(raw[half:]), Content_Encoding=encoding)
    assert (status, reply["outcomes"]) == (200, {"stored": 500})
    for broken in (compress(raw)[:-5], raw, compress(raw) + b"x"):
        status, _, reply = await send(world, broken, Content_Encoding=encoding)
        assert (status, reply["code"]) == (400, "invalid_body")
    status, _, reply = await send(world, compress(b"\n" * 9_000_000), Content_Encoding=encoding)
    assert (status, reply["code"]) == (413, "body_too_large")


async def test_too_much_is_refused_as_a_whole(world: World) -> None:
    status, _, reply = await send(world, b'{"tag_values":{}}\n' * 10_001)
    assert (status, reply["code"]) == (413, "body_too_large")
    status, _, reply = await send(world, b"x" * (8 * 1024 * 1024 + 1))
    assert (status, reply["code"]) == (413, "body_too_large")
    status, _, reply = await send(world, b"")
    assert (status, reply["received"]) == (200, 0)


async def test_a_wrong_key_is_told_so(world: World) -> None:
    status, _, reply = await send(world, items(1), Authorization="Bearer nonsense")
    assert (status, reply["code"]) == (401, "invalid_postback_key")
    status, _, reply = await send(world, items(1), path="/v1/postbacks?key=" + world.company.key.secret, Authorization="")
    assert (status, reply["outcomes"]) == (200, {"stored": 1})


async def test_every_result_can_be_asked_for(world: World) -> None:
    await world.hit("call-1", caller(0))
    sent = [*items(2), {"caller_number": "none", "tag_values": {"a": "1"}}, {"call_uuid": "call-1", "tag_values": {"late": "1"}}]
    status, _, lines = await send(world, sent, path="/v1/postbacks?results=all")
    assert status == 200
    assert [(line["index"], line["outcome"], line["code"]) for line in lines] == [
        (0, "stored_for_call", None),
        (1, "stored", None),
        (2, "refused", "invalid_caller_number"),
        (3, "stored_for_call", None),
    ]
    assert [line["expires_at"] is not None for line in lines] == [True, True, False, False]
    log = {str(row["id"]): row for row in await world.log()}
    assert log[lines[0]["postback_id"]]["call_uuids"] == ["call-1"]
    assert log[lines[1]["postback_id"]]["caller_number"] == caller(1)
    assert log[lines[3]["postback_id"]]["call_uuids"] == ["call-1"]
    assert (await world.call("call-1"))["tags"] == {"n": "0", "late": "1"}


async def test_the_later_of_two_items_about_one_caller_counts(world: World) -> None:
    sent = [{"caller_number": CALLER, "tag_values": {"n": str(number), f"tag{number % 7}": "x" * 300}} for number in range(500)]
    status, _, reply = await send(world, sent)
    assert (status, reply["outcomes"]) == (200, {"stored": 500})
    assert (await world.look_up())["n"] == "499"


async def test_refused_items_are_in_the_log_under_the_ids_that_were_told(world: World) -> None:
    sent = [*items(1), {"caller_number": "nobody", "tag_values": {"a": "1"}}, {"caller_number": CALLER, "tag_values": {}}]
    _, _, lines = await send(world, sent, path="/v1/postbacks?results=all")
    log = await wait_for(lambda: world.log(outcome="refused"), lambda rows: len(rows) >= 2)
    assert {(row["code"], row["caller_number"], str(row["id"])) for row in log} == {
        ("invalid_caller_number", None, lines[1]["postback_id"]),
        ("no_tags", CALLER, lines[2]["postback_id"]),
    }
