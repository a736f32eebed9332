"""`callstamp post`: each line of a file is posted once, whatever breaks on the way, and it is said which lines were refused."""

import asyncio
import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from tests.e2e.companies import send_request
from tests.e2e.conftest import Running, Started, memory_folder
from tests.waiting import wait_for_sync

POSTED_SECONDS = 300.0
"""For a file of so many batches that it isn't done before it can be stopped."""

SLOW_RATE = 40
"""Postbacks a second of a key with which a file takes so long that it can be stopped on its way."""

LINES = 1_000


class SlowKey:
    """A postback key of the demo publisher with a low rate limit, until it is lifted."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._company, self._token = f"{ready['admin_url']}/v1/companies/{ready['company_id']}", ready["api_token"]
        fields = {"name": "Slow", "rate_limit_per_second": SLOW_RATE}
        keys = f"{self._company}/publishers/{ready['publisher_id']}/postback-keys"
        made = send_request("POST", keys, body=fields, bearer=self._token).body
        self._id, self.environ = made["id"], {"CALLSTAMP_POSTBACK_KEY": made["key"]}
        url = f"{ready['ingest_url']}/data_writing"
        wait_for_sync(lambda: send_request("POST", url, bearer=made["key"]).status, 400, "ingest to know the postback key")

    def lift_limit(self) -> None:
        reply = send_request(
            "PATCH", f"{self._company}/postback-keys/{self._id}", body={"rate_limit_per_second": None}, bearer=self._token
        )
        assert reply.status == 200, reply


@pytest.fixture
def slow_key(running: Running) -> SlowKey:
    return SlowKey(running.ready)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory: the bookmark beside a file is synced to the disk with each batch."""
    with memory_folder() as folder:
        yield folder


def caller(run: int, number: int) -> str:
    """A caller of one test alone."""
    return f"+1{run}{number:07}"


def write_ndjson(path: Path, run: int, count: int) -> Path:
    items = ({"caller_number": caller(run, number), "tag_values": {"n": str(number)}} for number in range(count))
    with path.open("w") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
    return path


def count_in_log(running: Running, run: int) -> Counter[str]:
    """How often each caller of a test is in the postback log as taken."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(running.ready["postgres_url"])
        try:
            return list(
                await connection.fetch(
                    "select caller_number from postback_log where caller_number like $1 and outcome <> 'refused'",
                    f"+1{run}%",
                )
            )
        finally:
            await connection.close()

    return Counter(row["caller_number"] for row in asyncio.run(ask()))


def wait_for_log(running: Running, run: int, count: int) -> Counter[str]:
    """The same once so many callers are there."""
    found: Counter[str] = wait_for_sync(
        lambda: count_in_log(running, run), lambda found: len(found) >= count, f"{count} callers in the postback log"
    )
    return found


def wait_for_bookmark(file: Path, posting: Started, behind: int = 0) -> dict[str, Any]:
    """What the bookmark says once batches were posted behind that offset."""
    bookmark = file.with_name(file.name + ".bookmark.json")

    def look() -> dict[str, Any]:
        assert posting.process.poll() is None, f"it was done before it could be stopped: {posting.said}"
        return dict(json.loads(bookmark.read_text())) if bookmark.exists() else {"offset": 0}

    found: dict[str, Any] = wait_for_sync(look, lambda found: found["offset"] > behind, f"the bookmark behind {behind}")
    return found


def test_a_csv_is_posted_and_refused_lines_are_kept_with_their_numbers(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    rows = [f"{caller(201, number)},9411{number % 10}," for number in range(300)]
    rows[7] = f'{caller(201, 7)},"a cell\r\nof two lines",'
    rows[150] = "anonymous,94110,x"
    file.write_text("\r\n".join(["caller_number,zip,note", *rows]), newline="")
    done = running.run("post", str(file), "--items", "100", "--compress", "gzip")
    assert done.returncode == 3, done.stderr
    assert "300 postbacks" in done.stderr
    assert "298 stored; 2 refused" in done.stderr
    refused = [json.loads(line) for line in (tmp_path / "leads.csv.refused.ndjson").read_text().splitlines()]
    assert [(line["line"], line["code"]) for line in refused] == [(9, "invalid_tag"), (153, "invalid_caller_number")]
    assert refused[1]["text"] == rows[150]
    assert set(wait_for_log(running, 201, 298).values()) == {1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "leads.csv.refused.ndjson"]


@pytest.mark.parametrize(("run", "lines"), [(202, LINES), pytest.param(212, 30_000, marks=pytest.mark.long)])
def test_a_file_is_posted_to_its_end_though_it_was_killed_and_every_line_counts_once(
    running: Running, tmp_path: Path, slow_key: SlowKey, run: int, lines: int
) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", run, lines)
    posted = 0
    for _ in range(3):
        posting = running.start("post", str(file), "--items", "20", **slow_key.environ)
        posted = wait_for_bookmark(file, posting, behind=posted)["offset"]
        running.stop(posting, signal.SIGKILL)
    slow_key.lift_limit()
    done = running.run("post", str(file), timeout=POSTED_SECONDS, **slow_key.environ)
    assert done.returncode == 0, done.stderr
    assert "going on behind line" in done.stderr
    assert f"{lines:,} postbacks" in done.stderr
    assert Counter(wait_for_log(running, run, lines).values()) == {1: lines}
    assert [path.name for path in tmp_path.iterdir()] == ["leads.ndjson"]


def test_what_was_posted_but_not_bookmarked_when_it_was_killed_has_no_second_effect(
    running: Running, tmp_path: Path, slow_key: SlowKey
) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 203, LINES)
    bookmark = tmp_path / "leads.ndjson.bookmark.json"
    posting = running.start("post", str(file), "--items", "20", **slow_key.environ)
    early = wait_for_bookmark(file, posting)
    slow_key.lift_limit()
    assert posting.wait_for_end(POSTED_SECONDS).endswith("stored\n")
    bookmark.write_text(json.dumps(early))  # as if it had died after the first batches, all the others on their way
    assert running.run("post", str(file), "--items", "500", timeout=POSTED_SECONDS, **slow_key.environ).returncode == 0
    assert Counter(wait_for_log(running, 203, LINES).values()) == {1: LINES}

    bookmark.write_text(json.dumps(early | {"run": "another"}))  # the check can see a second effect
    assert running.run("post", str(file), timeout=POSTED_SECONDS, **slow_key.environ).returncode == 0
    twice = {1: early["lines"], 2: LINES - early["lines"]}
    wait_for_sync(lambda: Counter(count_in_log(running, 203).values()), twice, "how many callers are in the log once and twice")


def test_a_store_that_stands_still_is_waited_for(running: Running, tmp_path: Path, slow_key: SlowKey) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 204, LINES)
    with redis.Redis.from_url(running.ready["redis_url"], protocol=2) as client:
        store = int(client.info("server")["process_id"])
    posting = running.start("post", str(file), "--items", "20", **slow_key.environ)
    wait_for_bookmark(file, posting)
    os.kill(store, signal.SIGSTOP)
    try:
        wait_for_sync(
            lambda: posting.said, lambda said: "answered 503 unavailable; trying again in" in said, "what is said meanwhile"
        )
    finally:
        os.kill(store, signal.SIGCONT)
    slow_key.lift_limit()
    assert posting.wait_for_end(POSTED_SECONDS).count(f"{LINES:,} postbacks") == 1
    assert posting.process.returncode == 0
    assert Counter(wait_for_log(running, 204, LINES).values()) == {1: LINES}


def test_lines_can_be_piped(running: Running) -> None:
    lines = "".join(json.dumps({"caller_number": caller(205, n), "tag_values": {"a": "1"}}) + "\n" for n in range(50))
    done = running.run("post", "-", "--compress", "zstd", said=lines)
    assert done.returncode == 0, done.stderr
    assert len(wait_for_log(running, 205, 50)) == 50


def test_an_unknown_key_is_said_and_nothing_was_posted(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 206, 10)
    done = running.run("post", str(file), CALLSTAMP_POSTBACK_KEY="cs_pk_nobody")
    assert done.returncode == 1
    assert "refused with 401 invalid_postback_key" in done.stderr
    later = json.dumps({"caller_number": caller(209, 0), "tag_values": {"a": "1"}})
    assert running.run("post", "-", said=later).returncode == 0
    wait_for_log(running, 209, 1)  # so what was posted before it would be there, too
    assert not count_in_log(running, 206)


def test_a_server_that_isnt_there_is_given_up_and_the_bookmark_stays(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 207, 10)
    words = ("--url", "http://127.0.0.1:1", "--give-up-after", "0.1")
    done = running.run("post", str(file), *words, CALLSTAMP_POSTBACK_KEY="cs_pk_any")
    assert done.returncode == 75, done.stderr
    assert "the same command goes on there" in done.stderr
    elsewhere = running.run("post", str(file))
    assert elsewhere.returncode == 1
    assert "was begun with http://127.0.0.1:1" in elsewhere.stderr


def test_a_file_that_was_changed_before_the_bookmark_isnt_gone_on_with(
    running: Running, tmp_path: Path, slow_key: SlowKey
) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 208, LINES)
    posting = running.start("post", str(file), "--items", "20", **slow_key.environ)
    wait_for_bookmark(file, posting)
    running.stop(posting, signal.SIGKILL)
    file.write_text(file.read_text().replace(caller(208, 0), caller(208, 9_999_999)))
    done = running.run("post", str(file))
    assert done.returncode == 1
    assert "the file was changed" in done.stderr


@pytest.mark.long
def test_a_million_lines_take_no_more_memory_than_a_few_batches(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 3, 1_000_000)
    posting = running.start("post", str(file))
    most = 0
    while posting.process.poll() is None:
        held = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{posting.process.pid}/status").read_text())
        most = max(most, int(held[1]) if held else 0)
        time.sleep(0.1)
    print(posting.said, f"most memory: {most // 1024} MiB")
    assert posting.process.returncode == 0
    assert 20 * 1024 < most < 150 * 1024
