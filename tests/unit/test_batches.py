"""A file of postbacks is cut into batches where items end, and nothing of it is lost, doubled or changed."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callstamp import batches
from callstamp.batches import Batch, Kind, Place, PostbackFile, find_kind
from callstamp.command_failed import CommandFailed

CSV = (
    b"\xef\xbb\xbfcaller_number,name,note\r\n"
    b'+15551230000,Ann,"says ""hi"""\r\n'
    b"\r\n"
    b'+15551230001,"two\r\nlines, one cell",\r\n'
    b"+15551230002,\xff,last"
)


def read(content: bytes, kind: Kind, most_items: int = 2, start: Place | None = None) -> list[Batch]:
    file = PostbackFile(io.BytesIO(content), kind)
    if start:
        file.go_on_at(start)
    return list(file.read_batches(most_items))


def test_lines_are_sent_as_they_stand_and_blank_ones_are_left_out() -> None:
    first, second = read(b'{"a":1}\n\n{"a":2}\r\n  \n{"a":3}', Kind.NDJSON)
    assert (first.body, second.body) == (b'{"a":1}\n{"a":2}\r\n', b'{"a":3}')
    assert [item.line_number for batch in (first, second) for item in batch.items] == [1, 3, 5]


def test_each_batch_of_a_csv_begins_with_the_names_and_a_record_is_never_cut() -> None:
    first, second = read(CSV, Kind.CSV)
    names = CSV[: CSV.index(b"\n") + 1]
    assert first.body == names + b'+15551230000,Ann,"says ""hi"""\r\n' + b'+15551230001,"two\r\nlines, one cell",\r\n'
    assert second.body == names + b"+15551230002,\xff,last"
    assert [item.line_number for batch in (first, second) for item in batch.items] == [2, 4, 6]


cells = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=8)
tricky = st.sampled_from(['"', '""', "\n", "\r\n", ",", "é", " "])


@given(rows=st.lists(st.lists(st.one_of(cells, tricky), min_size=3, max_size=3), max_size=12), most=st.integers(1, 4))
def test_a_csv_in_batches_says_what_it_says_as_a_whole(rows: list[list[str]], most: int) -> None:
    import csv

    text = io.StringIO(newline="")
    csv.writer(text).writerows([["caller_number", "a", "b"], *rows])
    parts = read(text.getvalue().encode(), Kind.CSV, most)
    shown = [row for part in parts for row in list(csv.reader(io.StringIO(part.body.decode(), newline="")))[1:]]
    assert shown == rows
    for earlier, later in pairwise(parts):
        assert earlier.end == later.start


@pytest.mark.parametrize(("content", "kind"), [(CSV, Kind.CSV), (b'{"a":1}\n\n{"a":2}\n{"a":3}\n{"a":4}\n', Kind.NDJSON)])
def test_reading_goes_on_at_the_end_of_any_batch_as_if_it_had_never_stopped(content: bytes, kind: Kind) -> None:
    whole = read(content, kind, 1)
    assert len(whole) >= 3
    for done, batch in enumerate(whole, 1):
        assert read(content, kind, 1, batch.end) == whole[done:]


def test_a_batch_is_no_larger_than_a_request_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_BYTES", 200_000)
    line = b'{"caller_number":"+15551230000","tag_values":{"a":"%b"}}\n' % (b"x" * 30_000)
    parts = read(line * 20, Kind.NDJSON, 10_000)
    assert sum(len(part.items) for part in parts) == 20
    assert max(len(part.body) for part in parts) <= 200_000
    assert len(parts[0].body) > 150_000


def test_a_quote_that_is_never_closed_is_found_before_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_BYTES", 200_000)
    rows = b"caller_number,a\n+15551230000,x\n" + b'+15551230001,"open\n' + b"+15551230002,y\n" * 50_000
    with pytest.raises(CommandFailed, match=r"line \d+ is too long"):
        read(rows, Kind.CSV, 10)


def test_a_csv_without_the_column_that_says_who_is_refused_at_once() -> None:
    with pytest.raises(CommandFailed, match="names the columns"):
        read(b"number,a\n+15551230000,1\n", Kind.CSV)


def test_a_file_is_what_its_name_or_its_beginning_says() -> None:
    assert find_kind("leads.csv", b"{") is Kind.CSV
    assert find_kind("leads.ndjson", b"a,b") is Kind.NDJSON
    assert find_kind("-", b' {"caller_number"') is Kind.NDJSON
    assert find_kind("leads.txt", b"caller_number,zip") is Kind.CSV
