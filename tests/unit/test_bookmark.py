"""How far a file was posted is known after a crash at any moment, and a doubt stops a run rather than doubling a line."""

import errno
import json
import os
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import pytest

from callstamp.batches import Batch, Kind, PostbackFile
from callstamp.bookmark import Bookmark, Ledger
from callstamp.command_failed import CommandFailed

LINES = b'{"n":1}\n{"n":2}\n{"n":3}\n'


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[BufferedReader]:
    (tmp_path / "leads.ndjson").write_bytes(LINES)
    with (tmp_path / "leads.ndjson").open("rb") as file:
        yield file


def open_ledger(posted: BufferedReader, **fields: Any) -> Ledger:
    beside = Path(posted.name).parent
    first = Bookmark(run="run", url="http://ingest", items=1, compression=None, size=len(LINES), **fields)
    return Ledger(beside / "bookmark.json", beside / "refused.ndjson", posted, first)


def cut(posted: BufferedReader) -> list[Batch]:
    posted.seek(0)
    return list(PostbackFile(posted, Kind.NDJSON).read_batches(1))


def answer(refused: bool) -> dict[str, Any]:
    errors = [{"index": 0, "code": "invalid_tag", "detail": "No."}] if refused else []
    return {"received": 1, "outcomes": {} if refused else {"stored": 1}, "refused": len(errors), "errors": errors}


def test_a_run_goes_on_behind_the_last_answered_batch_with_its_counts(posted: BufferedReader) -> None:
    first, second, _ = cut(posted)
    ledger = open_ledger(posted)
    ledger.start()
    ledger.turn_over(first, answer(refused=False))
    ledger.turn_over(second, answer(refused=True))
    again = open_ledger(posted)
    assert again.goes_on
    again.check_is_the_same()
    assert again.bookmark.place == second.end
    assert (again.bookmark.received, again.bookmark.outcomes, again.bookmark.refused) == (2, {"stored": 1}, 1)


def test_refused_lines_written_before_a_crash_and_not_counted_are_written_once(posted: BufferedReader) -> None:
    first, second, _ = cut(posted)
    ledger = open_ledger(posted)
    ledger.start()
    ledger.turn_over(first, answer(refused=True))
    refused_file = Path(posted.name).with_name("refused.ndjson")
    counted = refused_file.read_bytes()
    refused_file.write_bytes(counted + b'{"line":2,"code":"inv')
    again = open_ledger(posted)
    again.start()
    assert refused_file.read_bytes() == counted
    again.turn_over(second, answer(refused=True))
    assert [json.loads(line)["line"] for line in refused_file.read_text().splitlines()] == [1, 2]


def test_a_batch_has_the_same_name_in_its_run_and_another_in_any_other(posted: BufferedReader) -> None:
    first, second, _ = cut(posted)
    ledger = open_ledger(posted)
    ledger.start()
    name = ledger.name_of(first)
    assert open_ledger(posted).name_of(first) == name
    others = [
        ledger.name_of(second),
        ledger.name_of(first._replace(start=second.start)),
        ledger.name_of(first._replace(body=b"x")),
    ]
    ledger.close()
    others.append(
        Ledger(
            None, Path(posted.name).with_name("r"), posted, Bookmark(run="b", url="u", items=1, compression=None, size=1)
        ).name_of(first)
    )
    assert len({name, *others}) == 5


@pytest.mark.parametrize("content", ["", "{", "[]", '{"run": 1}'])
def test_a_bookmark_that_cant_be_read_stops_the_run(posted: BufferedReader, content: str) -> None:
    Path(posted.name).with_name("bookmark.json").write_text(content)
    with pytest.raises(CommandFailed, match="nobody knows how far"):
        open_ledger(posted)


def test_a_full_disk_stops_the_run_and_the_file_is_named(posted: BufferedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CommandFailed, match=r"bookmark\.json can't be written"):
        open_ledger(posted).start()


def test_when_all_is_posted_only_refused_lines_stay(posted: BufferedReader) -> None:
    ledger = open_ledger(posted)
    ledger.start()
    for batch, refused in zip(cut(posted), (False, True, False), strict=True):
        ledger.turn_over(batch, answer(refused=refused))
    ledger.close()
    assert sorted(path.name for path in Path(posted.name).parent.iterdir()) == ["leads.ndjson", "refused.ndjson"]


def test_what_was_added_to_the_file_after_the_start_isnt_part_of_the_run(posted: BufferedReader) -> None:
    with Path(posted.name).open("ab") as file:
        file.write(b'{"n":4}\n')
    batches = list(PostbackFile(posted, Kind.NDJSON, size=len(LINES) - 1).read_batches(2))
    assert b"".join(batch.body for batch in batches) == LINES[:-1]
