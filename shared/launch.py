"""Turns into another program, under another user if asked, that ends when the process that started it does.

`python -m shared.launch PARENT SIGNAL OWNER PROGRAM [ARGUMENT…]`, where SIGNAL is 0 for a program that may go on alone, and
OWNER is `uid:gid`, or `-` for no change. A program in between rather than a function between fork and exec: that one would run
in a copy of a process whose other threads are gone, but not the locks they held.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO

from shared.die_with_parent import die_with_parent
from shared.uninterrupted import uninterrupted

_SOURCE = Path(__file__).resolve().parents[1]
_POLL_SECONDS = 0.005


class Launched(subprocess.Popen[bytes]):
    """A process that may be looked at while signals are handled by raising.

    Where a handler raises between the moment when Popen takes its lock and the `try` that returns it, the lock stays taken, and each later
    wait for the process hangs.
    """

    def poll(self) -> int | None:
        with uninterrupted():
            return super().poll()

    def wait(self, timeout: float | None = None) -> int:
        if timeout is None:
            return super().wait()  # takes its lock by `with`, between which and the block no handler runs
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(_POLL_SECONDS)
        return code


def launch(
    command: Sequence[str | bytes],
    *,
    output: IO[bytes],
    environ: Mapping[str, str],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    cwd: Path = Path("/"),
    owner: tuple[int, int] | None = None,
    pass_fds: Collection[int] = (),
    at_parents_end: signal.Signals | None = signal.SIGTERM,
) -> Launched:
    """Start `command` in a session of its own, so that Ctrl-C reaches this process alone and things stop in order.

    Call it from a thread that lives as long as the program should: the kernel takes the end of that thread for the parent's end.
    """
    who = "-" if owner is None else f"{owner[0]}:{owner[1]}"
    launcher = [sys.executable, "-S", "-P", "-m", "shared.launch", str(os.getpid()), str(int(at_parents_end or 0)), who]
    return Launched(
        [*launcher, *command],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=with_our_packages(environ),
        cwd=cwd,
        pass_fds=pass_fds,
        start_new_session=True,
    )


def with_our_packages(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which another Python finds the packages that this one runs, from wherever it is started."""
    return {**environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(_SOURCE), environ.get("PYTHONPATH")]))}


def _become(parent: int, number: int, owner: str, command: list[str]) -> None:
    if owner != "-":
        uid, _, gid = owner.partition(":")
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if number:
        die_with_parent(parent, signal.Signals(number))  # after the change of user, which would clear it
    try:
        os.execv(command[0], command)  # noqa: S606 - a program of ours, no shell in between
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
