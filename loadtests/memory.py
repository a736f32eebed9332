"""`python -m loadtests.memory`: how much of the store's memory a waiting caller takes, by single posts and by bulk.

Each way fills a store that was emptied, with callers who have three tags each, and the drain carries the log away; then what the store
uses is compared with what it used before the first of them.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import redis.asyncio

from loadtests.bulk import count_entries
from loadtests.grounds import Server, lay_out_grounds

TAGS = {"prequalified": "true", "source": "search", "zip": "94110"}
BULK_ITEMS = 2000
FIRST_CALLER = 2_010_000_000
CATCH_UP_SECONDS = 120.0
WARM_UP = 1000
"""Callers who come first: scripts, streams and buffers are there afterwards."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the memory that a waiting caller takes in the store.")
    parser.add_argument("--callers", type=int, default=100_000, help="how many, each way (default 100,000)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="BYTES", help="fail when a caller takes more")
    options = parser.parse_args()
    with lay_out_grounds() as grounds:
        ingest = grounds.start_ingest()
        grounds.start_drain()
        most = asyncio.run(_measure_both(ingest, grounds.key, grounds.redis_url, options.callers))
    if options.at_most and most > options.at_most:
        sys.exit(f"a caller takes more than {options.at_most:g} bytes")


async def _measure_both(ingest: Server, key: str, redis_url: str, callers: int) -> float:
    """Print and answer the bytes a caller; the more of the two ways."""
    store: Any = redis.asyncio.from_url(redis_url)
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(ingest.url, headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
        ways: dict[str, Callable[[range], Awaitable[None]]] = {
            "single posts": lambda numbers: _post_singly(session, numbers),
            "bulk": lambda numbers: _post_in_bulk(session, numbers),
        }
        figures = [await _measure(store, name, post, callers) for name, post in ways.items()]
    await store.aclose()
    return max(figures)


async def _measure(store: Any, name: str, post: Callable[[range], Awaitable[None]], callers: int) -> float:
    await store.flushall()
    await post(range(FIRST_CALLER, FIRST_CALLER + WARM_UP))
    before = await _used_when_drained(store)
    started = time.monotonic()
    await post(range(FIRST_CALLER + WARM_UP, FIRST_CALLER + WARM_UP + callers))
    seconds = time.monotonic() - started
    used = await _used_when_drained(store) - before
    print(f"{name:12}  {callers:,} callers   {used / callers:6.1f} bytes each   {used / 1e6:5.1f} MB in all   ", end="")
    print(f"posted in {seconds:.0f} s", flush=True)
    return used / callers


async def _used_when_drained(store: Any) -> int:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while await count_entries(store):
        if time.monotonic() > deadline:
            sys.exit("the drain doesn't catch up")
        await asyncio.sleep(0.1)
    return int((await store.info("memory"))["used_memory"])


async def _post_singly(session: aiohttp.ClientSession, numbers: range) -> None:
    """A request each, on a few connections."""
    waiting = iter(numbers)

    async def post() -> None:
        for number in waiting:
            async with session.get("/data_writing", params={"caller_number": f"+1{number}"} | TAGS) as reply:
                _check(reply)

    await asyncio.gather(*(post() for _ in range(32)))


async def _post_in_bulk(session: aiohttp.ClientSession, numbers: range) -> None:
    for start in range(0, len(numbers), BULK_ITEMS):
        items = [{"caller_number": f"+1{number}", "tag_values": TAGS} for number in numbers[start : start + BULK_ITEMS]]
        async with session.post("/v1/postbacks", json=items) as reply:
            _check(reply)


def _check(reply: aiohttp.ClientResponse) -> None:
    if reply.status != 200:
        sys.exit(f"a request was answered {reply.status}")


if __name__ == "__main__":
    main()
