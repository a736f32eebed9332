"""A stop is heard though Python dropped the exception that told of it, as it does in finalizers."""

import io
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import pytest
from rich.console import Console

from callstamp.letter_box import NewLetters
from callstamp.service_process import ServiceProcess
from callstamp.services import Service
from callstamp.stop_signals import StopSignals
from callstamp.up import wait_until_ready, watch
from shared.launch import Launched, launch
from shared.uninterrupted import STOP_SIGNALS


class StoppedWhileFinalized:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


class Part:
    """A part of Callstamp that runs; something is finalized whenever it is looked at."""

    looked_at = 0

    def find_end(self) -> str | None:
        self.looked_at += 1
        StoppedWhileFinalized()
        return None


class NeverReady(ServiceProcess):
    def _start(self, output: IO[bytes], environ: Mapping[str, str]) -> Launched:
        return launch(["/bin/sleep", "600"], output=output, environ=environ)


@pytest.fixture
def stop_signals() -> Iterator[StopSignals]:
    hook = sys.unraisablehook
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield StopSignals()
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_stop_is_raised_once(stop_signals: StopSignals, number: signal.Signals) -> None:
    stop_signals.check()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    signal.raise_signal(signal.SIGINT)


def test_a_stop_while_things_are_stopped_changes_nothing(stop_signals: StopSignals) -> None:
    stop_signals.mute()
    signal.raise_signal(signal.SIGINT)


def test_a_dropped_stop_is_found_and_nothing_is_printed_about_it(
    stop_signals: StopSignals, capfd: pytest.CaptureFixture[str]
) -> None:
    StoppedWhileFinalized()
    with pytest.raises(KeyboardInterrupt):
        stop_signals.check()
    assert capfd.readouterr() == ("", "")


def test_other_dropped_exceptions_are_printed(stop_signals: StopSignals, capfd: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("a fault of a finalizer")

    Broken()
    assert "ValueError: a fault of a finalizer" in capfd.readouterr().err


def test_what_is_up_stops_though_the_exception_was_dropped(stop_signals: StopSignals, tmp_path: Path) -> None:
    part = Part()
    with pytest.raises(KeyboardInterrupt):
        watch([part], NewLetters(tmp_path), Console(file=io.StringIO()), stop_signals)
    assert part.looked_at == 1


def test_what_starts_stops_though_the_exception_was_dropped(stop_signals: StopSignals, tmp_path: Path) -> None:
    service = NeverReady(Service("service", "", "http://127.0.0.1:1"), {}, tmp_path)
    part = Part()
    try:
        with pytest.raises(KeyboardInterrupt):
            wait_until_ready([service], [part], stop_signals)
    finally:
        service.process.kill()
        service.wait_for_end()
    assert part.looked_at == 1
