"""The end of a load test: a line for each kind of request, its budget kept or missed, and the exit code that follows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from locust.stats import RequestStats, StatsEntry
from rich.console import Console
from rich.table import Table

EXIT_MISSED = 1


class Line(NamedTuple):
    """One kind of request of one person; times in milliseconds."""

    name: str
    requests: int
    failures: int
    shed: int
    per_second: float
    p50: float
    p95: float
    p99: float
    budget: float

    @property
    def verdict(self) -> str:
        if not self.requests:
            return "nobody asked"
        if self.failures:
            return "failures"
        return "kept" if self.p99 <= self.budget else "missed"


def list_lines(stats: RequestStats, shed: Mapping[str, int], budgets: Mapping[str, float], patience: float) -> Iterator[Line]:
    """A line for each budget, also for what nobody asked: a run that leaves out a kind of request says nothing of it."""
    seconds = max(stats.total.last_request_timestamp or 0, 1) - (stats.total.start_time or 0)
    for name, most in budgets.items():
        all_methods = StatsEntry(stats, name, "")
        for (named, _), entry in stats.entries.items():
            if named == name:
                all_methods.extend(entry)
        times = [all_methods.get_response_time_percentile(share) for share in (0.5, 0.95, 0.99)]
        rate = all_methods.num_requests / max(seconds, 1)
        counts = all_methods.num_requests, all_methods.num_failures, shed.get(name, 0)
        yield Line(name, *counts, rate, *times, most * patience)


def announce(
    stats: RequestStats, shed: Mapping[str, int], mistakes: Iterable[str], budgets: Mapping[str, float], patience: float
) -> int:
    """Print the table, what went wrong, and the people's own mistakes; answers the exit code."""
    console = Console(highlight=False)
    lines = list(list_lines(stats, shed, budgets, patience))
    console.print(_draw(lines))
    for error in stats.errors.values():
        console.print(f"{error.occurrences:,} x {error.name}: {error.error}", markup=False)
    mistakes = list(mistakes)
    for mistake in mistakes:
        console.print(f"a person's own mistake: {mistake}", markup=False)
    bad = [line for line in lines if line.verdict != "kept"]
    console.print(f"\n{len(lines) - len(bad)} of {len(lines)} budgets kept, {stats.total.num_failures:,} failures")
    return EXIT_MISSED if bad or mistakes or stats.total.num_failures else 0


def _draw(lines: Iterable[Line]) -> Table:
    table = Table("who: what", box=None, header_style="dim", padding=(0, 1))
    for heading in ("requests", "failures", "shed", "a second", "p50 ms", "p95 ms", "p99 ms", "budget"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for line in lines:
        colour = "green" if line.verdict == "kept" else "red"
        figures = [f"{line.per_second:,.1f}", *(f"{time:,.0f}" for time in (line.p50, line.p95, line.p99, line.budget))]
        table.add_row(
            line.name, f"{line.requests:,}", f"{line.failures:,}", f"{line.shed:,}", *figures, f"[{colour}]{line.verdict}[/]"
        )
    return table
