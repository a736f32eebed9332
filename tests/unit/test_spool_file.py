"""A file of the spool: what it keeps, whose it is, and what it refuses to be."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.spool_file import SpoolFile, SpoolUnusable, list_numbers, open_file

MOST_BYTES = 2**20
HOLD_THE_SECOND = """
import sys
from pathlib import Path
from ingest.spool_file import open_file

file = open_file(Path(sys.argv[1]), 2, 2**20)
file.add([(1, b"x")])
print("held", flush=True)
sys.stdin.read()
"""


def opened(folder: Path, number: int = 1, most_bytes: int = MOST_BYTES) -> SpoolFile:
    file = open_file(folder, number, most_bytes)
    assert file is not None
    return file


def test_postbacks_are_read_in_the_order_in_which_they_came_also_after_a_restart(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.add([(20, b"a"), (10, b"b")])
    file.add([(30, b"c")])
    file.close()
    file = opened(tmp_path)
    assert [row.packed for row in file.read(0, 10)] == [b"a", b"b", b"c"]
    assert [row.packed for row in file.read(file.read(0, 1)[0].id, 1)] == [b"b"]
    assert (file.rows, file.find_oldest_ms()) == (3, 20)
    file.drop([row.id for row in file.read(0, 2)])
    assert [row.packed for row in file.read(0, 10)] == [b"c"]
    file.close()


def test_what_is_added_is_on_disk(tmp_path: Path) -> None:
    file = opened(tmp_path)
    assert [file._ask(f"pragma {name}") for name in ("journal_mode", "synchronous", "secure_delete")] == ["wal", 2, 1]
    file.close()


def test_a_file_belongs_to_one_process_until_that_ends(tmp_path: Path) -> None:
    file = opened(tmp_path)
    assert open_file(tmp_path, 1, MOST_BYTES) is None
    command = [sys.executable, "-c", HOLD_THE_SECOND, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert open_file(tmp_path, 2, MOST_BYTES) is None
        other.kill()
        other.wait()
    left = opened(tmp_path, 2)
    assert (left.rows, list_numbers(tmp_path)) == (1, [1, 2])
    left.close()
    file.close()


def test_a_full_file_takes_nothing_more_keeps_what_it_has_and_takes_again_once_it_has_room(tmp_path: Path) -> None:
    file = opened(tmp_path, most_bytes=2**17)
    kept = 0

    def fill() -> None:
        nonlocal kept
        while kept < 1000:
            file.add([(kept, os.urandom(2000))])
            kept += 1

    with pytest.raises(sqlite3.OperationalError, match="full"):
        fill()
    assert 20 < kept == file.rows == len(file.read(0, 1000))
    assert file.count_bytes() <= 2**17
    assert file.path.stat().st_size <= 2**17
    file.drop([row.id for row in file.read(0, 10)])
    file.add([(1, os.urandom(2000))])
    file.drop([row.id for row in file.read(0, 1000)])
    file.tidy()
    assert (file.rows, file.count_bytes()) == (0, 0)
    assert file.path.stat().st_size < 2**15
    file.close()


def test_a_transaction_that_fails_keeps_nothing_of_it(tmp_path: Path) -> None:
    file = opened(tmp_path, most_bytes=2**16)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        file.add([(1, os.urandom(2000))] * 100)
    assert (file.rows, file.read(0, 10)) == (0, [])
    file.close()


def test_others_may_not_read_what_is_in_it(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.add([(1, b"x")])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    file.close()


@pytest.mark.parametrize("at", [0, 5000])
def test_a_broken_file_is_refused_with_the_reason(tmp_path: Path, at: int) -> None:
    file = opened(tmp_path)
    file.add([(1, b"x" * 3000)] * 10)
    file.close()
    with (tmp_path / "001.sqlite").open("r+b") as raw:
        raw.seek(at)
        raw.write(b"\xff" * 4096)
    with pytest.raises(SpoolUnusable, match=r"001\.sqlite"):
        open_file(tmp_path, 1, MOST_BYTES)


def test_a_file_of_a_later_format_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with sqlite3.connect(tmp_path / "001.sqlite") as raw:
        raw.execute("pragma user_version = 2")
    raw.close()
    with pytest.raises(SpoolUnusable, match="format 2"):
        open_file(tmp_path, 1, MOST_BYTES)
