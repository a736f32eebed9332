"""`python -m loadtests.cluster_spread`: how a cluster of three primaries shares the work that one server does alone.

The same load, single postbacks about random callers through an ingest of its own, goes to a cluster of one primary and to one of three
in turns. What counts is the processor time of each server for the same number of postbacks, not how fast it went: all servers
share the machine's cores here, and wouldn't in earnest.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests.grounds import lay_out_grounds
from loadtests.rounds import measure
from shared.embedded.valkey_cluster import ClusterServer, EmbeddedValkeyCluster

POSTBACKS = 10_000


class Work(NamedTuple):
    """What a server has done so far."""

    calls: int
    cpu_seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the work of one server with that of three in a cluster.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each of the two is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="how long a round lasts (default 5)")
    parser.add_argument("--connections", type=int, default=64, help="how many wrk keeps open (default 64)")
    parser.add_argument("--at-most", type=float, metavar="RATIO", help="fail when the busiest of three has a larger share")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="callstamp-spread-") as folder,
        EmbeddedValkeyCluster(Path(folder) / "one", primaries=1, replicas=0) as one,
        EmbeddedValkeyCluster(Path(folder) / "three", primaries=3, replicas=0) as three,
        lay_out_grounds() as grounds,
    ):
        clusters = {"one primary": one, "three primaries": three}
        servers = [grounds.start_ingest(cluster.url)._replace(name=name) for name, cluster in clusters.items()]
        before = {name: _look(cluster.servers) for name, cluster in clusters.items()}
        measure(servers, grounds.key, rounds=options.rounds, seconds=options.seconds, connections=options.connections)
        spent = {name: _spent(before[name], _look(cluster.servers)) for name, cluster in clusters.items()}
    ratio = _show(spent)
    if options.at_most is not None and ratio > options.at_most:
        raise SystemExit(f"the busiest of three has {ratio:.2f} of what one has alone, and may have {options.at_most}")


def _look(servers: Sequence[ClusterServer]) -> list[Work]:
    work = []
    for server in servers:
        with server.client() as client:
            calls, cpu = client.info("commandstats").get("cmdstat_fcall", {"calls": 0}), client.info("cpu")
        work.append(Work(calls["calls"], cpu["used_cpu_sys"] + cpu["used_cpu_user"]))
    return work


def _spent(before: Sequence[Work], after: Sequence[Work]) -> list[Work]:
    return [Work(now.calls - then.calls, now.cpu_seconds - then.cpu_seconds) for then, now in zip(before, after, strict=True)]


def _show(spent: dict[str, list[Work]]) -> float:
    """Print what each server spent on so many postbacks; answers the busiest of three beside the one."""
    shares: dict[str, list[float]] = {}
    for name, servers in spent.items():
        postbacks = sum(server.calls for server in servers)
        shares[name] = [server.cpu_seconds / postbacks * POSTBACKS for server in servers]
        for server, seconds in zip(servers, shares[name], strict=True):
            share = server.calls / postbacks
            print(f"{name:16} {share:6.1%} of the postbacks   {seconds:6.3f} s of CPU for {POSTBACKS:,} postbacks in all")
    ratio = max(shares["three primaries"]) / shares["one primary"][0]
    print(f"the busiest of three works {ratio:.2f} of what one works alone (a third would be 0.33)")
    return ratio


if __name__ == "__main__":
    main()
