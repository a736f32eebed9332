"""A stop that is asked for between the start of a process and the knowledge of it comes once both are there."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from shared.uninterrupted import STOP_SIGNALS, uninterrupted


class Stopped(Exception):
    pass


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_stop_waits_for_the_end_and_comes_once(number: signal.Signals) -> None:
    done = []

    def hear_two() -> None:
        with uninterrupted():
            signal.raise_signal(number)
            signal.raise_signal(signal.SIGINT)
            done.append(True)

    with pytest.raises(Stopped, match=number.name):
        hear_two()
    assert done


def test_without_one_nothing_comes_and_stops_work_as_before() -> None:
    with uninterrupted():
        pass
    with pytest.raises(Stopped, match="SIGINT"):
        signal.raise_signal(signal.SIGINT)


def test_what_fails_meanwhile_fails_and_stops_work_as_before() -> None:
    with pytest.raises(OSError, match="no such program"), uninterrupted():
        raise OSError("no such program")
    with pytest.raises(Stopped):
        signal.raise_signal(signal.SIGTERM)
