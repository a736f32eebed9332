"""Random requests for a bucket, told to the store and to a model of GCRA in its other form; both must agree."""

import random
from fractions import Fraction

import pytest

from ingest.redis_keys import rate_key
from ingest.store import Store
from tests.integration.buckets import age_bucket, read_bucket
from tests.world import World


class Model:
    """GCRA as virtual scheduling: when the next item is due, in exact arithmetic; a second's worth may come early."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.due = Fraction(0)

    def admits(self, items: int, now: int, slack: Fraction) -> bool:
        """At `now` (microseconds), give or take a few millionths of an item."""
        ahead = max(self.due - now, Fraction(0)) * self.rate / 1_000_000
        return ahead + items <= self.rate + slack or ahead <= slack

    def take(self, items: int, now: int) -> None:
        self.due = max(self.due, Fraction(now)) + Fraction(items * 1_000_000, self.rate)


SLACK = Fraction(1, 100_000)


@pytest.mark.on_cluster
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 6))])
async def test_the_bucket_and_the_model_agree(world: World, rate_store: Store, seed: int) -> None:
    choose = random.Random(seed)
    verdicts = set()
    for story in range(12):
        rate = choose.choice([1, 2, 3, 7, 50, 99, 1000, 12_345])
        key, model, wait = rate_key(seed * 100 + story), Model(rate), 0
        for _ in range(40):
            if (held := await read_bucket(world.store, key)) and choose.random() < 0.5:
                age = choose.choice([wait, wait - 1, choose.randrange(1, 2_000_000), choose.randrange(1, 100_000_000 // rate)])
                await age_bucket(world.store, key, max(0, age))
                model.due -= max(0, age)
            items = choose.choice([1, 1, 1, 2, choose.randint(1, rate), rate, rate + 1, rate * 3])
            before = await micros(world)
            taken, _, wait = await rate_store.run("take_rate", key, rate, items, items)
            after = await micros(world)
            verdicts.add(bool(taken))
            if taken:
                assert taken == items
                if (held := await read_bucket(world.store, key)) is None:  # the machine stood still until it expired
                    break
                assert model.admits(items, held[1], SLACK), (seed, story, rate, items)
                model.take(items, held[1])
            else:
                assert wait > 0
                assert not model.admits(items, before, -SLACK), (seed, story, rate, items)
                assert model.admits(items, after + wait, SLACK), "the wait was too short"
                assert not model.admits(items, before + wait - 2, -SLACK), "the wait was too long"
    assert verdicts == {True, False}


async def micros(world: World) -> int:
    seconds, microseconds = await world.store.time()
    return int(seconds) * 1_000_000 + int(microseconds)


def test_the_model_refuses_one_too_many() -> None:
    model = Model(2)
    for _ in range(2):
        assert model.admits(1, 0, Fraction(0))
        model.take(1, 0)
    assert not model.admits(1, 499_999, Fraction(0))
    assert model.admits(1, 500_000, Fraction(0))
