"""The scripts run on Redis 7.0 as they do on Valkey. Debian's `redis-server` is that version; without it the test is skipped."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ingest.errors import RateLimited
from ingest.merger.call_store import CallStore
from ingest.rates import Rates
from ingest.read_back import ReadBack
from ingest.read_postback import Postback
from ingest.store import Store
from ingest.tag_buffer import Outcome, TagBuffer
from schemas.kept_rows import PostbackKeyRow
from tests.waiting import wait_for_sync

CALLER = "+15551230000"
KEY = PostbackKeyRow(9, 1, 1, 3, "US", 60_000, 60_000, False, False, False, False, [])


@pytest.fixture
def redis_7_url(tmp_path: Path) -> Iterator[str]:
    """A durable Redis of the machine's own packages."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server isn't installed: it is the Debian package redis-server")
    path = tmp_path / "redis.sock"
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "dir": str(tmp_path),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    process = subprocess.Popen([binary, *words], stdout=subprocess.DEVNULL)
    try:

        def answers() -> bool:
            assert process.poll() is None
            return _answers(path)

        wait_for_sync(answers)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(10).startswith(b"+PONG")
        except OSError:
            return False


async def test_the_whole_story_is_the_same_on_redis_7(redis_7_url: str) -> None:
    store = Store(redis_7_url, timeout_seconds=30)
    await store.start()
    buffer, calls = TagBuffer(store), CallStore(store, 14_400)
    assert (await buffer.write(KEY, Postback({"a": "1"}, CALLER), None)).outcome == Outcome.STORED
    assert (await buffer.write(KEY, Postback({"a": "2", "b": "ü"}, CALLER), None)).outcome == Outcome.STORED
    assert await calls.add_event(1, "c1", "answer", {"answered_by": 5}) is None
    created, call = await calls.hit(1, CALLER, "c1", {"campaign_id": 7})
    assert created
    assert {tag.name: tag.value for tag in call.tags} == {"a": "2", "b": "ü"}
    assert (call.campaign_id, call.answered_by, call.answered_at is not None) == (7, 5, True)
    assert (await buffer.write(KEY, Postback({"c": "3"}, CALLER), None)).outcome == Outcome.STORED_FOR_CALL
    assert (await buffer.write(KEY, Postback({"d": "4"}, None, "c1"), None)).outcome == Outcome.STORED_FOR_CALL
    await calls.add_event(1, "c1", "end", {})
    assert (await buffer.write(KEY, Postback({"e": "5"}, CALLER), None)).outcome == Outcome.APPLIED
    found = await calls.find(1, "c1")
    assert found is not None
    assert {tag.name: tag.value for tag in found.tags} == {"a": "2", "b": "ü", "c": "3", "d": "4", "e": "5"}
    assert [tag.name for tag in await calls.look_up(1, CALLER)] == ["a", "b", "c"]
    assert await store.run("expire", b"{p000}", 20) == 0
    read_back = ReadBack(store)
    assert [(tag.name, tag.value) for tag in await read_back.find(KEY, CALLER)] == [("a", "2"), ("b", "ü"), ("c", "3")]
    assert await read_back.cancel(KEY, CALLER) == 3
    limited = msgspec.structs.replace(KEY, rate_limit=1000, company_rate_limit=5)
    assert (await Rates(store).take(limited, 5))["RateLimit-Policy"] == '"key";q=1000;w=1, "company";q=5;w=1'
    with pytest.raises(RateLimited):
        await Rates(store).take(limited, 5)
    await store.stop()
