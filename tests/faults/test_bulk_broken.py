"""Guarantees 6, 7 and 8 for bulk requests: whole or not at all, and a repeat under an Idempotency-Key has the effect of one."""

import asyncio
import json
import random
from collections import Counter
from typing import Any

import aiohttp
import msgspec
import pytest

from ingest.redis_keys import idempotency_key, waiting_key
from shared.embedded import EmbeddedValkey
from shared.redis_connection import StoreAway
from tests.faults.load import AtLeast
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import Company, World

ITEMS = 200
TAGS = ("a", "b", "c")


class BulkRequest(msgspec.Struct):
    """A bulk request, repeated until it was answered 200; `statuses` are the replies, None where there was none."""

    number: int
    statuses: list[int | None]
    reply: Any = None

    def callers(self) -> list[str]:
        return [f"+1555{self.number * ITEMS + place:07}" for place in range(ITEMS)]

    def body(self) -> bytes:
        return b"\n".join(
            json.dumps({"caller_number": caller, "tag_values": dict.fromkeys(TAGS, caller)}).encode() for caller in self.callers()
        )


class BulkPublisher:
    """Posts bulk requests on a few connections, each until it is acknowledged. Continues when it is entered again."""

    def __init__(self, base_url: str, company: Company, *, with_key: bool) -> None:
        self.requests: list[BulkRequest] = []
        self._url = base_url + "/v1/postbacks"
        self._company = company
        self._with_key = with_key

    async def __aenter__(self) -> "BulkPublisher":
        self._stopping = False
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS))
        self._tasks = [asyncio.create_task(self._keep_posting()) for _ in range(3)]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._session.close()

    def acknowledged(self) -> int:
        return sum(request.reply is not None for request in self.requests)

    async def until_acknowledged(self, more: int) -> None:
        """Returns once that many more requests have been acknowledged."""

        async def count_acknowledged() -> int:
            return self.acknowledged()

        await wait_for(count_acknowledged, AtLeast(self.acknowledged() + more), "acknowledged bulk requests")

    def broken(self) -> int:
        """How many attempts were not answered 200."""
        return sum(status != 200 for request in self.requests for status in request.statuses)

    async def _keep_posting(self) -> None:
        while not self._stopping:
            request = BulkRequest(len(self.requests), [])
            self.requests.append(request)
            while request.reply is None:
                await self._post(request)

    async def _post(self, request: BulkRequest) -> None:
        headers = {"Authorization": f"Bearer {self._company.key.secret}", "Content-Type": "application/x-ndjson"}
        if self._with_key:
            headers["Idempotency-Key"] = f"bulk-{request.number}"
        status, body = None, None
        try:
            async with self._session.post(self._url, data=request.body(), headers=headers) as reply:
                body, status = await reply.json(content_type=None), reply.status
        except (aiohttp.ClientError, ValueError):
            pass
        request.statuses.append(status)
        if status == 200:
            request.reply = body
        else:
            await asyncio.sleep(0.02)


async def break_again_and_again(publisher: BulkPublisher, breaks: int, break_once: Any) -> None:
    """Break something in the middle of requests, each time once a few more were acknowledged."""
    for _ in range(breaks):
        await publisher.until_acknowledged(random.randrange(2, 8))
        await asyncio.sleep(random.uniform(0, 0.05))
        await break_once()


async def read_log(world: World) -> list[Any]:
    """Returns the stored postbacks from the log. Nobody may post meanwhile, because draining ends only when the streams are empty."""

    async def read() -> Any:
        try:
            return await world.log(outcome="stored")
        except StoreAway as error:
            return error

    return list(await wait_for(read, lambda found: not isinstance(found, StoreAway), "the drain to reach the store"))


async def find_faults(world: World, requests: list[BulkRequest]) -> tuple[list[str], list[str]]:
    """The callers who don't have each tag once, and those who aren't in the postback log exactly once."""
    rows = Counter(row["caller_number"] for row in await read_log(world))
    callers = [caller for request in requests for caller in request.callers()]
    partial = []
    for request in requests:
        records = await world.store.mget([waiting_key(world.company.id, caller) for caller in request.callers()])
        for caller, waiting in zip(request.callers(), records, strict=True):
            if waiting is None or waiting.count(caller.encode()) != len(TAGS):
                partial.append(caller)
    return partial, [caller for caller in callers if rows[caller] != 1]


async def kill_and_start(valkey: EmbeddedValkey) -> None:
    valkey.kill()
    valkey.start()


@pytest.mark.parametrize("kills", [4, pytest.param(8, marks=pytest.mark.long), pytest.param(100, marks=pytest.mark.long)])
async def test_each_item_is_taken_once_however_often_the_store_is_killed(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, kills: int
) -> None:
    services.start("ingest")
    async with BulkPublisher(services.url("ingest"), world.company, with_key=True) as publisher:
        await break_again_and_again(publisher, kills, lambda: kill_and_start(valkey))
    partial, wrong_in_log = await find_faults(world, publisher.requests)
    print(f"requests={len(publisher.requests)} kills={kills} broken={publisher.broken()} {partial=} {wrong_in_log=}")
    assert (partial, wrong_in_log) == ([], [])
    assert publisher.broken() > 0
    assert {status for request in publisher.requests for status in request.statuses} <= {200, 503, 409, None}
    assert all(request.reply["outcomes"] == {"stored": ITEMS} for request in publisher.requests)


@pytest.mark.parametrize("kills", [2, pytest.param(4, marks=pytest.mark.long)])
async def test_each_item_is_taken_once_however_often_ingest_is_killed(
    world: World, services: ServiceProcesses, kills: int
) -> None:
    services.start("ingest")

    async with BulkPublisher(services.url("ingest"), world.company, with_key=True) as publisher:

        async def kill_ingest() -> None:
            services.kill("ingest")
            await asyncio.to_thread(services.start, "ingest")
            for request in publisher.requests:
                if request.reply is None:  # the lease of the dead, which nobody can give back: as if it had run out
                    await world.store.hdel(idempotency_key(world.company.key.id, f"bulk-{request.number}"), "lease")

        await break_again_and_again(publisher, kills, kill_ingest)
    assert await find_faults(world, publisher.requests) == ([], [])
    assert publisher.broken() > 0


async def test_the_check_finds_what_repeats_double_without_a_key(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey
) -> None:
    services.start("ingest")
    publisher = BulkPublisher(services.url("ingest"), world.company, with_key=False)

    async def kill_and_judge() -> list[str]:
        async with publisher:
            await break_again_and_again(publisher, 2, lambda: kill_and_start(valkey))
        _, wrong = await find_faults(world, publisher.requests)
        return wrong

    wrong = await wait_for(kill_and_judge)
    print(f"requests={len(publisher.requests)} wrong={len(wrong)}")
