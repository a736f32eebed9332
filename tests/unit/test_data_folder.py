"""A JSON file is replaced whole, by one process at a time, and a process that was killed meanwhile leaves nothing for good."""

import json
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from callstamp.data_folder import find_json, write_private

WRITERS, WRITES = 4, 200


def write_often(path: Path, number: int) -> int:
    """Returns how often the file was read and was not one of those written."""
    wrong = 0
    for size in range(WRITES):
        write_private(path, {"writer": number, "filler": "x" * size})
        wrong += find_json(path) is None
    return wrong


def test_writers_at_once_leave_a_whole_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    with ProcessPoolExecutor(WRITERS) as pool:
        assert list(pool.map(write_often, [path] * WRITERS, range(WRITERS))) == [0] * WRITERS
    assert len(json.loads(path.read_text())["filler"]) == WRITES - 1
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    (tmp_path / "ready.json.unfinished").write_text('{"a much longer beginning of a file": "that was never fini')
    write_private(path, {"pid": 1})
    assert find_json(path) == {"pid": 1}
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_link_that_stands_there_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "ready.json.unfinished").symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"):
        write_private(tmp_path / "ready.json", {"pid": 1})
    assert other.read_text() == "untouched"
