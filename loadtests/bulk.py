"""`python -m loadtests.bulk`: bulk posting beside single posts, and beside the same batches sent straight to the store, in one run.

In turns, with the drain carrying everything to PostgreSQL: wrk posts singly; wrk posts in bulk; and the very commands that ingest sent
for such bulk requests, recorded before by a proxy, go straight to Valkey, more at a time than ingest keeps before it. Each turn begins
with a store and a drain that have nothing left to do. What is sent straight is faster than the drain, so its backlog grows: the rate that
could go on for ever is the one that counts the time until all of it is in PostgreSQL.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import hiredis
import redis.asyncio

from loadtests.grounds import PROJECT, Grounds, Server, lay_out_grounds
from loadtests.recording_proxy import RecordingProxy

PARTITIONS = 256
SINGLE, BULK = PROJECT / "loadtests" / "single_postbacks.lua", PROJECT / "loadtests" / "bulk_postbacks.lua"
BEFORE_THE_STORE = 12
"""Groups that are sent straight to the store at a time: more than ingest does, which leaves room for look-ups."""
LONGEST_CATCH_UP_SECONDS = 120.0


class Turn(NamedTuple):
    """What one turn brought. `backlog` is the most that waited for the drain, in bytes of the store's memory.

    `carried_per_second` counts the time until all of it was in PostgreSQL: what could go on for ever.
    """

    postbacks_per_second: float
    carried_per_second: float
    p99_ms: float
    backlog: int
    caught_up_seconds: float


def main() -> None:
    options = _read_options()
    with lay_out_grounds() as grounds:
        recorded = asyncio.run(_record(grounds, options))
        ingest = grounds.start_ingest()
        grounds.start_drain()
        asyncio.run(_compare(grounds, ingest, recorded, options))


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare bulk posting with single posts and with the store itself.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="how long wrk posts in a turn (default 5)")
    parser.add_argument("--items", type=int, default=1000, help="postbacks in a bulk request (default 1000)")
    parser.add_argument("--requests", type=int, default=300, help="bulk requests that are recorded (default 300)")
    parser.add_argument("--connections", type=int, default=4, help="connections that post in bulk (default 4)")
    return parser.parse_args()


async def _compare(grounds: Grounds, ingest: Server, recorded: list[bytes], options: argparse.Namespace) -> None:
    store = redis.asyncio.from_url(grounds.redis_url)
    recorded_count = options.items * options.requests
    turns: dict[str, Callable[[], Awaitable[tuple[int, float, float]]]] = {
        "single posts": lambda: _post(ingest, grounds.key, SINGLE, options, connections=64),
        "bulk": lambda: _post(ingest, grounds.key, BULK, options, connections=options.connections),
        "the store itself": lambda: _send_straight(grounds.redis_url, recorded, recorded_count),
    }
    seen: dict[str, list[Turn]] = {name: [] for name in turns}
    for number in range(1, options.rounds + 1):
        for name, turn in turns.items():
            seen[name].append(await _take_turn(store, turn))
            print(f"round {number}  {name:18}  {_spell(seen[name][-1])}", flush=True)
    await store.aclose()
    print(f"\nmedians of {options.rounds} rounds, {options.items} postbacks a bulk request, drain running,", end=" ")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for name, measured in seen.items():
        print(f"         {name:18}  {_spell(Turn(*map(statistics.median, zip(*measured, strict=True))))}")
    for other in ("the store itself", "single posts"):
        ratios = [one.postbacks_per_second / two.postbacks_per_second for one, two in zip(seen["bulk"], seen[other], strict=True)]
        carried = [one.carried_per_second / two.carried_per_second for one, two in zip(seen["bulk"], seen[other], strict=True)]
        print(
            f"bulk     {statistics.median(ratios):.2f} of {other}, round by round {min(ratios):.2f} to {max(ratios):.2f};",
            end=" ",
        )
        print(f"{statistics.median(carried):.2f} counted until all is in PostgreSQL")


def _spell(turn: Turn) -> str:
    return (
        f"{turn.postbacks_per_second:8,.0f} postbacks/s, {turn.carried_per_second:7,.0f} until in PostgreSQL   "
        f"p99 {turn.p99_ms:6.1f} ms   backlog at most {turn.backlog / 1e6:5.1f} MB, gone after {turn.caught_up_seconds:4.1f} s"
    )


async def _take_turn(store: Any, turn: Callable[[], Awaitable[tuple[int, float, float]]]) -> Turn:
    """One turn on an empty store, and the time the drain needs to catch up with it."""
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, await _backlog(store))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    postbacks, rate, p99_ms = await turn()
    ended = time.monotonic()
    while await count_entries(store):
        if time.monotonic() - ended > LONGEST_CATCH_UP_SECONDS:
            sys.exit("the drain doesn't catch up")
        await asyncio.sleep(0.1)
    watching.cancel()
    caught_up = time.monotonic() - ended
    await store.flushall()
    return Turn(rate, postbacks / (postbacks / rate + caught_up), p99_ms, most, caught_up)


async def count_entries(store: Any) -> int:
    """What waits for the drain."""
    async with store.pipeline(transaction=False) as pipeline:
        for number in range(PARTITIONS):
            pipeline.xlen(f"{{p{number:03}}}s")
        return sum(await pipeline.execute())


async def _backlog(store: Any) -> int:
    """The memory of what waits for the drain, in bytes."""
    async with store.pipeline(transaction=False) as pipeline:
        for number in range(PARTITIONS):
            pipeline.memory_usage(f"{{p{number:03}}}s")
        return sum(size or 0 for size in await pipeline.execute())


async def _post(
    ingest: Server, key: str, script: Any, options: argparse.Namespace, *, connections: int, **more: str
) -> tuple[int, float, float]:
    """Let wrk post for a while: postbacks, postbacks a second, and the p99 of a request. Exits when a reply wasn't 200."""
    environ = {
        "POSTBACK_KEY": key,
        "BULK_ITEMS": str(options.items),
        "BULK_BODIES": str(options.requests),
        "BULK_FIRST_CALLER": "2000000000",
    }
    command = ["wrk", "-t1", f"-c{connections}", f"-d{options.seconds}s", "--timeout", "10s", "-s", str(script), ingest.url]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environ | more, stdout=subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), options.seconds + 60)
    seen = json.loads(said.splitlines()[-1])
    if seen["refused"] or seen["broken"] or not seen["requests"]:
        sys.exit(f"{seen['refused']} of {seen['requests']} replies weren't 200, {seen['broken']} requests broke")
    each = options.items if script is BULK else 1
    return seen["requests"] * each, seen["requests"] * each / seen["seconds"], seen["p99_ms"]


async def _record(grounds: Grounds, options: argparse.Namespace) -> list[bytes]:
    """The commands that ingest sends for so many bulk requests."""
    socket = grounds.redis_url.removeprefix("unix://")
    proxy = RecordingProxy(socket, socket + ".recorded", b"write_many")
    await proxy.start()
    ingest = await asyncio.to_thread(grounds.start_ingest, f"unix://{socket}.recorded")
    import aiohttp

    headers = {"Authorization": f"Bearer {grounds.key}", "Content-Type": "application/x-ndjson"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for number in range(options.requests):
            async with session.post(ingest.url + "/v1/postbacks", data=_body(number, options.items)) as reply:
                if reply.status != 200:
                    sys.exit(f"a bulk request was answered {reply.status}")
    ingest.process.terminate()
    await asyncio.to_thread(ingest.process.wait)
    await proxy.stop()
    store = redis.asyncio.from_url(grounds.redis_url)
    await store.flushall()
    await store.aclose()
    return proxy.said


def _body(number: int, items: int) -> bytes:
    """A body as bulk_postbacks.lua makes it."""
    first = 2_000_000_000 + number * items
    lines = (
        f'{{"caller_number":"+1{caller:010}","tag_values":{{"prequalified":"true","source":"search","zip":"94110"}}}}'
        for caller in range(first, first + items)
    )
    return "\n".join(lines).encode()


async def _send_straight(redis_url: str, commands: list[bytes], postbacks: int) -> tuple[int, float, float]:
    """Send the commands, so many at a time, and count the postbacks a second."""
    reader, writer = await asyncio.open_unix_connection(redis_url.removeprefix("unix://"))
    replies, waiting, started = hiredis.Reader(), 0, time.monotonic()
    for place, command in enumerate(commands):
        writer.write(command)
        waiting += 1
        while waiting >= BEFORE_THE_STORE or (waiting and place == len(commands) - 1):
            replies.feed(await reader.read(65536))
            while (reply := replies.gets()) is not False:
                if isinstance(reply, Exception):
                    sys.exit(f"the store refused a group: {reply}")
                waiting -= 1
    writer.close()
    return postbacks, postbacks / (time.monotonic() - started), 0.0


if __name__ == "__main__":
    main()
