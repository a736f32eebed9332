"""Guarantee 25: what is small on the wire and huge, or endless work, behind it is refused in bounded memory, and holds nobody up."""

import asyncio
import functools
import gzip
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ingest.read_bulk import zstd
from tests.conftest import CheckFigure
from tests.connection import Connection
from tests.faults.load import AtLeast
from tests.service_processes import ServiceProcesses
from tests.stalls import Clock, running_clock
from tests.waiting import wait_for
from tests.world import World

GROWN_AT_MOST_BYTES = (
    192 * 2**20
)  # what a worker holds of bulk at a time, inflated, twice while it is put together, and the thing sent
HUGE = 256 * 2**20
MEBIBYTE = 2**20

Bomb = tuple[str, str, bytes, set[tuple[int, str]]]
"""Content-Encoding, Content-Type, body, and the answers that are right."""

NDJSON = "application/x-ndjson"
TOO_LARGE = {(413, "body_too_large")}
INVALID = {(400, "invalid_body")}
UNSUPPORTED = {(415, "unsupported_media_type")}


@functools.cache
def squeezed(encoding: str) -> bytes:
    """A quarter of a gigabyte of blank, compressed."""
    return gzip.compress(b" " * HUGE, 1) if encoding == "gzip" else zstd.compress(b" " * HUGE)


def frame_of_a_gigabyte_window() -> bytes:
    """A zstd frame (RFC 8878) that asks for a window of 1 GiB and holds nothing."""
    return b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([20 << 3]) + b"\x01\x00\x00"


BOMBS: dict[str, Callable[[], Bomb]] = {
    "gzip": lambda: ("gzip", NDJSON, squeezed("gzip"), TOO_LARGE),
    "zstd": lambda: ("zstd", NDJSON, squeezed("zstd"), TOO_LARGE),
    "gzip, for a JSON array": lambda: ("gzip", "application/json", squeezed("gzip"), TOO_LARGE),
    "zstd, for CSV": lambda: ("zstd", "text/csv", squeezed("zstd"), TOO_LARGE),
    "gzip in gzip, said twice": lambda: ("gzip, gzip", NDJSON, gzip.compress(squeezed("gzip"), 1), UNSUPPORTED),
    "gzip in zstd, said both": lambda: ("gzip, zstd", NDJSON, zstd.compress(squeezed("gzip")), UNSUPPORTED),
    "gzip in gzip, said once": lambda: ("gzip", NDJSON, gzip.compress(squeezed("gzip"), 1), {(200, "")}),  # lines of nonsense
    "zstd in gzip, for a JSON array": lambda: ("gzip", "application/json", gzip.compress(squeezed("zstd"), 1), INVALID),
    "an encoding that isn't taken": lambda: ("deflate", NDJSON, squeezed("gzip"), UNSUPPORTED),
    "a window of a gigabyte": lambda: ("zstd", NDJSON, frame_of_a_gigabyte_window(), INVALID),
    "empty members without end": lambda: ("gzip", NDJSON, gzip.compress(b"") * 200_000, INVALID),
    "empty frames without end": lambda: ("zstd", NDJSON, zstd.compress(b"") * 400_000, INVALID),
    "an array of nothing": lambda: ("gzip", "application/json", gzip.compress(b"[" + b"0," * 4_000_000 + b"0]", 1), TOO_LARGE),
    "an array of no things": lambda: (
        "gzip",
        "application/json",
        gzip.compress(b"[" + b"{}," * 2_500_000 + b"{}]", 1),
        TOO_LARGE,
    ),
    "an array in an array": lambda: ("gzip", "application/json", gzip.compress(b"[" * 8_000_000, 1), INVALID),
    "blank lines": lambda: ("gzip", NDJSON, gzip.compress(b"\n" * 8_000_000, 1), {(200, "")}),
    "a CSV of columns": lambda: ("gzip", "text/csv", gzip.compress(b"caller_number" + b"," * 8_000_000, 1), INVALID),
    "a CSV of cells": lambda: ("gzip", "text/csv", gzip.compress(b"caller_number,a\n" + b"," * 8_000_000, 1), INVALID),
    "a CSV of blank lines": lambda: ("gzip", "text/csv", gzip.compress(b"caller_number,a" + b"\n" * 8_000_000, 1), TOO_LARGE),
    "a CSV of one cell": lambda: ("gzip", "text/csv", gzip.compress(b'caller_number,a\n1,"' + b"x" * 8_000_000, 1), INVALID),
}


class Ingest:
    """The worker, asked by a publisher."""

    def __init__(self, url: str, key: str, pid: int, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.pid = pid
        self._key = key
        self._session = session

    async def drop(self, bomb: Bomb, path: str = "/v1/postbacks") -> tuple[int, str]:
        encoding, content_type, body, _ = bomb
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": content_type, "Content-Encoding": encoding}
        async with self._session.post(self.url + path, data=io.BytesIO(body), headers=headers) as reply:
            said = await reply.json(content_type=None)
            return reply.status, said.get("code", "")


@pytest.fixture
async def ingest(world: World, services: ServiceProcesses) -> AsyncIterator[Ingest]:
    pid = services.start("ingest").process.pid
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(timeout=timeout, skip_auto_headers=["Accept-Encoding"]) as session:
        yield Ingest(services.url("ingest"), world.company.key.secret, pid, session)


def most_memory(pid: int | str) -> int:
    """The most that was resident since it was last forgotten, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def forget_most_memory(pid: int | str) -> int:
    """Begin anew with what is resident now (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return most_memory(pid)


async def test_a_bomb_is_refused_and_takes_little_memory(ingest: Ingest) -> None:
    await ingest.drop(BOMBS["blank lines"]())
    before = forget_most_memory(ingest.pid)
    for what, make in BOMBS.items():
        bomb = make()
        assert await ingest.drop(bomb) in bomb[3], what
    grown = most_memory(ingest.pid) - before
    print(f"grown={grown / MEBIBYTE:.0f}MiB")
    assert grown <= GROWN_AT_MOST_BYTES


async def test_bombs_at_once_take_no_more_than_bulk_may(ingest: Ingest) -> None:
    bombs = [BOMBS[what]() for what in ("gzip", "zstd", "gzip, for a JSON array", "zstd, for CSV")]
    before = forget_most_memory(ingest.pid)
    answers = await asyncio.gather(*(ingest.drop(bomb) for bomb in bombs * 6))
    grown = most_memory(ingest.pid) - before
    print(f"grown={grown / MEBIBYTE:.0f}MiB")
    assert grown <= GROWN_AT_MOST_BYTES
    assert set(answers) <= TOO_LARGE | {(503, "unavailable")}
    assert set(answers) >= TOO_LARGE


async def test_a_single_postback_is_never_inflated(ingest: Ingest) -> None:
    before = forget_most_memory(ingest.pid)
    for encoding in ("gzip", "zstd", "gzip, gzip", "deflate", "br"):
        for content_type in ("application/json", "application/x-www-form-urlencoded"):
            bomb = (encoding, content_type, squeezed("gzip")[: 60 * 1024], UNSUPPORTED)
            assert await ingest.drop(bomb, "/data_writing?caller_number=%2B15551230000") in UNSUPPORTED
    assert most_memory(ingest.pid) - before <= 16 * MEBIBYTE


def test_the_check_sees_memory_that_a_bomb_takes() -> None:
    before = forget_most_memory("self")
    assert len(gzip.decompress(squeezed("gzip"))) == HUGE
    assert most_memory("self") - before > GROWN_AT_MOST_BYTES


@asynccontextmanager
async def asking_meanwhile(url: str, clock: Clock) -> AsyncIterator[list[float]]:
    """Requests /livez again and again and yields the response times in seconds. No one else may start the clock meanwhile."""
    waits: list[float] = []

    async def ask() -> None:
        async with Connection(url) as connection:
            while True:
                clock.start()
                assert (await connection.get("/livez")).status == 200
                waits.append(clock.seconds)
                await asyncio.sleep(0.001)

    async def count_waits() -> int:
        assert not asking.done(), asking
        return len(waits)

    asking = asyncio.create_task(ask())
    await wait_for(count_waits, AtLeast(10))
    waits.clear()
    yield waits
    await wait_for(count_waits, AtLeast(1))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.long
async def test_a_bomb_doesnt_hold_up_the_loop(ingest: Ingest, check_figure: CheckFigure) -> None:
    slowest = {}
    async with running_clock() as clock:
        for what, make in BOMBS.items():
            bomb, slowest[what] = make(), 0.0
            for _ in range(5):
                async with asking_meanwhile(ingest.url, clock) as waits:
                    await ingest.drop(bomb)
                slowest[what] = max(slowest[what], *waits)
    print(json.dumps({what: f"{seconds * 1000:.1f}ms" for what, seconds in slowest.items()}, indent=1))
    check_figure("the longest that a bomb held up the loop, in s", max(slowest.values()), at_most=0.020)


async def test_the_check_sees_a_worker_that_is_held_up(ingest: Ingest) -> None:
    async with running_clock() as clock, asking_meanwhile(ingest.url, clock) as waits:

        async def hold_up() -> float:
            os.kill(ingest.pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(0.05)
            finally:
                os.kill(ingest.pid, signal.SIGCONT)
            return max(waits, default=0.0)

        await wait_for(hold_up, lambda slowest: slowest > 0.020, "the longest wait for /livez, in s")
