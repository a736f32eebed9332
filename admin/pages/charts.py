"""Charts as the templates draw them: columns in percent of the width, so that they fit any screen, and heights in pixels."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from schemas.admin.dashboard import CallsOverTime, PostbackFigures
from schemas.admin.reports import ReportRow

HEIGHT = 180
MOST_COLUMNS = 62
LABELS = 6
OUTCOMES = ("stored_for_call", "applied", "stored", "accepted", "not_stored", "refused")
PARTS_OF_CALLS = ("answered", "unanswered")
TAGGED = ("with_tags", "without_tags")


class Column(Struct, frozen=True, kw_only=True):
    """What there was at a time, or of a group, by parts. `at` None: it isn't a time."""

    name: str
    at: datetime | None
    parts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.parts.values())


class Piece(Struct, frozen=True):
    """A part of a column as a rectangle."""

    part: str
    y: float
    height: float


class Drawn(Struct, frozen=True, kw_only=True):
    """A column as it is drawn, `x` and `width` in percent."""

    column: Column
    x: float
    width: float
    pieces: list[Piece]


class Chart(Struct, frozen=True, kw_only=True):
    """Columns, lines to read them by, and what stands below them."""

    columns: list[Drawn]
    parts: list[str]
    lines: list[tuple[int, float]]
    labels: list[tuple[float, Column]]
    has_days: bool
    height: int = HEIGHT

    @property
    def total(self) -> int:
        return sum(drawn.column.total for drawn in self.columns)


def draw(columns: Sequence[Column], parts: Sequence[str]) -> Chart:
    """The columns one beside the other; parts that are nowhere aren't named."""
    top = _round_up(max((column.total for column in columns), default=0))
    slot = 100 / max(1, len(columns))
    times = [column.at for column in columns if column.at]
    has_days = len(times) > 1 and times[-1] - times[0] > timedelta(days=2)
    return Chart(
        columns=[_draw_column(column, parts, top, number * slot, slot) for number, column in enumerate(columns)],
        parts=[part for part in parts if any(column.parts.get(part) for column in columns)],
        lines=[(top * n // 4, HEIGHT * (1 - n / 4)) for n in range(5)] if top >= 4 else [(0, HEIGHT), (top, 0)],
        labels=[
            ((number + 0.5) * slot, column)
            for number, column in enumerate(columns)
            if _is_labelled(number, columns, has_days=has_days)
        ],
        has_days=has_days,
    )


def _is_labelled(number: int, columns: Sequence[Column], *, has_days: bool) -> bool:
    """Whether something stands below the column: below the first of a day where a day has several, else below each so many."""
    at = columns[number].at
    if (
        has_days
        and at
        and len(columns) > 1
        and columns[1].at
        and columns[0].at
        and columns[1].at - columns[0].at < timedelta(days=1)
    ):
        return at.hour == 0
    return number % max(1, -(-len(columns) // LABELS)) == 0


def _draw_column(column: Column, parts: Sequence[str], top: int, x: float, slot: float) -> Drawn:
    pieces, below = [], 0
    for part in parts:
        if count := column.parts.get(part, 0):
            below += count
            pieces.append(Piece(part, round(HEIGHT * (1 - below / top), 1), round(HEIGHT * count / top, 1)))
    gap = min(slot * 0.2, 1.5)
    return Drawn(column=column, x=round(x + gap / 2, 3), width=round(slot - gap, 3), pieces=pieces)


def _round_up(most: int) -> int:
    """The end of the scale: a number whose quarters are whole, if it is large enough to have any."""
    if most < 4:
        return max(1, most)
    power = 4
    while True:
        for factor in (1, 2, 3, 5):
            if power * factor >= most:
                return power * factor
        power *= 10


def columns_of_postbacks(figures: PostbackFigures, since: datetime, until: datetime) -> tuple[list[Column], int]:
    """A column for each part of the time, by outcome, and how many seconds it stands for."""
    return _columns_of_times(((bucket.at, bucket.outcomes) for bucket in figures.buckets), figures.bucket_seconds, since, until)


def columns_of_calls(figures: CallsOverTime, since: datetime, until: datetime) -> tuple[list[Column], int]:
    """The same of calls, with and without tags."""
    counts = (
        (bucket.at, {"with_tags": bucket.calls_with_tags, "without_tags": bucket.calls - bucket.calls_with_tags})
        for bucket in figures.buckets
    )
    return _columns_of_times(counts, figures.bucket_seconds, since, until)


def _columns_of_times(
    buckets: Iterable[tuple[datetime, Mapping[str, int]]], seconds: int, since: datetime, until: datetime
) -> tuple[list[Column], int]:
    """A column for each part of the time, also where nothing came, and how many seconds it stands for."""
    together = max(1, -(-int((until - since).total_seconds() // seconds + 1) // MOST_COLUMNS))
    if seconds == 3600 and together > 1:
        together = next((hours for hours in (2, 3, 4, 6, 12, 24) if hours >= together), together)
    width = seconds * together
    start = int(since.timestamp()) // width * width
    counts: dict[int, Counter[str]] = {at: Counter() for at in range(start, int(until.timestamp()) + 1, width)}
    for at, parts in buckets:
        counts.setdefault(int(at.timestamp()) // width * width, Counter()).update(parts)
    columns = [_column_at(at, parts, since.tzinfo) for at, parts in sorted(counts.items())]
    return columns, width


def _column_at(at: int, parts: Mapping[str, int], zone: object) -> Column:
    moment = datetime.fromtimestamp(at, zone)  # type: ignore[arg-type] # the time's own
    return Column(name=moment.strftime("%Y-%m-%d %H:%M UTC"), at=moment, parts=parts)


def columns_of_days(rows: Iterable[ReportRow]) -> list[Column]:
    """The newest days of a report."""
    newest = list(rows)[-MOST_COLUMNS:]
    return [
        Column(name=str(row.key), at=None, parts={"answered": row.answered, "unanswered": row.calls - row.answered})
        for row in newest
    ]
