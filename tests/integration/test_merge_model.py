"""Random stories of one caller, told to the store and to a model of the merge rules written apart from it; both must agree."""

import random
from typing import NamedTuple

import msgspec
import pytest

from ingest.merger.call_store import CallStore
from ingest.read_postback import Postback
from ingest.store import Store
from ingest.tag_buffer import Outcome, TagBuffer
from schemas.kept_rows import PostbackKeyRow
from tests.world import World

SHORT, LONG, AGE = 60, 3600, 61  # seconds


class KeyKind(NamedTuple):
    publisher: int
    storage: int
    cutoff: int
    apply_once: bool
    also_store: bool


class Waiting(msgspec.Struct):
    order: int
    publisher: int
    name: str
    value: str
    left: int
    once: bool


class Model:
    """The merge rules, the plainest way: one row a tag and publisher, time as seconds left."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.calls: dict[str, dict[str, tuple[int, str]]] = {}
        self.open: list[str] = []
        self.ended: list[str] = []
        self.order = 0

    def post(self, kind: KeyKind, tags: dict[str, str]) -> Outcome:
        self.order += 1
        storage = kind.storage
        if self.open:
            outcome, reached = Outcome.STORED_FOR_CALL, list(self.open)
        elif self.ended and kind.cutoff:
            outcome, reached = Outcome.APPLIED, self.ended[-1:]
            storage = storage if kind.also_store else 0
        else:
            outcome, reached = (Outcome.STORED if storage else Outcome.NOT_STORED), []
        for call in reached:
            self.calls[call] |= {name: (self.order, value) for name, value in tags.items()}
        if storage:
            self.waiting = [row for row in self.waiting if row.publisher != kind.publisher or row.name not in tags]
            self.waiting += [
                Waiting(self.order, kind.publisher, name, value, storage, kind.apply_once) for name, value in tags.items()
            ]
        return outcome

    def look_up(self) -> dict[str, tuple[int, str]]:
        return {row.name: (row.order, row.value) for row in sorted(self.waiting, key=lambda row: row.order)}

    def hit(self, call: str) -> None:
        self.calls[call] = self.look_up()
        self.open.append(call)
        self.waiting = [row for row in self.waiting if not row.once]

    def route(self, call: str) -> None:
        for name, (order, value) in self.look_up().items():
            if call in self.open and self.calls[call].get(name, (0, ""))[0] < order:
                self.calls[call][name] = (order, value)

    def end(self, call: str) -> None:
        self.route(call)
        if call in self.open:
            self.open.remove(call)
            self.ended.append(call)

    def age(self) -> None:
        for row in self.waiting:
            row.left -= AGE
        self.waiting = [row for row in self.waiting if row.left > 0]


@pytest.mark.on_cluster
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 4))])
async def test_the_store_and_the_model_agree(world: World, redis_url: str, seed: int) -> None:
    store = Store(redis_url, timeout_seconds=30)
    await store.start()
    buffer, calls, company_id = TagBuffer(store), CallStore(store, 14_400), world.company.id
    choose = random.Random(seed)
    for story in range(40):
        model, caller, told = Model(), f"+1555{seed}{story:06}", []
        for step in range(25):
            word = choose.choice(["post", "post", "post", "hit", "route", "end", "age"])
            known = list(model.calls)
            if word == "post":
                kind = KeyKind(
                    choose.choice([3, 4]),
                    choose.choice([0, SHORT, LONG]),
                    choose.choice([0, LONG]),
                    choose.random() < 0.3,
                    choose.random() < 0.3,
                )
                tags = {choose.choice("abc"): f"{step}" for _ in range(choose.choice([1, 2]))}
                row = PostbackKeyRow(
                    9, 1, company_id, kind.publisher, "US", kind.storage * 1000, kind.cutoff * 1000, kind.apply_once,
                    kind.also_store, False, False, [],
                )  # fmt: skip
                told.append((kind, tags))
                assert (await buffer.write(row, Postback(tags, caller), None)).outcome == model.post(kind, tags), told
            elif word == "hit":
                call = f"{seed}-{story}-{step}"
                told.append(("hit", call))
                await calls.hit(company_id, caller, call, {})
                model.hit(call)
            elif word == "age" and model.waiting:
                told.append(("age", ""))
                await world.age_waiting(AGE * 1000, caller, company_id)
                model.age()
            elif word in ("route", "end") and known:
                call = choose.choice(known)
                told.append((word, call))
                await calls.add_event(company_id, call, word, {})
                getattr(model, word)(call)
            waits = {tag.name: tag.value for tag in await calls.look_up(company_id, caller)}
            assert waits == {name: value for name, (_, value) in model.look_up().items()}, told
            for call, tags_on_call in model.calls.items():
                record = await calls.find(company_id, call)
                assert record is not None
                assert {tag.name: tag.value for tag in record.tags} == {n: v for n, (_, v) in tags_on_call.items()}, told
                assert (record.status == "in_progress") == (call in model.open)
    await store.stop()
