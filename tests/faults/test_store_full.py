"""Guarantee 4: a full store refuses, loses nothing, does nothing by halves, and takes postbacks again once there is room."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from ingest.backlog import Backlog
from ingest.redis_keys import waiting_key
from ingest.store import Store
from shared.embedded import EmbeddedValkey
from tests.conftest import CheckFigure
from tests.faults.load import AtLeast
from tests.faults.test_backlog import fill
from tests.faults.test_drain_killed import count_entries_left
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import Key, World

BACK_WITHIN_SECONDS = 5.0
TAGS = ("a", "b", "c")
LONG = "x" * 150  # so that a caller takes half a kilobyte, and few thousand fill the store
ITEMS = 300
REFUSED_IN_A_ROW = 30


@pytest.fixture(params=["8mb", pytest.param("12mb", marks=pytest.mark.long), pytest.param("64mb", marks=pytest.mark.long)])
def redis_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of its own with little memory."""
    with EmbeddedValkey(tmp_path / "valkey", config={"maxmemory": request.param}) as valkey:
        yield valkey.url


class Sent(msgspec.Struct):
    """A request and what it was answered: one postback, or many."""

    callers: list[str]
    name: str
    """Its Idempotency-Key, if it is a bulk request."""
    status: int = 0
    retry_after: str | None = None
    body: Any = None


class Flood:
    """A publisher who posts singly and in bulk until the store has no room for long; every caller is used once."""

    def __init__(self, url: str, key: Key) -> None:
        self.sent: list[Sent] = []
        self._url = url
        self._key = key
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> "Flood":
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS), headers={"Authorization": f"Bearer {self._key.secret}"}
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self._session.request(method, self._url + path, **options) as reply:
            return reply.status, await reply.json(content_type=None)

    async def post_one(self) -> Sent:
        sent = Sent([self._next_caller()], "")
        self.sent.append(sent)
        return await self._note(
            sent, {"params": {"caller_number": sent.callers[0]} | tags_of(sent.callers[0])}, "GET", "/data_writing"
        )

    async def post_many(self) -> Sent:
        callers = [self._next_caller() for _ in range(ITEMS)]
        sent = Sent(callers, f"bulk-{len(self.sent)}")
        self.sent.append(sent)
        return await self.repeat(sent)

    async def repeat(self, sent: Sent) -> Sent:
        """Post a bulk request, again."""
        body = "\n".join(json.dumps({"caller_number": caller, "tag_values": tags_of(caller)}) for caller in sent.callers)
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": sent.name}
        return await self._note(sent, {"data": body, "headers": headers}, "POST", "/v1/postbacks")

    async def until_full(self) -> None:
        """Post until nothing was taken for a while, though the drain carries away what it can."""
        refused = 0

        async def keep_posting(post: Any) -> None:
            nonlocal refused
            while refused < REFUSED_IN_A_ROW:
                refused = refused + 1 if (await post()).status != 200 else 0
                if refused:
                    await asyncio.sleep(0.05)  # time for the drain

        await asyncio.gather(*(keep_posting(post) for post in [self.post_many] * 6 + [self.post_one] * 4))

    def acknowledged(self) -> list[str]:
        return [caller for sent in self.sent if sent.status == 200 for caller in sent.callers]

    async def _note(self, sent: Sent, options: dict[str, Any], method: str, path: str) -> Sent:
        async with self._session.request(method, self._url + path, **options) as reply:
            sent.body = await reply.json(content_type=None)
            sent.status, sent.retry_after = reply.status, reply.headers.get("Retry-After")
        return sent

    def _next_caller(self) -> str:
        return f"+1555{next(self._numbers):07}"


def tags_of(caller: str) -> dict[str, str]:
    return {name: f"{name}{caller}{LONG}" for name in TAGS}


async def tags_that_wait(world: World, callers: list[str]) -> list[int]:
    """How many of the tags wait for each of the callers."""
    counts = []
    for start in range(0, len(callers), 500):
        batch = callers[start : start + 500]
        records = await world.store.mget([waiting_key(world.company.id, caller) for caller in batch])
        counts += [
            sum(value.encode() in (record or b"") for value in tags_of(caller).values())
            for caller, record in zip(batch, records, strict=True)
        ]
    return counts


async def evicted(world: World) -> int:
    return int((await world.store.info("stats"))["evicted_keys"])


@pytest.fixture
async def flood(world: World, services: ServiceProcesses) -> AsyncIterator[Flood]:
    key = await world.add_key(allow_read_back=True)
    services.start("ingest", INGEST_STORE_TIMEOUT_MS=str(PATIENT_MS))
    services.start("merger", MERGER_STORE_TIMEOUT_MS=str(PATIENT_MS))
    services.start("drain")
    async with Flood(services.url("ingest"), key) as flood:
        yield flood


class Engine:
    """The call routing engine at the merger's door."""

    def __init__(self, world: World, services: ServiceProcesses, flood: Flood) -> None:
        self._url = services.url("merger")
        self._headers = {"Authorization": f"Bearer {world.company.engine_key.secret}"}
        self._session = flood._session

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self._session.request(method, self._url + path, headers=self._headers, **options) as reply:
            return reply.status, await reply.json(content_type=None)

    async def look_up(self, caller: str) -> dict[str, str]:
        status, said = await self.ask("GET", "/v1/lookup", params={"caller_number": caller})
        assert (status, said["degraded"]) == (200, False)
        return dict(said["tags"])

    async def hit(self, caller: str, call_uuid: str) -> tuple[int, Any]:
        return await self.ask("POST", "/v1/calls", json={"call_uuid": call_uuid, "caller_number": caller})


async def test_a_full_store_loses_nothing_and_goes_on_once_there_is_room(
    world: World, services: ServiceProcesses, flood: Flood, check_figure: CheckFigure
) -> None:
    engine = Engine(world, services, flood)
    first = (await flood.post_one()).callers[0]
    assert (await engine.hit(first, "early"))[0] == 201
    await flood.until_full()
    await wait_for(lambda: count_entries_left(world), 0)

    # it said no, clearly, and did nothing by halves
    assert Counter(sent.status for sent in flood.sent).keys() == {200, 503}
    refused = [sent for sent in flood.sent if sent.status == 503]
    assert all(int(sent.retry_after or 0) > 0 and sent.body["code"] == "unavailable" for sent in refused)
    assert await evicted(world) == 0
    assert set(await tags_that_wait(world, flood.acknowledged())) == {len(TAGS)}
    assert set(await tags_that_wait(world, [caller for sent in flood.sent for caller in sent.callers])) <= {0, len(TAGS)}
    assert set(await tags_that_wait(world, [sent.callers[0] for sent in refused if not sent.name])) <= {0}
    midway = [sent for sent in refused if sent.name and len(set(await tags_that_wait(world, sent.callers))) == 2]
    assert midway  # bulk requests that met the limit on their way, and were refused as a whole

    await world.store.config_set("maxmemory", "1")  # what the drain made room for is gone, too
    await look_and_call_while_it_is_full(engine, flood, first)
    took = await make_room(world, flood)
    print(
        f"requests={len(flood.sent)} acknowledged={len(flood.acknowledged())} refused={len(refused)} midway={len(midway)} "
        f"evicted={await evicted(world)} back={took:.2f}s"
    )
    check_figure("until postbacks were taken again, in s", took, at_most=BACK_WITHIN_SECONDS)
    assert (await engine.ask("POST", "/v1/calls/early/end", json={}))[0] == 200
    assert (await engine.hit(flood.acknowledged()[-1], "late"))[0] == 201

    # and a repeat of what was refused finishes it
    await world.store.config_set("maxmemory", "0")
    for sent in [*midway, *(sent for sent in refused if sent.name and sent not in midway)][:20]:
        again = await flood.repeat(sent)
        assert (again.status, again.body["outcomes"]) == (200, {"stored": ITEMS})
        assert set(await tags_that_wait(world, sent.callers)) == {len(TAGS)}
        assert await rows_in_log(world, sent.callers) == {1}


async def look_and_call_while_it_is_full(engine: Engine, flood: Flood, in_progress: str) -> None:
    """Looking goes on; what needs memory is refused with 503."""
    caller = flood.acknowledged()[-1]
    assert await engine.look_up(caller) == tags_of(caller)
    status, said = await flood.ask("GET", f"/v1/callers/{caller}")
    assert (status, said["tag_values"]) == (200, tags_of(caller))
    status, said = await engine.ask("GET", "/v1/calls/early")
    assert (status, said["tags"]) == (200, tags_of(in_progress))
    for status, said in (
        await engine.hit(caller, "refused"),
        await engine.ask("POST", "/v1/calls/early/end", json={}),
        await engine.ask("POST", "/v1/calls/unknown/end", json={}),
    ):
        assert (status, said["code"]) == (503, "unavailable")
    assert (await flood.post_one()).status == 503
    assert (await flood.post_many()).status == 503


async def make_room(world: World, flood: Flood) -> float:
    """Take back some of what waits while nothing else may be written; in how many seconds postbacks are taken again after that."""
    callers = [caller for caller in flood.acknowledged() if caller != flood.sent[0].callers[0]][:200]
    used = int((await world.store.info("memory"))["used_memory"])
    for caller in callers:
        assert await flood.ask("DELETE", f"/v1/callers/{caller}") == (200, {"caller_number": caller, "cancelled": len(TAGS)})
    assert set(await tags_that_wait(world, callers)) == {0}
    for sent in flood.sent:
        sent.callers = [caller for caller in sent.callers if caller not in callers]
    await world.store.config_set("maxmemory", str(used))  # as much as there was: the room is what was taken back

    async def post() -> int:
        return (await flood.post_one()).status

    started = time.monotonic()
    await wait_for(post, 200)
    return time.monotonic() - started


async def test_more_memory_makes_room_for_what_waits_at_once(world: World, redis_url: str) -> None:
    """Half of what the store may use is the backlog's; who gives it more because that was full needn't wait for a minute."""
    store = Store(redis_url, timeout_seconds=5)
    await store.start()
    backlog = Backlog(store, 2**40)
    await world.store.config_set("maxmemory", "3mb")
    await fill(world, 1600)
    await world.store.config_set("maxmemory", "2mb")
    await backlog.look()
    assert backlog.is_full
    await world.store.config_set("maxmemory", "64mb")
    await backlog.look()
    assert not backlog.is_full
    await store.stop()


async def rows_in_log(world: World, callers: list[str]) -> set[int]:
    """Returns the numbers of rows with the outcome `stored` that these callers have in the log."""
    await world.drain()
    sql = "select caller_number from postback_log where outcome = 'stored' and caller_number = any($1)"
    rows = Counter(row["caller_number"] for row in await world.postgres.fetch(sql, callers))
    return {rows[caller] for caller in callers}


async def test_the_check_sees_what_a_store_loses_that_evicts_and_it_isnt_ready(world: World, flood: Flood) -> None:
    """The policy is weakened while it runs, as a store that has it from the start is refused."""
    await flood.until_full()
    await world.store.config_set("maxmemory-policy", "allkeys-random")
    used = int((await world.store.info("memory"))["used_memory"])
    await world.store.config_set("maxmemory", str(int(used * 0.7)))

    async def post_and_count_evicted() -> int:
        await flood.post_one()
        return await evicted(world)

    await wait_for(post_and_count_evicted, AtLeast(101))
    assert 0 in await tags_that_wait(world, flood.acknowledged())

    async def readiness() -> tuple[int, str]:
        status, said = await flood.ask("GET", "/readyz")
        return status, said["missing"].get("store", "")

    await wait_for(readiness, lambda found: found[0] == 503 and "maxmemory-policy" in found[1], "status and reason of /readyz")
    assert (await flood.post_one()).status == 503
    assert (await flood.post_many()).status == 503
