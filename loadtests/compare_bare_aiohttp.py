"""`python -m loadtests.compare_bare_aiohttp`: what one ingest worker does beside the least that aiohttp can do, in one run.

Single postbacks from wrk with 64 connections, against an ingest of its own on Valkey (every write on disk before its reply) and
PostgreSQL, and against an app that answers the same bytes and does nothing. The two take turns, so that both meet the machine's
moods. A machine that does other things meanwhile shows a smaller ratio: three processes share its cores here, and two there.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from shared.embedded import EmbeddedServers
from shared.launch import launch
from shared.migrate import migrate
from shared.secret import hash_secret, new_secret

SCRIPT = Path(__file__).with_name("single_postbacks.lua")
PROJECT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
READY_SECONDS = 30.0
WARM_UP_SECONDS = 2

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Round(NamedTuple):
    """What wrk saw in one round, and what the server's process spent on it."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_request: float


class Server(NamedTuple):
    name: str
    url: str
    process: subprocess.Popen[bytes]


def main() -> None:
    options = _read_options()
    if shutil.which("wrk") is None:
        sys.exit("wrk isn't installed: it is the Debian package wrk")
    key = new_secret("pk")
    with tempfile.TemporaryDirectory(prefix="callstamp-compare-") as folder, EmbeddedServers(Path(folder)) as stores:
        asyncio.run(_add_key(stores.postgres_url, key))
        with _running(Path(folder), stores, key, with_drain=options.with_drain) as servers:
            rounds = _measure(servers, key, options)
    _show(rounds, options)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare one ingest worker with a bare aiohttp app.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each of the two is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="how long a round lasts (default 5)")
    parser.add_argument("--connections", type=int, default=64, help="how many wrk keeps open (default 64)")
    parser.add_argument("--with-drain", action="store_true", help="let the drain carry postbacks to PostgreSQL meanwhile")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="RATIO", help="fail when the ratio is smaller")
    return parser.parse_args()


async def _add_key(postgres_url: str, key: str) -> None:
    """A company with one publisher and one postback key."""
    await migrate(postgres_url)
    connection = await asyncpg.connect(postgres_url)
    try:
        company_id = await connection.fetchval("insert into companies (name) values ('Load') returning id")
        publisher_id = await connection.fetchval(
            "insert into publishers (company_id, name) values ($1, 'Load') returning id", company_id
        )
        key_id = await connection.fetchval(
            """
            insert into postback_keys (company_id, publisher_id, name, storage_duration_seconds, end_call_cutoff_seconds)
            values ($1, $2, 'Load', 172800, 3600)
            returning id
            """,
            company_id,
            publisher_id,
        )
        await connection.execute(
            "insert into postback_key_secrets (secret_hash, postback_key_id) values ($1, $2)", hash_secret(key), key_id
        )
    finally:
        await connection.close()


@contextmanager
def _running(folder: Path, stores: EmbeddedServers, key: str, *, with_drain: bool) -> Iterator[Sequence[Server]]:
    """The bare app and ingest, each a process of its own; the drain too, if wanted."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(module: str, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        with (folder / f"{module}.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", module, *arguments]
            processes.append(launch(command, output=log, environ=os.environ | environ, cwd=PROJECT))
        return processes[-1]

    ingest_port, bare_port, drain_port = _free_ports(3)
    ingest_url, bare_url = f"http://{HOST}:{ingest_port}", f"http://{HOST}:{bare_port}"
    place = {"REDIS_URL": stores.redis_url, "POSTGRES_URL": stores.postgres_url}
    try:
        ingest = start("ingest", INGEST_PORT=str(ingest_port), **{f"INGEST_{name}": url for name, url in place.items()})
        if with_drain:
            where = {f"MERGER_{name}": url for name, url in place.items()}
            start("ingest.merger.drain", MERGER_DRAIN_PORT=str(drain_port), **where)
        body = _first_answer(
            f"{ingest_url}/data_writing?key={key}&caller_number=%2B15550000000&prequalified=true&source=search&zip=94110"
        )
        bare = start("loadtests.bare_aiohttp", str(bare_port), body.decode())
        if _first_answer(f"{bare_url}/data_writing") != body:
            sys.exit("the bare app doesn't answer what ingest does")
        yield Server("bare aiohttp", bare_url, bare), Server("ingest", ingest_url, ingest)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server((HOST, 0)) for _ in range(count)]
    try:
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def _first_answer(url: str) -> bytes:
    """The body of the first 200 from there; exits when none comes."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:  # noqa: S310 - an address of our own
                return bytes(reply.read())
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"no server answers at {url.partition('?')[0]}: {error}")
            time.sleep(0.05)


def _measure(servers: Sequence[Server], key: str, options: argparse.Namespace) -> dict[str, list[Round]]:
    for server in servers:
        _run_wrk(server, key, WARM_UP_SECONDS, options.connections)
    rounds: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(1, options.rounds + 1):
        for server in servers:
            measured = _run_wrk(server, key, options.seconds, options.connections)
            rounds[server.name].append(measured)
            print(f"round {number}  {server.name:12}  {_spell(measured)}", flush=True)
    return rounds


def _run_wrk(server: Server, key: str, seconds: int, connections: int) -> Round:
    """One round. Exits when a reply wasn't 200 or didn't come: a fast refusal is no figure."""
    spent = _cpu_seconds(server.process.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT), server.url]
    done = subprocess.run(
        command, env=os.environ | {"POSTBACK_KEY": key}, capture_output=True, text=True, timeout=seconds + 30, check=True
    )
    spent = _cpu_seconds(server.process.pid) - spent
    seen = json.loads(done.stdout.splitlines()[-1])
    if seen["refused"] or seen["broken"] or not seen["requests"]:
        sys.exit(f"{server.name}: {seen['refused']} of {seen['requests']} replies weren't 200, {seen['broken']} requests broke")
    return Round(seen["requests"] / seen["seconds"], seen["p50_ms"], seen["p99_ms"], spent / seen["requests"] * 1e6)


def _cpu_seconds(pid: int) -> float:
    """What the process has used so far, in user and kernel mode (proc(5), /proc/pid/stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_SECONDS


def _spell(measured: Round) -> str:
    return (
        f"{measured.requests_per_second:8,.0f} requests/s   p50 {measured.p50_ms:5.1f} ms   p99 {measured.p99_ms:5.1f} ms   "
        f"{measured.cpu_us_per_request:5.1f} µs CPU a request"
    )


def _show(rounds: dict[str, list[Round]], options: argparse.Namespace) -> None:
    medians = {name: Round(*map(statistics.median, zip(*measured, strict=True))) for name, measured in rounds.items()}
    drain = "drain running" if options.with_drain else "no drain"
    print(f"\nmedians of {options.rounds} rounds of {options.seconds} s, wrk -t1 -c{options.connections}, {drain},", end=" ")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for name, median in medians.items():
        print(f"         {name:12}  {_spell(median)}")
    ratios = [ingest.requests_per_second / bare.requests_per_second for bare, ingest in zip(*rounds.values(), strict=True)]
    costs = [ingest.cpu_us_per_request / bare.cpu_us_per_request for bare, ingest in zip(*rounds.values(), strict=True)]
    ratio = statistics.median(ratios)
    print(f"ratio    {ratio:.2f} of its rate, round by round {min(ratios):.2f} to {max(ratios):.2f}")
    print(f"         {statistics.median(costs):.2f} of its CPU a request, {min(costs):.2f} to {max(costs):.2f}")
    if ratio < options.at_least:
        sys.exit(f"the ratio is below {options.at_least:.2f}")


if __name__ == "__main__":
    main()
