"""Waiting for a condition, with one generous deadline that only a failure reaches.

A test waits for what it needs instead of sleeping and hoping. How soon something has to happen is a promise about time, and those are
checked with `--long` only (see `check_time` in conftest.py).
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

WAIT_SECONDS = 60.0
"""The deadline of every wait."""

_PAUSE_SECONDS = 0.01


async def wait_for(look: Callable[[], Awaitable[Any]], wanted: Any = bool, what: str = "") -> Any:
    """Call `look` until it returns what is wanted, and return that.

    `wanted` is a value, or a function that returns True for the right ones. After WAIT_SECONDS the test fails and says what was waited
    for (`what`, or the source of `look`) and what was there instead.
    """
    waited = _Wait(look, wanted, what)
    while not waited.is_over(found := await look()):
        await asyncio.sleep(_PAUSE_SECONDS)
    return found


def wait_for_sync(look: Callable[[], Any], wanted: Any = bool, what: str = "") -> Any:
    """The version of `wait_for` for tests without an event loop."""
    waited = _Wait(look, wanted, what)
    while not waited.is_over(found := look()):
        time.sleep(_PAUSE_SECONDS)
    return found


class _Wait:
    """One wait: its deadline, and the message if it is missed."""

    def __init__(self, look: Callable[[], Any], wanted: Any, what: str) -> None:
        self._look, self._wanted, self._what = look, wanted, what
        self._ends_at = time.monotonic() + WAIT_SECONDS

    def is_over(self, found: Any) -> bool:
        """Return True if this is what was waited for. Fails the test after the deadline."""
        if self._wanted(found) if callable(self._wanted) else found == self._wanted:
            return True
        assert time.monotonic() < self._ends_at, self._message(found)
        return False

    def _message(self, found: Any) -> str:
        wanted = source_of(self._wanted) if callable(self._wanted) else repr(self._wanted)
        return f"waited {WAIT_SECONDS:g} s for {self._what or source_of(self._look)}: it was {found!r}, wanted {wanted}"


def source_of(function: Callable[..., Any]) -> str:
    """Return a function's name, or of a lambda the line that holds it."""
    name: str = getattr(function, "__qualname__", repr(function)).rpartition(".")[2]
    if name == "bool":
        return "true"
    if name != "<lambda>":
        return name
    try:
        return " ".join(inspect.getsource(function).split())
    except OSError:
        return name
