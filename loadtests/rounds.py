"""Rounds of wrk against servers that take turns, so that each meets the machine's moods, and what the rounds say together."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests.grounds import Server

SCRIPT = Path(__file__).with_name("single_postbacks.lua")
WARM_UP_SECONDS = 2
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Round(NamedTuple):
    """What wrk saw in one round, and what the server's processes spent on it."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_request: float


class Ratio(NamedTuple):
    """The median of one server's figures divided by another's, round by round, and how far the rounds lie apart."""

    median: float
    least: float
    most: float


def measure(servers: Sequence[Server], key: str, *, rounds: int, seconds: int, connections: int) -> dict[str, list[Round]]:
    """So many rounds of each server, in turns; says each."""
    for server in servers:
        _run_wrk(server, key, WARM_UP_SECONDS, connections)
    measured: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(1, rounds + 1):
        for server in servers:
            measured[server.name].append(_run_wrk(server, key, seconds, connections))
            print(f"round {number}  {server.name:20}  {spell(measured[server.name][-1])}", flush=True)
    return measured


def median_of(measured: Sequence[Round]) -> Round:
    return Round(*map(statistics.median, zip(*measured, strict=True)))


def ratio_of(figure: Callable[[Round], float], of: Sequence[Round], to: Sequence[Round]) -> Ratio:
    """Neighbouring rounds are compared, as the machine's speed changes."""
    ratios = [figure(one) / figure(other) for one, other in zip(of, to, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def spell(measured: Round) -> str:
    return (
        f"{measured.requests_per_second:8,.0f} requests/s   p50 {measured.p50_ms:5.1f} ms   p99 {measured.p99_ms:5.1f} ms   "
        f"{measured.cpu_us_per_request:5.1f} µs CPU a request"
    )


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
    """What a process and its children have used so far, in user and kernel mode (proc(5), /proc/pid/stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) * TICK_SECONDS + sum(_cpu_seconds(int(child)) for child in children)
