"""How a person or an init system ends a command that stays: SIGINT, SIGTERM and SIGHUP mean the same, once."""

import signal
from types import FrameType

from shared.uninterrupted import STOP_SIGNALS


class StopSignals:
    """From now on the first of them raises KeyboardInterrupt; further ones change nothing, so that a stop comes to its end."""

    def __init__(self) -> None:
        self._muted = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._hear)

    def mute(self) -> None:
        """Don't interrupt any more: things are being stopped."""
        self._muted = True

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if not self._muted:
            self._muted = True
            raise KeyboardInterrupt
