"""`callstamp bench`: one ingest worker beside servers that do the same work as one usually builds them, in one run, in turns.

wrk posts single postbacks of three tags about random callers to each. All share one Valkey, which has every write on disk before its
reply. What counts are ratios of neighbouring rounds: the machine's speed changes, and the generator shares its cores.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from loadtests.chart import draw_chart
from loadtests.grounds import PROJECT, Grounds, Server, lay_out_grounds
from loadtests.peers import nginx_lua
from loadtests.rounds import Round, measure, median_of, ratio_of

CHART = Path(__file__).with_name("bench.svg")
BARE = "bare aiohttp"
INGEST = "ingest"


class Peer(NamedTuple):
    """A module of peers/, what it needs besides what ingest does, and the goals of ingest beside it."""

    name: str
    module: str
    needs: tuple[str, ...] = ()
    least_rate: float | None = None
    most_cpu: float | None = None


PEERS = (
    Peer(BARE, "bare_aiohttp", most_cpu=1.35),
    Peer("aiohttp, redis-py", "aiohttp_redis_py", least_rate=3.0),
    Peer("FastAPI, redis-py", "fastapi_redis_py", needs=("fastapi", "uvicorn", "httptools"), least_rate=6.0),
    Peer("nginx, Lua", "nginx_lua"),
)


def main() -> None:
    options = _read_options()
    console = Console(highlight=False)
    with lay_out_grounds() as grounds:
        servers = list(_start_all(grounds, options, console))
        how = {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections}
        rounds = measure(servers, grounds.key, **how)
    about = (
        f"medians of {options.rounds} rounds of {options.seconds} s, wrk -t1 -c{options.connections}; {os.cpu_count()} cores, "
        f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}, Python {platform.python_version()}, commit {_find_commit()}"
    )
    console.print(f"\n{about}")
    console.print(_draw_table(rounds))
    options.chart.write_text(draw_chart({name: median_of(measured) for name, measured in rounds.items()}, about))
    console.print(f"the chart is {options.chart}", soft_wrap=True)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="callstamp bench", description="Compare one ingest worker with its peers.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default 5)")
    parser.add_argument("--seconds", type=int, default=5, help="how long a round lasts (default 5)")
    parser.add_argument("--connections", type=int, default=64, help="how many wrk keeps open (default 64)")
    parser.add_argument(
        "--peer", action="append", metavar="NAME", help="only this one; may be given again", choices=[p.module for p in PEERS]
    )
    parser.add_argument("--chart", type=Path, default=CHART, help="where the SVG goes (default loadtests/bench.svg)")
    return parser.parse_args()


def _start_all(grounds: Grounds, options: argparse.Namespace, console: Console) -> Iterator[Server]:
    """Ingest and each peer that can run here. Exits when a peer doesn't answer what ingest does."""
    ingest = grounds.start_ingest()
    wanted = grounds.first_answer(ingest.url)
    yield ingest
    for peer in PEERS:
        if options.peer and peer.module not in options.peer:
            continue
        if reason := _find_reason_to_leave_out(peer):
            console.print(f"without {peer.name}: {reason}")
            continue
        server = grounds.start_peer(peer.name, peer.module, wanted.decode() if peer.name == BARE else grounds.redis_url)
        if grounds.first_answer(server.url) != wanted:
            sys.exit(f"{peer.name} doesn't answer what ingest does")
        yield server


def _find_reason_to_leave_out(peer: Peer) -> str | None:
    if missing := [package for package in peer.needs if find_spec(package) is None]:
        return f"{', '.join(missing)} isn't installed: pip install -r requirements/bench.txt"
    return nginx_lua.find_reason_to_leave_out() if peer.module == "nginx_lua" else None


def _draw_table(rounds: dict[str, list[Round]]) -> Table:
    table = Table("", box=None, header_style="dim", padding=(0, 1))
    for heading in ("requests/s", "p50 ms", "p99 ms", "CPU µs", "ingest does", "goal", "at its CPU", "goal"):
        table.add_column(heading, justify="right")
    for name, measured in rounds.items():
        median = median_of(measured)
        figures = [
            f"{median.requests_per_second:,.0f}",
            f"{median.p50_ms:.1f}",
            f"{median.p99_ms:.1f}",
            f"{median.cpu_us_per_request:.0f}",
        ]
        table.add_row(name, *figures, *(_compare(name, rounds[INGEST], measured) if name != INGEST else []))
    return table


def _compare(name: str, ingest: Sequence[Round], measured: Sequence[Round]) -> list[str]:
    """Ingest's rate and CPU as multiples of this peer's, with the goals."""
    peer = next(peer for peer in PEERS if peer.name == name)
    rate = ratio_of(lambda each: each.requests_per_second, ingest, measured)
    cost = ratio_of(lambda each: each.cpu_us_per_request, ingest, measured)

    def colour(text: str, reached: bool | None) -> str:
        return text if reached is None else f"[{'green' if reached else 'red'}]{text}[/]"

    return [
        colour(
            f"{rate.median:.2f} x ({rate.least:.2f}-{rate.most:.2f})",
            None if peer.least_rate is None else rate.median >= peer.least_rate,
        ),
        f">= {peer.least_rate:.2f}" if peer.least_rate else "",
        colour(
            f"{cost.median:.2f} x ({cost.least:.2f}-{cost.most:.2f})",
            None if peer.most_cpu is None else cost.median <= peer.most_cpu,
        ),
        f"<= {peer.most_cpu:.2f}" if peer.most_cpu else "",
    ]


def _find_commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
