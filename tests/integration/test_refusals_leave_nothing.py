"""Guarantee 19, seen from memory: what a flood of refused requests leaves for the garbage collector holds up everybody when it runs."""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from shared import answer
from tests.connection import Connection
from tests.world import CALLER, World

REQUESTS = 100
MOST_OBJECTS_A_REQUEST = 8
"""Found by the collector alone: for an address that isn't there aiohttp makes a route that holds itself, else there are none."""


@pytest.fixture(autouse=True)
def frozen_heap() -> Iterator[None]:
    """Keeps what is there already from the garbage collector: looking through it again and again takes most of the time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@contextmanager
def without_collecting() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def count_left(world: World, path: str) -> tuple[set[int], float]:
    """The statuses, and how many objects a request only the collector frees."""
    statuses = set()
    async with Connection(str(world.ingest.make_url("")).rstrip("/")) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for round_of in (10, REQUESTS):  # what comes once, then what comes each time
            with without_collecting():
                for _ in range(round_of):
                    await connection.send(request)
                    statuses.add((await connection.receive()).status)
                left = gc.collect()
    return statuses, left / REQUESTS


async def limited_key(world: World, *, company: bool) -> str:
    if company:  # before the key, so that who knows the key knows the rate
        await world.postgres.execute("update companies set rate_limit_per_second = 1 where id = $1", world.company.id)
    key = await world.add_key(**({} if company else {"rate_limit_per_second": 1}))
    await world.eventually_known(key)
    return key.secret


async def ok(world: World) -> str:
    return "/data_writing?" + urlencode({"key": world.company.key.secret, "caller_number": CALLER, "a": "1"})


async def over_the_keys_rate(world: World) -> str:
    return "/data_writing?" + urlencode({"key": await limited_key(world, company=False), "caller_number": CALLER, "a": "1"})


async def over_the_companys_rate(world: World) -> str:
    return "/data_writing?" + urlencode({"key": await limited_key(world, company=True), "caller_number": CALLER, "a": "1"})


async def unknown_key(world: World) -> str:
    return "/data_writing?" + urlencode({"key": "nobody's", "caller_number": CALLER, "a": "1"})


async def no_number(world: World) -> str:
    return "/data_writing?" + urlencode({"key": world.company.key.secret, "caller_number": "anonymous", "a": "1"})


async def bad_tag(world: World) -> str:
    return "/data_writing?" + urlencode({"key": world.company.key.secret, "caller_number": CALLER, "a": "\x00"})


async def no_tags(world: World) -> str:
    return "/data_writing?" + urlencode({"key": world.company.key.secret, "caller_number": CALLER})


async def unknown_call(world: World) -> str:
    return "/data_writing?" + urlencode({"key": world.company.key.secret, "call_uuid": "nobody's", "a": "1"})


async def full_store(world: World) -> str:
    await world.store.config_set("maxmemory", "1")
    return await ok(world)


async def no_such_address(world: World) -> str:
    return "/nowhere"


CASES: list[tuple[Callable[[World], Awaitable[str]], int]] = [
    (ok, 200), (over_the_keys_rate, 429), (unknown_key, 401), (no_number, 422), (bad_tag, 422), (no_tags, 400),
    (unknown_call, 404), (no_such_address, 404), (full_store, 503),
    (over_the_companys_rate, 429),  # last: from then on every key is over it
]  # fmt: skip


async def test_an_answer_leaves_nothing_for_the_collector(world: World, subtests: pytest.Subtests) -> None:
    for path_of, status in CASES:
        with subtests.test(path_of.__name__):
            try:
                statuses, left = await count_left(world, await path_of(world))
            finally:
                await world.store.config_set("maxmemory", "0")
            assert status in statuses
            print(f"{path_of.__name__}: left={left:.2f}")
            assert left <= MOST_OBJECTS_A_REQUEST


async def test_the_check_sees_a_refusal_that_holds_its_frame(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "_let_go_of_frames", lambda error: None)
    assert (await count_left(world, await no_such_address(world)))[1] > MOST_OBJECTS_A_REQUEST
