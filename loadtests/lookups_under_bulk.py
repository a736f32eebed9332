"""`python -m loadtests.lookups_under_bulk`: what a look-up takes while bulk posting runs at full speed.

Look-ups come at a steady pace whether or not the last one was answered (an open loop), first alone, then while wrk posts in bulk and the
drain carries everything to PostgreSQL. The asking process shares the cores with all of them, so what it sees is an upper bound.
"""

import argparse
import asyncio
import json
import math
import os
import random
import subprocess
import sys
from typing import NamedTuple

from loadtests.bulk import BULK
from loadtests.grounds import LOOK_UP, Grounds, Server, lay_out_grounds


class Seen(NamedTuple):
    """Look-ups of one phase: how many, their times in ms, and how many were degraded or not answered with 200."""

    times_ms: list[float]
    degraded: int
    refused: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure look-ups while bulk posting runs at full speed.")
    parser.add_argument("--seconds", type=int, default=20, help="how long the flood lasts (default 20)")
    parser.add_argument("--rate", type=int, default=100, help="look-ups a second (default 100)")
    parser.add_argument("--connections", type=int, default=4, help="connections that post in bulk (default 4)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="MS", help="fail when the p99 under the flood is longer")
    options = parser.parse_args()
    with lay_out_grounds() as grounds:
        ingest, merger = grounds.start_ingest(), grounds.start_merger()
        grounds.start_drain()
        p99_ms = asyncio.run(_compare(grounds, ingest, merger, options))
    if options.at_most and p99_ms > options.at_most:
        sys.exit(f"the p99 is above {options.at_most} ms")


async def _compare(grounds: Grounds, ingest: Server, merger: Server, options: argparse.Namespace) -> float:
    _show("alone", await _look_up_steadily(merger, grounds.engine_key, options.rate, options.seconds / 2))
    environ = {
        "POSTBACK_KEY": grounds.key,
        "BULK_ITEMS": "1000",
        "BULK_BODIES": "300",
        "BULK_FIRST_CALLER": "2000000000",
    }
    command = [
        "wrk",
        "-t1",
        f"-c{options.connections}",
        f"-d{options.seconds + 4}s",
        "--timeout",
        "10s",
        "-s",
        str(BULK),
        ingest.url,
    ]
    flood = await asyncio.create_subprocess_exec(*command, env=os.environ | environ, stdout=subprocess.PIPE)
    await asyncio.sleep(2)  # until it has made its bodies and is under way
    seen = await _look_up_steadily(merger, grounds.engine_key, options.rate, options.seconds)
    said, _ = await flood.communicate()
    posted = json.loads(said.splitlines()[-1])
    print(
        f"         bulk meanwhile: {posted['requests'] * 1000 / posted['seconds']:,.0f} postbacks/s, {posted['refused']} refused"
    )
    return _show("under bulk", seen)


async def _look_up_steadily(merger: Server, key: str, rate: int, seconds: float) -> Seen:
    """One look-up after the other at the given pace, each on a connection that is free."""
    loop, started = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    seen, asked = Seen([], 0, 0), []
    degraded, refused = 0, 0

    async def ask() -> None:
        nonlocal degraded, refused
        address = merger.url.removeprefix("http://").split(":")
        reader, writer = free.pop() if free else await asyncio.open_connection(address[0], int(address[1]))
        path = LOOK_UP.format(key=key).replace("15550000000", str(12_000_000_000 + random.randrange(300_000)))
        began = loop.time()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: merger\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        body = await reader.readexactly(length)
        seen.times_ms.append((loop.time() - began) * 1000)
        degraded += b'"degraded":true' in body
        refused += not head.startswith(b"HTTP/1.1 200")
        free.append((reader, writer))

    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        asked.append(asyncio.create_task(ask()))
    await asyncio.gather(*asked)
    for _, writer in free:
        writer.close()
    return Seen(seen.times_ms, degraded, refused)


def _show(name: str, seen: Seen) -> float:
    """Print a phase; answers its p99 in ms."""
    times = sorted(seen.times_ms)
    p50, p99 = times[len(times) // 2], times[math.ceil(len(times) * 0.99) - 1]
    print(f"{name:12}  {len(times):6,} look-ups   p50 {p50:5.1f} ms   p99 {p99:5.1f} ms   most {times[-1]:5.1f} ms", end="   ")
    print(f"{seen.degraded} degraded, {seen.refused} refused", flush=True)
    return p99


if __name__ == "__main__":
    main()
