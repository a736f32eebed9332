"""Guarantees 6 and 8: whatever breaks meanwhile, a postback is applied whole or not at all; refused not at all, unanswered at most once."""

import asyncio
import itertools
import json
import os
import random
import signal
from collections import Counter
from enum import Enum
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer

from ingest.app import create_app
from ingest.read_postback import Postback
from ingest.redis_keys import waiting_key
from ingest.rooms import TAG_BUFFER
from ingest.settings import IngestSettings
from ingest.tag_buffer import Receipt, TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.embedded import EmbeddedValkey
from tests.e2e.test_workers import children
from tests.faults.load import AtLeast
from tests.faults.test_bulk_broken import read_log
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import Company, DoorServer, World

WORKERS = 2
ITEMS = 25
BIG = "x" * 4000


class Fate(Enum):
    """What a publisher was told of a postback."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Sent(msgspec.Struct):
    """A postback about a caller whom no other one is about. `is_sound`: whether it may be taken."""

    caller: str
    tags: dict[str, str]
    is_sound: bool
    fate: Fate = Fate.UNKNOWN


class Publisher:
    """Posts valid and invalid postbacks of several tags, singly and in bulk, and never repeats one. Continues when it is entered again."""

    def __init__(self, url: str, company: Company, *, bulk: bool = True) -> None:
        self.history: list[Sent] = []
        self.statuses: Counter[int | None] = Counter()
        self._url = url
        self._key = company.key.secret
        self._ways = [self._post_one, self._post_many] if bulk else [self._post_one]
        self._numbers = itertools.count(1)
        self._random = random.Random()

    async def __aenter__(self) -> "Publisher":
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS), headers={"Authorization": f"Bearer {self._key}"}
        )
        self._stopping = False
        self._tasks = [asyncio.create_task(self._keep_posting(way)) for way in self._ways for _ in range(3)]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._session.close()

    def count(self, fate: Fate) -> int:
        return sum(sent.fate is fate for sent in self.history)

    async def until_taken(self, more: int) -> None:
        """Returns once that many more postbacks have been accepted."""

        async def count_taken() -> int:
            return self.count(Fate.TAKEN)

        await wait_for(count_taken, AtLeast(self.count(Fate.TAKEN) + more), "accepted postbacks")

    async def _keep_posting(self, post: Any) -> None:
        while not self._stopping:
            await post()
            await asyncio.sleep(0.002)

    async def _post_one(self) -> None:
        sent = self._make(too_full=False)
        status, _ = await self._ask("/data_writing", json.dumps({"caller_number": sent.caller} | sent.tags), "application/json")
        if status is not None and status < 500:
            sent.fate = Fate.TAKEN if status == 200 else Fate.REFUSED
        self.history.append(sent)

    async def _post_many(self) -> None:
        group = [self._make(too_full=True) for _ in range(ITEMS)]
        lines = [json.dumps({"caller_number": sent.caller, "tag_values": sent.tags}) for sent in group]
        status, said = await self._ask("/v1/postbacks", "\n".join(lines), "application/x-ndjson")
        if status == 200:
            refused = {error["index"] for error in said["errors"]}
            for index, sent in enumerate(group):
                sent.fate = Fate.REFUSED if index in refused else Fate.TAKEN
        self.history.extend(group)

    async def _ask(self, path: str, body: str, content_type: str) -> tuple[int | None, Any]:
        status, said = None, None
        try:
            async with self._session.post(self._url + path, data=body, headers={"Content-Type": content_type}) as reply:
                said, status = await reply.json(content_type=None), reply.status
        except (aiohttp.ClientError, ValueError):
            pass
        self.statuses[status] += 1
        if status is None or status >= 500:
            await asyncio.sleep(0.02)
        return status, said

    def _make(self, *, too_full: bool) -> Sent:
        """A postback of three to six tags; of ten one has a fault, which the door finds, or the store."""
        caller = f"+1555{next(self._numbers):07}"
        tags = {f"t{number}": f"{number}.{caller}" for number in range(self._random.randint(3, 6))}
        match self._random.randrange(30):
            case 0:
                tags["last"] = "\x00"
            case 1:
                tags |= {f"more{number}": "" for number in range(100)}
            case 2 if too_full:
                tags |= {f"big{number}": BIG for number in range(17)}
            case _:
                return Sent(caller, tags, is_sound=True)
        return Sent(caller, tags, is_sound=False)


async def find_violations(world: World, history: list[Sent]) -> list[tuple[str, str]]:
    """What the store and the postback log have that no publisher was promised, or lack: what is wrong, and whose."""
    rows = Counter(row["caller_number"] for row in await read_log(world))
    violations = []
    for start in range(0, len(history), 500):
        batch = history[start : start + 500]
        records = await world.store.mget([waiting_key(world.company.id, sent.caller) for sent in batch])
        for sent, record in zip(batch, records, strict=True):
            values = [value.encode() for name, value in sent.tags.items() if name.startswith("t")]
            there = sum(value in (record or b"") for value in values)
            if wrong := judge(sent, there / len(values), rows[sent.caller]):
                violations.append((wrong, sent.caller))
    return violations


def judge(sent: Sent, share: float, rows: int) -> str | None:
    """What is wrong with a postback of whose tags this share waits, and which is in the log so often."""
    if 0 < share < 1:
        return "partial"
    if share == 1 and (sent.fate is Fate.REFUSED or not sent.is_sound):
        return "applied though refused"
    if share == 0 and sent.fate is Fate.TAKEN:
        return "lost"
    if rows != share:
        return "not in the log as it was applied"
    return None


async def find_wrong_answers(history: list[Sent]) -> list[Sent]:
    """Those who were told the contrary of what they deserve."""
    return [sent for sent in history if sent.fate is (Fate.REFUSED if sent.is_sound else Fate.TAKEN)]


class Faults:
    """Breaks something at random, each time once so many postbacks more have met their fate."""

    def __init__(self, world: World, valkey: EmbeddedValkey, workers_of: int | None) -> None:
        self._world = world
        self._valkey = valkey
        self._parent = workers_of
        self._ways = [self._kill_the_store, self._limit_memory] + ([self._kill_a_worker] if workers_of else [])
        self.done: Counter[str] = Counter()

    async def strike(self, publisher: Publisher, times: int, every: int) -> None:
        for _, strike in zip(range(times), itertools.cycle(self._ways), strict=False):
            await publisher.until_taken(random.randint(every // 2, every))
            await strike()
            self.done[strike.__name__.strip("_")] += 1

    async def _kill_the_store(self) -> None:
        self._valkey.kill()
        await asyncio.sleep(random.uniform(0, 0.05))
        self._valkey.start()

    async def _kill_a_worker(self) -> None:
        parent = self._parent
        assert parent is not None
        victim = random.choice(list(children(parent)))
        os.kill(victim, signal.SIGKILL)

        async def workers() -> set[int]:
            return children(parent)

        await wait_for(workers, lambda found: victim not in found and len(found) == WORKERS, f"a replacement for worker {victim}")

    async def _limit_memory(self) -> None:
        """As much as is used, so that some scripts still run and others don't; then none at all."""
        used = int((await self._world.store.info("memory"))["used_memory"])
        for limit in (used + random.randint(0, 50_000), 1):
            await self._world.store.config_set("maxmemory", limit)
            await asyncio.sleep(random.uniform(0.02, 0.1))
        await self._world.store.config_set("maxmemory", 0)


@pytest.mark.parametrize(
    ("postbacks", "strikes"),
    [(900, 6), pytest.param(1500, 9, marks=pytest.mark.long), pytest.param(10_000, 120, marks=pytest.mark.long)],
)
async def test_a_postback_is_applied_whole_or_not_at_all_whatever_breaks(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, postbacks: int, strikes: int
) -> None:
    parent = services.start("ingest", INGEST_WORKERS=str(WORKERS)).process.pid
    faults = Faults(world, valkey, parent)
    async with Publisher(services.url("ingest"), world.company) as publisher:
        await faults.strike(publisher, strikes, postbacks // strikes)
        while len(publisher.history) < postbacks:
            await publisher.until_taken(1)
    history = publisher.history
    violations = await find_violations(world, history)
    fates = {fate.value: publisher.count(fate) for fate in Fate}
    print(f"n={len(history)} faults={dict(faults.done)} {fates} statuses={dict(publisher.statuses)} violations={len(violations)}")
    assert violations == []
    assert await find_wrong_answers(history) == []
    assert set(publisher.statuses) <= {200, 422, 503, None}
    assert all(fates.values())

    # the check sees what would be wrong
    taken = next(sent for sent in history if sent.fate is Fate.TAKEN)
    refused = next(sent for sent in history if sent.fate is Fate.REFUSED)
    taken.fate, refused.fate = Fate.REFUSED, Fate.TAKEN
    assert await find_violations(world, history) == [
        (wrong, sent.caller)
        for sent in history
        for wrong, whose in (("applied though refused", taken), ("lost", refused))
        if sent is whose
    ]
    assert len(await find_wrong_answers(history)) == 2


class PiecemealTagBuffer(TagBuffer):
    """Broken on purpose: writes the tags of a postback one by one."""

    async def write(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None) -> Receipt:
        for name, value in postback.tag_values.items():
            receipt = await super().write(key, Postback({name: value}, postback.caller_number), source_ip)
        return receipt


async def test_the_check_sees_an_ingest_that_writes_tag_by_tag(
    world: World, valkey: EmbeddedValkey, redis_url: str, postgres_url: str
) -> None:
    app = create_app(IngestSettings(redis_url=redis_url, postgres_url=postgres_url))
    app[TAG_BUFFER].__class__ = PiecemealTagBuffer
    server: TestServer = DoorServer(app)
    await server.start_server()
    publisher, faults = Publisher(str(server.make_url("")).rstrip("/"), world.company, bulk=False), Faults(world, valkey, None)

    async def strike_and_judge() -> set[str]:
        async with publisher:
            await faults.strike(publisher, 2, 40)
        return {wrong for wrong, _ in await find_violations(world, publisher.history)}

    await wait_for(strike_and_judge, lambda found: "partial" in found)
    await server.close()
