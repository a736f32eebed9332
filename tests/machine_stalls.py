"""Run as a process of its own by stalls.py: adds up the time in which the machine didn't let it run, in a file that both have mapped.

Standard library only, so that it starts at once. It ends with its parent.
"""

import mmap
import os
import struct
import sys
import time
from contextlib import suppress

BEAT_SECONDS = 0.005
USUAL_SECONDS = 0.010
"""A beat that is no later than this is on time."""

LAYOUT = struct.Struct("=dd")
"""Seconds lost to stalls so far, and the time of the last beat on the monotonic clock that all processes share."""


def main(path: str) -> None:
    parent = os.getppid()
    with suppress(OSError):
        os.nice(-20)  # as root: what delays it then is the machine, not other processes
    with open(path, "r+b") as file:  # noqa: PTH123 - no imports but those that start fast
        shared = mmap.mmap(file.fileno(), LAYOUT.size)
    lost, last = 0.0, time.monotonic()
    while os.getppid() == parent:
        time.sleep(BEAT_SECONDS)
        now = time.monotonic()
        late = now - last - BEAT_SECONDS
        if late > USUAL_SECONDS:
            lost += late
        last = now
        LAYOUT.pack_into(shared, 0, lost, now)


if __name__ == "__main__":
    main(sys.argv[1])
