"""What a person sees while a file is posted: a bar with the rate on a terminal, elsewhere a line now and then."""

import time
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from callstamp.bookmark import Bookmark

LINE_EVERY_SECONDS = 5.0


class PostProgress:
    """Of one run; what an earlier one had posted counts as done, but not for the rate."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._size = None if name == "-" else Path(name).stat().st_size
        self._console = Console(highlight=False, stderr=True)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._began_at = self._said_at = time.monotonic()
        self._had = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, bookmark: Bookmark) -> None:
        self._had = bookmark.received
        if bookmark.offset:
            self._say(f"going on behind line {bookmark.lines:,}, where it ended last time")
        if self._console.is_terminal:
            columns = [
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:3.0f} %"),
                TimeRemainingColumn(),
            ]
            self._bar = Progress(*columns, console=self._console)
            self._task = self._bar.add_task("", total=self._size, completed=bookmark.offset)
            self._bar.start()
        self._began_at = self._said_at = time.monotonic()

    def advance(self, bookmark: Bookmark) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=bookmark.offset, description=self._count(bookmark))
        elif time.monotonic() - self._said_at >= LINE_EVERY_SECONDS:
            self._said_at = time.monotonic()
            share = f"{bookmark.offset / self._size:.0%} of the file, " if self._size else ""
            self._say(share + self._count(bookmark))

    def say_trouble(self, reason: str, seconds: float) -> None:
        self._say(f"{reason}; trying again in {seconds:.1f} s")

    def say_stopped(self, bookmark: Bookmark, reason: str) -> None:
        what_next = (
            "the same command goes on there" if self._size is not None else "what came through the pipe must be piped again"
        )
        self._say(f"{reason}; posted up to line {bookmark.lines:,}, {what_next}")

    def say_done(self, bookmark: Bookmark, refused_file: Path) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=bookmark.offset, description="")
            self._bar.stop()
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(bookmark.outcomes.items())) or "nothing taken"
        refused = f"; {bookmark.refused:,} refused, they are in {refused_file}" if bookmark.refused else ""
        self._say(f"{self._count(bookmark)}: {outcomes}{refused}")

    def _count(self, bookmark: Bookmark) -> str:
        seconds = max(time.monotonic() - self._began_at, 0.001)
        return f"{bookmark.received:,} postbacks, {(bookmark.received - self._had) / seconds:,.0f} a second"

    def _say(self, text: str) -> None:
        console = self._bar.console if self._bar is not None else self._console
        console.print(f"{self._name}: {text}", markup=False, soft_wrap=True)
