"""Times as people and programs read them."""

import functools
import time


def show_time(milliseconds: int) -> str:
    """Unix milliseconds as RFC 3339 in UTC, e.g. `2026-11-21T10:00:00.123Z`."""
    return f"{_show_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@functools.lru_cache(maxsize=64)
def _show_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
