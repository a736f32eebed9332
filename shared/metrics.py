"""Figures for Prometheus, right with one worker and with several.

With several workers each writes its figures to a file in PROMETHEUS_MULTIPROC_DIR (set by `serve` before anything is counted) and
whichever worker is asked adds them up.
"""

import os

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client.multiprocess import MultiProcessCollector

REFUSALS = Counter("callstamp_refusals_total", "Requests refused, by the code in their reply", ["code"])
SHED = Counter("callstamp_shed_total", "Requests refused unread because too many were in flight, by kind", ["kind"])
IN_FLIGHT = Gauge("callstamp_in_flight", "Requests that are being answered", multiprocess_mode="livesum")
CONNECTIONS = Gauge("callstamp_connections", "Connections that are open", multiprocess_mode="livesum")
CONNECTIONS_TURNED_AWAY = Counter("callstamp_connections_turned_away_total", "Connections refused because there were too many")
SLOW_CLIENTS = Counter(
    "callstamp_slow_clients_total", "Connections closed because the client was too slow to ask or to read, or idle in a crowd"
)
STORE_SECONDS = Histogram(
    "callstamp_store_seconds",
    "Time from handing an operation to the store until its answer",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
)
STORE_UP = Gauge("callstamp_store_up", "1 while the store answers, 0 while it doesn't", multiprocess_mode="min")
STORE_SERVERS_AWAY = Gauge(
    "callstamp_store_servers_away", "Servers of the store that can't be written to now", multiprocess_mode="max"
)
STORE_FAILURES = Counter("callstamp_store_failures_total", "Operations that the store refused or didn't answer in time", ["kind"])


async def show_metrics(request: web.Request) -> web.Response:
    """`GET /metrics`, the Prometheus text format."""
    registry = DEFAULT_REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
