"""`python -m loadtests.overload`: what one ingest worker makes of three times what it can do.

First its peak, found by a few clients that ask as fast as they are answered. Then an open loop: requests come at a fixed rate whatever
becomes of them, each on any free connection of many, as publishers behind a proxy would send them. Ingest has a core of its own where
there are two, and the store and this generator the other, so that the generator doesn't take away what it measures.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

from loadtests.grounds import Server, lay_out_grounds

TICK_SECONDS = 0.001
REQUESTS = 5000  # that differ


class Figures(NamedTuple):
    """What became of the requests of one stretch of time."""

    seconds: float
    accepted: list[float]
    shed: list[float]
    """How long the answers took, in seconds."""
    other: int
    unsent: int
    """Due while no connection was free: the generator's limit, or a server that answers nobody."""

    @property
    def goodput(self) -> float:
        return len(self.accepted) / self.seconds

    def __str__(self) -> str:
        return (
            f"accepted {self.goodput:7,.0f}/s p99 {percentile(self.accepted, 0.99) * 1e3:6.1f} ms   "
            f"shed {len(self.shed) / self.seconds:7,.0f}/s p99 {percentile(self.shed, 0.99) * 1e3:6.1f} ms   "
            f"other {self.other}   unsent {self.unsent / self.seconds:,.0f}/s"
        )


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0.0


class Client(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._asked_at = 0.0
        self._heard = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(random.choice(self._crowd.requests))

    def data_received(self, data: bytes) -> None:
        heard = self._heard + data
        head, end, body = heard.partition(b"\r\n\r\n")
        if not end or len(body) < int(head[head.index(b"Content-Length: ") + 16 :].split(b"\r\n", 1)[0]):
            self._heard = heard
            return
        self._heard = b""
        self._crowd.note(self, int(head[9:12]), time.perf_counter() - self._asked_at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lose(self)

    def close(self) -> None:
        self._transport.abort()


class Crowd:
    """Many connections to one server."""

    def __init__(self, url: str, key: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname, place.port
        path = "/data_writing?key={}&caller_number=%2B1555{:07}&prequalified=true&source=search&zip=94110"
        self.requests = [
            f"GET {path.format(key, number)} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode() for number in range(REQUESTS)
        ]
        self._clients: list[Client] = []
        self._free: deque[Client] = deque()
        self._insists = False
        self._start_counting()

    def _start_counting(self) -> None:
        self._accepted: list[float] = []
        self._shed: list[float] = []
        self._other = self._unsent = 0

    async def open(self, connections: int) -> None:
        for _ in range(connections):
            _, client = await asyncio.get_running_loop().create_connection(lambda: Client(self), self._host, self._port)
            self._clients.append(client)
            self._free.append(client)

    def close(self) -> None:
        self._insists = False
        for client in list(self._clients):
            client.close()

    def note(self, client: Client, status: int, seconds: float) -> None:
        if status == 200:
            self._accepted.append(seconds)
        elif status == 503:
            self._shed.append(seconds)
        else:
            self._other += 1
        if self._insists:
            client.ask()
        else:
            self._free.append(client)

    def lose(self, client: Client) -> None:
        self._other += 1
        self._clients.remove(client)

    async def saturate(self, seconds: float) -> Figures:
        """Each client asks as soon as it is answered."""
        self._start_counting()
        self._insists = True
        started = time.perf_counter()
        while self._free:
            self._free.popleft().ask()
        await asyncio.sleep(seconds)
        self._insists = False
        return self._sum_up(time.perf_counter() - started)

    async def offer(self, rate: float, seconds: float) -> Figures:
        """So many requests a second, whatever becomes of them."""
        self._start_counting()
        started, sent = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - started) < seconds:
            due = int(elapsed * rate)
            while sent < due and self._free:
                self._free.popleft().ask()
                sent += 1
            self._unsent += due - sent
            sent = due
            await asyncio.sleep(TICK_SECONDS)
        return self._sum_up(time.perf_counter() - started)

    def _sum_up(self, seconds: float) -> Figures:
        return Figures(seconds, self._accepted, self._shed, self._other, self._unsent)


class Trial(NamedTuple):
    """Peak, overload and what came after."""

    peak: Figures
    overload: Figures
    recovered_after_seconds: float
    grown_bytes: int

    @property
    def kept(self) -> float:
        """The share of the peak's goodput that was left under overload."""
        return self.overload.goodput / self.peak.goodput


async def try_overload(url: str, key: str, pid: int, *, times: float, seconds: float, connections: int) -> Trial:
    """Find the peak, offer a multiple of it, then a third of it until all is normal."""
    few = Crowd(url, key)
    await few.open(64)
    await few.saturate(1)
    peak = max([await few.saturate(2) for _ in range(3)], key=lambda figures: figures.goodput)
    await asyncio.sleep(0.5)
    few.close()
    many = Crowd(url, key)
    await many.open(connections)
    await many.offer(peak.goodput / 2, 1)
    before = resident_bytes(pid)
    overload = await many.offer(times * peak.goodput, seconds)
    grown = resident_bytes(pid) - before
    ended = time.perf_counter()
    while time.perf_counter() - ended < 20:
        slice_started = time.perf_counter()
        quiet = await many.offer(peak.goodput / 3, 0.25)
        if not quiet.shed and not quiet.other and quiet.accepted:
            break
    many.close()
    return Trial(peak, overload, slice_started - ended, grown)


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def give_cores(server: Server) -> None:
    """Ingest one core, everything else the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(server.process.pid, {cores[0]})
        os.sched_setaffinity(0, set(cores[1:]))


def main() -> None:
    options = _read_options()
    if options.max_in_flight:
        os.environ["INGEST_MAX_IN_FLIGHT"] = str(options.max_in_flight)
    with lay_out_grounds() as grounds:
        server = grounds.start_ingest()
        give_cores(server)
        trial = uvloop.run(
            try_overload(
                server.url,
                grounds.key,
                server.process.pid,
                times=options.times,
                seconds=options.seconds,
                connections=options.connections,
            )
        )
    print(f"peak      {trial.peak}")
    print(f"overload  {trial.overload}")
    print(f"kept      {trial.kept:.2f} of the peak's goodput at {options.times:g} times the peak, {options.seconds:g} s")
    print(f"after     normal {trial.recovered_after_seconds:.1f} s later, memory grown by {trial.grown_bytes / 2**20:.1f} MiB")
    if trial.kept < options.at_least:
        sys.exit(f"less than {options.at_least:.2f} of the peak was kept")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Offer one ingest worker more than it can do.")
    parser.add_argument("--times", type=float, default=3, help="multiple of the peak that is offered (default 3)")
    parser.add_argument("--seconds", type=float, default=20, help="for how long (default 20)")
    parser.add_argument("--connections", type=int, default=1000, help="on how many connections (default 1000)")
    parser.add_argument("--max-in-flight", type=int, default=0, metavar="N", help="INGEST_MAX_IN_FLIGHT, if not its default")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="SHARE", help="fail when less of the peak is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
