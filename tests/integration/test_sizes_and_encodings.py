"""Guarantees 24, 26 and 27: whatever its size and spelling, bad input gets a clear answer, quickly, and is neither echoed nor logged."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest import read_postback
from shared.door import SLICE_BYTES, Door
from shared.errors import InvalidBody
from tests.conftest import CheckFigure
from tests.connection import Connection, Reply
from tests.world import World

SECRET = "do-not-echo-me"
NUMBER = "caller_number=%2B15551230000"
HEAD = "Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
ROUNDS = 5
MEGABYTE = SECRET + "x" * 1_000_000


def url_of(world: World) -> str:
    return str(world.ingest.make_url("")).rstrip("/")


async def answer(world: World, *pieces: bytes) -> Reply:
    """Send the pieces, as far as they are taken, and answer the first reply."""
    async with Connection(url_of(world)) as connection:

        async def send() -> None:
            try:
                for piece in pieces:
                    await connection.send(piece)
            except ConnectionError:
                pass  # it was refused before its end

        sending = asyncio.create_task(send())
        try:
            return await connection.receive()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


GET = "GET /data_writing?"
CHUNKED = f"POST /data_writing?key=k HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()

TOO_LARGE: dict[str, tuple[list[bytes], int, str]] = {
    "an address": ([f"{GET}a={MEGABYTE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()], 414, "uri_too_long"),
    "an address in pieces": ([f"{GET}a={SECRET}".encode(), *[b"x" * 1000] * 20], 414, "uri_too_long"),
    "a header": ([f"{GET}a=1 HTTP/1.1\r\nHost: x\r\nX-Long: {MEGABYTE}\r\n\r\n".encode()], 431, "headers_too_large"),
    "a header's name": (
        [f"{GET}a=1 HTTP/1.1\r\nHost: x\r\n{SECRET}{'x' * 20_000}: 1\r\n\r\n".encode()],
        431,
        "headers_too_large",
    ),
    "many headers": (
        [f"{GET}a=1 HTTP/1.1\r\nHost: x\r\n{''.join(f'{SECRET}-{n}: 1{chr(13)}{chr(10)}' for n in range(5000))}\r\n".encode()],
        431,
        "headers_too_large",
    ),
    "a body by its length": (
        [f"POST /data_writing?key=k HTTP/1.1\r\n{HEAD}Content-Length: {len(MEGABYTE)}\r\n\r\n".encode(), MEGABYTE.encode()],
        413,
        "body_too_large",
    ),
    "a body in chunks, of no length": ([CHUNKED, *[chunk(SECRET.encode() + b"x" * 10_000)] * 50], 413, "body_too_large"),
    "a body in chunks of a byte": ([CHUNKED, chunk(b"x") * 70_000], 413, "body_too_large"),
    "a chunk's length": ([CHUNKED, b"F" * 17 + b"\r\n"], 400, "bad_request"),
}


async def test_what_is_too_large_has_its_own_word_and_no_echo(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests
) -> None:
    for what, (pieces, status, code) in TOO_LARGE.items():
        with subtests.test(what):
            reply = await answer(world, *pieces)
            assert (reply.status, json.loads(reply.body)["code"]) == (status, code)
            printed = capsys.readouterr()
            for place in (reply.head, reply.body, caplog.text.encode(), printed.out.encode(), printed.err.encode()):
                assert SECRET.encode() not in place
                assert b"Traceback" not in place


async def test_what_hangs_on_a_chunk_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Extensions and trailers of a chunked body are headers of a kind that nobody asks for."""
    monkeypatch.setattr(read_postback, "BODY_SECONDS", 0.3)  # the end of a trailer is waited for, in production for 10 s
    monkeypatch.setitem(world.ingest.server.runner.server._kwargs, "lingering_time", 0.3)  # and after the reply for as long again
    for pieces in (
        [CHUNKED, b"1;" + MEGABYTE.encode() + b"\r\na\r\n0\r\n\r\n"],
        [CHUNKED, b"0\r\nX: " + MEGABYTE.encode() + b"\r\n\r\n"],
    ):
        reply = await answer(world, *pieces)
        assert 400 <= reply.status < 500
        assert SECRET.encode() not in reply.head + reply.body


async def test_a_body_shorter_than_it_says_is_waited_for_and_then_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_postback, "BODY_SECONDS", 0.3)
    key = world.company.key.secret
    reply = await answer(
        world, f"POST /data_writing?key={key}&{NUMBER} HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\na=1".encode()
    )
    assert (reply.status, json.loads(reply.body)["code"]) == (408, "request_timeout")
    assert await world.look_up() == {}


async def test_what_comes_behind_a_body_is_no_part_of_it(world: World) -> None:
    """At once with it, both are refused: nobody can say where the one ends. Later, it is a request of its own, and no good one."""
    key = world.company.key.secret
    request = f"POST /data_writing?key={key}&{NUMBER} HTTP/1.1\r\n{HEAD}Content-Length: 3\r\n\r\na=1".encode()
    behind = f"{SECRET}\r\n\r\n".encode()
    reply = await answer(world, request + behind)
    assert (reply.status, json.loads(reply.body)["code"]) == (400, "bad_request")
    assert await world.look_up() == {}
    async with Connection(url_of(world)) as connection:
        await connection.send(request)
        assert json.loads((await connection.receive()).body)["tag_values"] == {"a": "1"}
        await connection.send(behind)
        reply = await connection.receive()
        assert (reply.status, json.loads(reply.body)["code"]) == (400, "bad_request")
        await connection.closed_after()
        assert SECRET.encode() not in reply.head + reply.body


async def test_a_large_body_that_comes_at_once_is_read_whole(world: World) -> None:
    """It is parsed a slice at a time, and what follows it is the next request."""
    key = world.company.key.secret
    tags = {f"t{n}": str(n) * 200 for n in range(90)}
    body = "&".join(f"{name}={value}" for name, value in tags.items()).encode()
    assert len(body) > 2 * SLICE_BYTES
    request = f"POST /data_writing?key={key}&{NUMBER} HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body
    async with Connection(url_of(world)) as connection:
        await connection.send(request * 5 + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(5):
            assert json.loads((await connection.receive()).body)["tag_values"] == tags
        assert (await connection.receive()).status == 200


@pytest.fixture
def frozen_heap() -> Iterator[None]:
    """Keeps what pytest holds from the garbage collector, as services do with what they hold when they start."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def read_delay() -> float:
    """Returns for how many seconds this thread has waited for a processor so far: the machine's delay, not the product's."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


async def test_a_turn_of_the_loop_parses_one_slice_of_a_body(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp asks for more after every chunk; if each time scheduled a slice, one turn would parse them all."""
    slices, take_slice = [], Door._take_slice
    monkeypatch.setattr(Door, "_take_slice", lambda door: (slices.append(door), take_slice(door)))
    pieces, status, _ = TOO_LARGE["a body in chunks of a byte"]
    assert (await answer(world, *pieces)).status == status
    assert 1 < len(slices) <= 2 * sum(map(len, pieces)) / SLICE_BYTES + 10


@asynccontextmanager
async def watching_the_loop() -> AsyncIterator[list[float]]:
    """Measures how much later than asked the event loop comes round, in seconds, without what the machine delays it."""
    late: list[float] = []

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before, delay_before = loop.time(), read_delay()
            await asyncio.sleep(0.001)
            late.append(loop.time() - before - 0.001 - (read_delay() - delay_before))

    watcher = asyncio.create_task(watch())
    yield late
    watcher.cancel()


@pytest.mark.long
@pytest.mark.usefixtures("frozen_heap")
async def test_nothing_too_large_holds_up_the_loop(world: World, check_figure: CheckFigure) -> None:
    for what, (pieces, _, _) in TOO_LARGE.items():
        async with watching_the_loop() as late:
            for _ in range(ROUNDS):
                await answer(world, *pieces)
                await asyncio.sleep(0.01)
        check_figure(f"{what}: the loop is held up for, in s", max(late), at_most=0.020)


async def test_the_check_sees_a_loop_that_is_held_up() -> None:
    async with watching_the_loop() as late:
        await asyncio.sleep(0.01)
        time.sleep(0.05)  # noqa: ASYNC251 - what it is to be seen
        await asyncio.sleep(0.01)
    assert max(late) > 0.020


ODD_BUT_SOUND = {
    "a=1;b=2": {"a": "1;b=2"},
    "a=1&a=2": {"a": "2"},
    "a": {"a": ""},
    "a=%zz": {"a": "%zz"},
    "a=%25ff": {"a": "%ff"},
    "%F0%9F%98%80=1": {"\U0001f600": "1"},
    "a=%EF%BB%BFx": {"a": "\ufeffx"},
    "a=%EF%BF%BD": {"a": "\ufffd"},  # a replacement character that was sent as one
}


async def test_odd_but_sound_spellings_are_kept_exactly(world: World, subtests: pytest.Subtests) -> None:
    for number, (query, tags) in enumerate(ODD_BUT_SOUND.items()):
        with subtests.test(query):
            caller = f"+1555123000{number}"
            path = f"/data_writing?key={world.company.key.secret}&caller_number=%2B{caller[1:]}&{query}"
            status, _, body = await world.send("GET", path)
            assert (status, body["tag_values"]) == (200, tags)
            assert await world.look_up(caller) == tags


async def test_odd_bytes_in_keys_numbers_and_uuids_are_refused(world: World, subtests: pytest.Subtests) -> None:
    key = world.company.key.secret
    for odd in ("%00", "%0d%0a", "%ff", "%C0%AF", "%ED%A0%80", "%FE%FF", "%F5%80%80%80"):
        for path, status in (
            (f"/data_writing?key={key}{odd}&{NUMBER}&a=1", 401),
            (f"/data_writing/{key}{odd}?{NUMBER}&a=1", 401),
            (f"/data_writing?key={key}&{NUMBER}{odd}&a=1", 422),
            (f"/data_writing?key={key}&call_uuid=c1{odd}&a=1", 404),
        ):
            with subtests.test(path):
                assert (await world.send("GET", path))[0] == status
                assert await world.look_up() == {}


async def test_a_tag_without_a_name_is_refused(world: World) -> None:
    for query in ("=1", "a=1&=2", "%20=1&=x"):
        status, _, body = await world.send("GET", f"/data_writing?key={world.company.key.secret}&{NUMBER}&{query}")
        assert (status, body["code"]) == (422, "invalid_tag")
    assert await world.look_up() == {}


CORPUS = [
    b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1e999}', b'{"a":' * 12_000, b"[" * 60_000, b'{"a":1} x', b'{"a":1}\x00',
    b'\xef\xbb\xbf{"a":1}',     b'{"a":"\\ud800"}', b'{"a":"\\udc00\\ud800"}', b'{"\\ud800":1}', b'{"a":"\xff"}',
    b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}',
    b'{"a":0x1}', b'{"a":1.}', b'{"a":.5}', b'{"a":+1}', b'{"a":-}', b'{"a":01}', b'{"a":tru}', b'{"a":1,}', b"{a:1}", b"{'a':1}",
    b'{"a":"\n"}', b'{"a":"\\x41"}', b'{"a":"\\u00"}', b'{"a"}', b'{"a":}', b"{,}", b'{"a":1 "b":2}', b"//\n{}", b'{"a":1}{"b":2}', b"{",
    b"", b"\x00", b"null", b"[]", b'"a"', b"1", b"true", b'{"a":' + b"9" * 60_000 + b".}", b'{"a":1e' + b"9" * 60_000 + b"}",
]  # fmt: skip


async def test_what_isnt_a_flat_json_object_is_refused_by_name(world: World, subtests: pytest.Subtests) -> None:
    path = f"/data_writing?key={world.company.key.secret}&{NUMBER}"
    for sent in CORPUS:
        with subtests.test(str(sent[:40])):
            status, _, body = await world.send("POST", path, {"Content-Type": "application/json"}, sent)
            assert (status, body["code"]) == ((400, "invalid_body") if sent else (400, "no_tags"))
            assert await world.look_up() == {}


async def test_long_integers_and_repeated_names_in_json_are_fine(world: World) -> None:
    body = b'{"big":18446744073709551616,"bigger":' + b"9" * 4000 + b',"a":1,"a":2}'
    status, _, reply = await world.send(
        "POST", f"/data_writing?key={world.company.key.secret}&{NUMBER}", {"Content-Type": "application/json"}, body
    )
    assert (status, reply["tag_values"]) == (200, {"big": "18446744073709551616", "bigger": "9" * 4000, "a": "2"})
    assert await world.look_up() == reply["tag_values"]


async def test_a_json_body_too_large_is_refused_as_such(world: World) -> None:
    body = b'{"a":"' + b"x" * 70_000 + b'"}'
    status, _, reply = await world.send("POST", "/data_writing", {"Content-Type": "application/json"}, body)
    assert (status, reply["code"]) == (413, "body_too_large")


@pytest.mark.long
@pytest.mark.usefixtures("frozen_heap")
def test_bad_json_is_refused_within_five_milliseconds(check_figure: CheckFigure) -> None:
    seconds = []
    for body in filter(None, CORPUS):
        for _ in range(ROUNDS):
            started = time.thread_time()
            with pytest.raises(InvalidBody):
                read_postback._parse_json(body)
            seconds.append(time.thread_time() - started)
    check_figure("bad JSON is refused after at most, in s of a processor", max(seconds), at_most=0.005)
