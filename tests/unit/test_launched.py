"""A process that is looked at while a stop comes can still be waited for, at whatever moment the stop comes."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from shared.launch import launch
from shared.uninterrupted import STOP_SIGNALS
from tests.waiting import WAIT_SECONDS

SLEEP = ["/bin/sleep", "600"]


class Stopped(Exception):
    pass


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stop_at_each_line(look: Callable[[], object]) -> int:
    """Call `look` again and again, each time with a stop at the next line of Popen's code; return how many lines it has."""
    number = 0
    while True:
        number += 1
        passed = 0

        def trace(frame: FrameType, event: str, _: Any, number: int = number) -> Any:
            nonlocal passed
            if frame.f_code.co_filename == subprocess.__file__ and event == "line":
                passed += 1
                if passed == number:
                    signal.raise_signal(signal.SIGTERM)
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            with suppress(Stopped, subprocess.TimeoutExpired):
                look()
        finally:
            sys.settrace(before)
        if passed < number:
            return number


@pytest.mark.parametrize("timeout", [None, 0])
def test_a_stop_at_any_line_leaves_a_process_that_can_be_waited_for(timeout: float | None) -> None:
    with open("/dev/null", "wb") as output:  # noqa: PTH123 - a device
        process = launch(SLEEP, output=output, environ={})
    assert stop_at_each_line(process.poll if timeout is None else lambda: process.wait(timeout)) > 5
    process.kill()
    assert process.wait(WAIT_SECONDS) == -signal.SIGKILL


def test_the_check_sees_a_process_that_cant() -> None:
    process = subprocess.Popen(SLEEP)
    stop_at_each_line(process.poll)
    process.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process._waitpid_lock.release()  # type: ignore[attr-defined]  # else nobody can wait for it
    process.wait()
