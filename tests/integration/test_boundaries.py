"""Cut-off and expiry are exact to the millisecond of the store's clock.

Many writes are sent across the boundary and each is judged by the very time at which the store took it, until the millisecond before,
the boundary itself and the one after have all been seen.
"""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from ingest.merger.call_store import CallStore
from ingest.read_postback import Postback
from ingest.store import Store
from ingest.tag_buffer import Outcome, TagBuffer
from schemas.kept_rows import PostbackKeyRow
from tests.waiting import WAIT_SECONDS
from tests.world import World

AROUND = {-1, 0, 1}


class Rounds:
    """One round after the other until all around the boundary was seen, or a wait would be over.

    When it begins and when it writes is drawn at random: a store that answers in a rhythm would else miss the same millisecond each time.
    """

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self._until = time.monotonic() + WAIT_SECONDS
        self._more_ms = 0

    def __iter__(self) -> Iterator[int]:
        return itertools.takewhile(lambda _: not self.seen >= AROUND and time.monotonic() < self._until, itertools.count())

    def draw_lead_ms(self) -> int:
        """How long before the boundary to begin: longer once others came too late."""
        return self._more_ms + random.randint(5, 80)

    async def bursts(self, boundary_ms: int) -> AsyncIterator[int]:
        """Numbers, one whenever to write, until the boundary is well past."""
        if _now_ms() >= boundary_ms:
            self._more_ms += 20
        for number in itertools.count():
            if _now_ms() > boundary_ms + 2:
                return
            yield number
            await asyncio.sleep(random.uniform(0, 0.003))


def _now_ms() -> float:
    """By the clock that the store has, too: it is on this machine."""
    return time.time() * 1000


async def open_store(redis_url: str) -> Store:
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    return store


def key(world: World, *, storage_ms: int, cutoff_ms: int) -> PostbackKeyRow:
    company = world.company
    return PostbackKeyRow(
        company.key.id, 1, company.id, company.publisher_id, "US", storage_ms, cutoff_ms, False, False, False, False, []
    )


async def test_a_postback_goes_to_the_call_up_to_and_including_end_plus_cut_off(world: World, redis_url: str) -> None:
    store = await open_store(redis_url)
    buffer, calls = TagBuffer(store), CallStore(store, 14_400)
    cutoff_ms = 1000
    row = key(world, storage_ms=0, cutoff_ms=cutoff_ms)
    rounds = Rounds()
    for number in rounds:
        caller, call_uuid = f"+1555124{number:04}", f"c{number}"
        await calls.hit(world.company.id, caller, call_uuid, {})
        await calls.add_event(world.company.id, call_uuid, "end", {})
        await world.age_call(call_uuid, cutoff_ms - rounds.draw_lead_ms(), caller)
        boundary_ms = (await calls.find(world.company.id, call_uuid)).ended_at + cutoff_ms  # type: ignore[union-attr]
        async for _ in rounds.bursts(boundary_ms):
            await asyncio.gather(*(buffer.write(row, Postback({"a": "1"}, caller), None) for _ in range(4)))
        for entry in await world.log(caller_number=caller):
            late_by = round(entry["received_at"].timestamp() * 1000) - boundary_ms
            assert entry["outcome"] == (Outcome.APPLIED if late_by <= 0 else Outcome.NOT_STORED), late_by
            rounds.seen.add(late_by)
    await store.stop()
    assert rounds.seen >= AROUND


async def test_a_waiting_tag_is_there_up_to_the_moment_it_expires(world: World, redis_url: str) -> None:
    store = await open_store(redis_url)
    buffer, calls = TagBuffer(store), CallStore(store, 14_400)
    rounds = Rounds()
    for number in rounds:
        caller = f"+1555125{number:04}"
        row = key(world, storage_ms=rounds.draw_lead_ms(), cutoff_ms=0)
        receipt = await buffer.write(row, Postback({"a": "1"}, caller), None)
        async for burst_number in rounds.bursts(receipt.expires_at_ms):
            made = await asyncio.gather(
                *(calls.hit(world.company.id, caller, f"{number}-{burst_number}-{n}", {}) for n in range(3))
            )
            for _, call in made:
                late_by = call.hit_at - receipt.expires_at_ms
                assert bool(call.tags) == (late_by < 0), late_by
                rounds.seen.add(late_by)
    await store.stop()
    assert rounds.seen >= AROUND


async def test_the_stores_clock_never_steps_back_for_a_caller(world: World, redis_url: str) -> None:
    await world.hit("c1")
    await world.age_call("c1", -60_000)  # what a failover to a server whose clock is a minute behind looks like
    await world.event("c1", "end")
    await world.post({"a": "1"})
    call, (row,) = await world.call("c1"), await world.log()
    assert row["outcome"] == "applied"
    assert call["ended_at"] >= call["hit_at"]
    assert row["received_at"] >= datetime.fromisoformat(call["ended_at"])
    assert (await world.call("c1"))["tags"] == {"a": "1"}
