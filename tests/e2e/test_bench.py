"""A comparison as somebody starts it: peers take turns with ingest, ratios and a chart say how they compare."""

import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import MEMORY, Terminal

BENCH_SECONDS = 180.0
"""For a command that starts three servers and measures each of them in turns."""


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk isn't installed: it is the Debian package wrk")
@pytest.mark.parametrize("rounds", [2, pytest.param(5, marks=pytest.mark.long)])
def test_peers_take_turns_with_ingest_and_are_compared(
    terminal: Terminal, tmp_path: Path, check_figure: Callable[..., None], rounds: int
) -> None:
    chart = tmp_path / "bench.svg"
    peers = ("--peer", "bare_aiohttp", "--peer", "aiohttp_redis_py")
    words = ("--rounds", str(rounds), "--seconds", "1", "--chart", str(chart), *peers)
    done = terminal.run("bench", *words, timeout=BENCH_SECONDS, TMPDIR=MEMORY or "/tmp")
    assert done.returncode == 0, done.stdout + done.stderr
    turns = re.findall(r"^round (\d)  (.*?)  +[\d,]+ requests/s", done.stdout, re.MULTILINE)
    names = ["ingest", "bare aiohttp", "aiohttp, redis-py"]
    assert turns == [(str(number), name) for number in range(1, rounds + 1) for name in names], done.stdout
    ratios = re.findall(r"^ *(bare aiohttp|aiohttp, redis-py) .*?([\d.]+) x \(.*?([\d.]+) x \(", done.stdout, re.MULTILINE)
    (_, of_bare, _), (_, of_pool, cpu_of_pool) = [(name, float(rate), float(cpu)) for name, rate, cpu in ratios]
    # The figures are each server's own: bare is the fastest of all.
    check_figure(
        "ingest's rate beside bare aiohttp, as a share of that beside aiohttp with redis-py", of_bare / of_pool, at_most=1
    )
    check_figure("CPU of ingest beside aiohttp with redis-py", cpu_of_pool, at_most=1)
    drawn = {text.text for text in ElementTree.parse(chart).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314 - drawn by us
    assert {*names} <= drawn


def test_a_machine_without_wrk_is_told_what_to_install(terminal: Terminal) -> None:
    done = terminal.run("bench", PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr == "wrk isn't installed: it is the Debian package wrk\n"
