"""`python -m loadtests.compare_bare_aiohttp`: what one ingest worker does beside the least that aiohttp can do, in one run.

The pair alone, for a change to the hot path that is to be tried in a minute; `callstamp bench` has all peers. Single postbacks from wrk
against an ingest on Valkey (every write on disk before its reply), and against an app that answers the same bytes and does nothing. A
machine that does other things meanwhile shows a smaller ratio: three processes share its cores here, and two there.
"""

import argparse
import os
import platform
import sys

from loadtests.grounds import lay_out_grounds
from loadtests.rounds import Round, measure, median_of, ratio_of, spell


def main() -> None:
    options = _read_options()
    with lay_out_grounds() as grounds:
        ingest = grounds.start_ingest()
        if options.with_drain:
            grounds.start_drain()
        bare = grounds.start_peer("bare aiohttp", "bare_aiohttp", grounds.first_answer(ingest.url).decode())
        how = {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections}
        _show(measure([bare, ingest], grounds.key, **how), options)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare one ingest worker with a bare aiohttp app.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each of the two is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="how long a round lasts (default 5)")
    parser.add_argument("--connections", type=int, default=64, help="how many wrk keeps open (default 64)")
    parser.add_argument("--with-drain", action="store_true", help="let the drain carry postbacks to PostgreSQL meanwhile")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="RATIO", help="fail when the ratio is smaller")
    return parser.parse_args()


def _show(rounds: dict[str, list[Round]], options: argparse.Namespace) -> None:
    drain = "drain running" if options.with_drain else "no drain"
    print(f"\nmedians of {options.rounds} rounds of {options.seconds} s, wrk -t1 -c{options.connections}, {drain},", end=" ")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for name, measured in rounds.items():
        print(f"         {name:20}  {spell(median_of(measured))}")
    bare, ingest = rounds.values()
    rate = ratio_of(lambda each: each.requests_per_second, ingest, bare)
    cost = ratio_of(lambda each: each.cpu_us_per_request, ingest, bare)
    print(f"ratio    {rate.median:.2f} of its rate, round by round {rate.least:.2f} to {rate.most:.2f}")
    print(f"         {cost.median:.2f} of its CPU a request, {cost.least:.2f} to {cost.most:.2f}")
    if rate.median < options.at_least:
        sys.exit(f"the ratio is below {options.at_least:.2f}")


if __name__ == "__main__":
    main()
