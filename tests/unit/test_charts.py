"""Columns as they are drawn, and which times they stand for."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from admin.pages.charts import HEIGHT, MOST_COLUMNS, Column, columns_of_postbacks, draw
from admin.pages.postback_reply import REFUSED_WITH
from ingest import errors as of_ingest
from schemas.admin.dashboard import PostbackBucket, PostbackFigures
from shared import errors as of_all
from shared.errors import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pieces_stand_one_on_the_other_and_none_is_above_the_scale() -> None:
    chart = draw([Column(name="a", at=None, parts={"x": 3, "y": 4}), Column(name="b", at=None, parts={})], ("x", "y"))
    lower, upper = chart.columns[0].pieces
    assert lower.y + lower.height == pytest.approx(HEIGHT, abs=0.2)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert chart.lines[-1] == (8, 0)
    assert chart.columns[1].pieces == []
    assert chart.total == 7


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 99, 1_234_567])
def test_the_scale_holds_the_largest_and_its_lines_are_whole_numbers(count: int) -> None:
    chart = draw([Column(name="a", at=None, parts={"x": count})], ("x",))
    assert chart.lines[-1][0] >= count
    assert all(isinstance(line, int) for line, _ in chart.lines)


@pytest.mark.parametrize(
    ("length", "bucket"),
    [(timedelta(hours=1), 60), (timedelta(days=1), 3600), (timedelta(days=7), 3600), (timedelta(days=31), 86_400)],
)
def test_no_time_is_left_out_and_nothing_is_lost(length: timedelta, bucket: int) -> None:
    buckets = [PostbackBucket(at=NOON - timedelta(seconds=bucket * n), outcomes={"stored": 1}) for n in range(5)]
    figures = PostbackFigures(outcomes={"stored": 5}, bucket_seconds=bucket, buckets=buckets)
    columns, seconds = columns_of_postbacks(figures, NOON - length, NOON + timedelta(seconds=5))
    assert sum(column.total for column in columns) == 5
    assert len(columns) <= MOST_COLUMNS
    times = [column.at for column in columns if column.at]
    assert {after - before for before, after in itertools.pairwise(times)} == {timedelta(seconds=seconds)}


def test_each_refusal_is_replied_with_its_status() -> None:
    """What the console makes again of the log is what ingest says."""
    kinds = [kind for module in (of_ingest, of_all) for kind in vars(module).values() if isinstance(kind, type)]
    statuses = {kind.code: kind.status for kind in kinds if issubclass(kind, Refusal) and kind is not Refusal}
    assert {code: statuses[code] for code in REFUSED_WITH} == REFUSED_WITH
    assert {
        kind.code for kind in vars(of_ingest).values() if isinstance(kind, type) and kind.__module__ == "ingest.errors"
    } <= set(REFUSED_WITH)
