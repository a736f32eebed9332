"""What a test that reached its time limit says: where each task of its event loop waits, which the stack of the thread doesn't show."""

import asyncio
import signal
import traceback
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import Any


def show_tasks_at_time_limit() -> None:
    """Make the timer that pytest-timeout has just set print the stacks of all tasks before it fails the test."""
    fail = signal.getsignal(signal.SIGALRM)
    if not callable(fail):  # it isn't set by signal
        return

    def show_and_fail(number: int, frame: FrameType | None) -> None:
        print("\n".join(list_task_stacks()))
        fail(number, frame)

    signal.signal(signal.SIGALRM, show_and_fail)


def list_task_stacks() -> Iterator[str]:
    """The name of each unfinished task of the running loop, and below it its stack, the innermost line last."""
    with suppress(RuntimeError):  # no loop runs
        for task in asyncio.all_tasks():
            yield f"task {task.get_name()}:"
            yield from (line.rstrip() for line in traceback.format_list(_stack_of(task.get_coro())))


def _stack_of(awaited: Any) -> list[traceback.FrameSummary]:
    """The frames from a coroutine down to what it waits for at last."""
    frames: list[tuple[FrameType, int]] = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None) or getattr(awaited, "ag_frame", None)
        if frame is not None:
            frames.append((frame, frame.f_lineno))
        awaited = (
            getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None) or getattr(awaited, "ag_await", None)
        )
    return list(traceback.StackSummary.extract(iter(frames)))
