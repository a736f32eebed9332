"""What a worker knows of the store's time while the store is away."""

import time
from collections.abc import AsyncIterator

import pytest

from ingest.store import Store
from ingest.store_clock import StoreClock
from tests.world import World

pytestmark = pytest.mark.on_cluster


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Store]:
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    yield store
    await store.stop()


async def test_it_goes_by_this_machines_clock_until_the_store_has_said_its_own(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)  # this machine is an hour behind
    clock = StoreClock(store)
    assert abs(clock.now_ms() - (real() // 1_000_000 - 3_600_000)) < 60_000
    monkeypatch.setattr("ingest.store_clock.QUICK_NS", 60_000_000_000)  # patient with a slow machine
    await clock.look()
    before = await world.store.time()
    assert abs(clock.now_ms() - (before[0] * 1000 + before[1] // 1000)) < 60_000


@pytest.mark.parametrize(("ahead_ms", "steps_back"), [(300, False), (3_600_000, True)])
async def test_it_steps_back_only_if_it_was_wrong_altogether(
    store: Store, monkeypatch: pytest.MonkeyPatch, ahead_ms: int, steps_back: bool
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + ahead_ms * 1_000_000)
    clock = StoreClock(store)
    said = clock.now_ms()
    monkeypatch.setattr("ingest.store_clock.QUICK_NS", 60_000_000_000)
    await clock.look()
    assert (clock.now_ms() < said) is steps_back


async def test_an_answer_that_took_long_says_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
    monkeypatch.setattr("ingest.store_clock.QUICK_NS", 0)
    clock = StoreClock(store)
    await clock.look()
    assert abs(clock.now_ms() - (real() // 1_000_000 - 3_600_000)) < 60_000
