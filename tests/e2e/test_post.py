"""`callstamp post`: each line of a file is posted once, whatever breaks on the way, and it is said which lines were refused."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from tests.e2e.conftest import PROJECT, Running

LOGGED_SECONDS = 60.0
POSTED_SECONDS = 300.0
"""For a file of so many batches that it isn't done before it can be stopped."""


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
    deadline = time.monotonic() + LOGGED_SECONDS
    while len(found := count_in_log(running, run)) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} callers are in the log"
        time.sleep(0.1)
    return found


def start_posting(running: Running, file: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "callstamp", "post", str(file), *words],
        env=running.environ,
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_bookmark(file: Path, posting: "subprocess.Popen[str]", behind: int = 0) -> dict[str, Any]:
    """What the bookmark says once batches were posted behind that offset."""
    bookmark = file.with_name(file.name + ".bookmark.json")
    deadline = time.monotonic() + 60
    while True:
        assert posting.poll() is None, "it was done before it could be stopped"
        assert time.monotonic() < deadline
        if bookmark.exists() and (said := json.loads(bookmark.read_text()))["offset"] > behind:
            return dict(said)
        time.sleep(0.002)


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


def test_a_file_is_posted_to_its_end_though_it_was_killed_and_every_line_counts_once(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 202, 30_000)
    posted = 0
    for _ in range(3):
        posting = start_posting(running, file, "--items", "20")
        posted = wait_for_bookmark(file, posting, behind=posted)["offset"]
        posting.send_signal(signal.SIGKILL)
        posting.communicate()
    done = running.run("post", str(file), timeout=POSTED_SECONDS)
    assert done.returncode == 0, done.stderr
    assert "going on behind line" in done.stderr
    assert "30,000 postbacks" in done.stderr
    assert Counter(wait_for_log(running, 202, 30_000).values()) == {1: 30_000}
    assert [path.name for path in tmp_path.iterdir()] == ["leads.ndjson"]


def test_what_was_posted_but_not_bookmarked_when_it_was_killed_has_no_second_effect(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 203, 10_000)
    bookmark = tmp_path / "leads.ndjson.bookmark.json"
    posting = start_posting(running, file, "--items", "20")
    early = wait_for_bookmark(file, posting)
    assert posting.communicate(timeout=POSTED_SECONDS)[1].endswith("stored\n")
    bookmark.write_text(json.dumps(early))  # as if it had died after the first batches, all the others on their way
    assert running.run("post", str(file), "--items", "500", timeout=POSTED_SECONDS).returncode == 0
    assert Counter(wait_for_log(running, 203, 10_000).values()) == {1: 10_000}

    bookmark.write_text(json.dumps(early | {"run": "another"}))  # the check can see a second effect
    assert running.run("post", str(file), timeout=POSTED_SECONDS).returncode == 0
    deadline = time.monotonic() + LOGGED_SECONDS
    while set(count_in_log(running, 203).values()) == {1}:
        assert time.monotonic() < deadline, "the check is blind"
        time.sleep(0.1)


def test_a_store_that_stands_still_is_waited_for(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 204, 20_000)
    with redis.Redis.from_url(running.ready["redis_url"], protocol=2) as client:
        store = int(client.info("server")["process_id"])
    posting = start_posting(running, file, "--items", "20")
    wait_for_bookmark(file, posting)
    os.kill(store, signal.SIGSTOP)
    try:
        assert posting.stderr
        assert "answered 503 unavailable; trying again in" in posting.stderr.readline()
    finally:
        os.kill(store, signal.SIGCONT)
    assert posting.communicate(timeout=POSTED_SECONDS)[1].count("20,000 postbacks") == 1
    assert posting.returncode == 0
    assert Counter(wait_for_log(running, 204, 20_000).values()) == {1: 20_000}


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


def test_a_file_that_was_changed_before_the_bookmark_isnt_gone_on_with(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 208, 10_000)
    posting = start_posting(running, file, "--items", "20")
    wait_for_bookmark(file, posting)
    posting.send_signal(signal.SIGKILL)
    posting.communicate()
    file.write_text(file.read_text().replace(caller(208, 0), caller(208, 9_999_999)))
    done = running.run("post", str(file))
    assert done.returncode == 1
    assert "the file was changed" in done.stderr


@pytest.mark.long
def test_a_million_lines_take_no_more_memory_than_a_few_batches(running: Running, tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "leads.ndjson", 3, 1_000_000)
    posting = start_posting(running, file)
    most = 0
    while posting.poll() is None:
        held = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{posting.pid}/status").read_text())
        most = max(most, int(held[1]) if held else 0)
        time.sleep(0.1)
    print(posting.communicate()[1], f"most memory: {most // 1024} MiB")
    assert posting.returncode == 0
    assert 20 * 1024 < most < 150 * 1024
