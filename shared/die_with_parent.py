"""A child process that must not outlive the one that started it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel (Linux; elsewhere nothing happens) to send `number` to this process when process `parent` ends.

    Call it in the child, after any change of user: such a change clears the wish.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), number)
