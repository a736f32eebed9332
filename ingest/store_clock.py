"""What time it is for the store, as well as a worker can tell while the store is out of reach."""

import time

from ingest.store import Store
from shared.errors import Unavailable

QUICK_NS = 100_000_000  # an answer that took longer says too little about when it was given
WRONG_MS = 1000  # a step back within this keeps the order in which postbacks came; beyond it the clock was simply wrong

_ANYWHERE = b"{p000}"  # the servers of a cluster are in step, see docs/operating.md


class StoreClock:
    """The store's time, from how far it was ahead of ours when it last said; before it ever did, this machine's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ahead_ns = time.time_ns() - time.monotonic_ns()
        self._last_ms = 0

    async def look(self) -> None:
        """Ask the store, if it can be asked."""
        asked_at = time.monotonic_ns()
        try:
            seconds, microseconds = await self._store.ask(_ANYWHERE, "TIME")
        except Unavailable:
            return
        answered_at = time.monotonic_ns()
        if answered_at - asked_at < QUICK_NS:
            said_ns = (int(seconds) * 1_000_000 + int(microseconds)) * 1000
            self._ahead_ns = said_ns - (asked_at + answered_at) // 2
            if self._last_ms - said_ns // 1_000_000 > WRONG_MS:
                self._last_ms = 0

    def now_ms(self) -> int:
        """Now, in Unix milliseconds; a little correction doesn't make it step back."""
        self._last_ms = max(self._last_ms, (time.monotonic_ns() + self._ahead_ns) // 1_000_000)
        return self._last_ms
