"""How a person or an init system ends a command that stays: SIGINT, SIGTERM and SIGHUP mean the same, once."""

import signal
import sys
from types import FrameType

from shared.uninterrupted import STOP_SIGNALS


class StopSignals:
    """From now on the first of them raises KeyboardInterrupt; further ones change nothing, so that a stop comes to its end.

    Python drops an exception that a handler raises while a finalizer or the callback of a weak reference runs. Whatever may last therefore
    calls `check` from time to time.
    """

    def __init__(self) -> None:
        self._heard = False
        sys.unraisablehook = _say_what_was_dropped
        for number in STOP_SIGNALS:
            signal.signal(number, self._hear)

    def check(self) -> None:
        """Raise KeyboardInterrupt if a stop was asked for and the exception was dropped."""
        if self._heard:
            raise KeyboardInterrupt

    def mute(self) -> None:
        """Raise nothing from now on: things are being stopped."""
        self._heard = True

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if not self._heard:
            self._heard = True
            raise KeyboardInterrupt


def _say_what_was_dropped(dropped: "sys.UnraisableHookArgs") -> None:
    """Print it as usual, but not a stop, which `check` finds."""
    if not issubclass(dropped.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(dropped)
