"""`python -m loadtests.neighbours`: what a company notices of another that asks for far too much.

The neighbour posts at a steady pace, whatever becomes of it (an open loop), in turns undisturbed and beside each of three nuisances, a
process of its own: a company at fifty times its rate, one that posts about a single caller, and one that posts full bulks one after the
other. What counts is the neighbour's p99 beside its own undisturbed one, over all rounds.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections import Counter
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import redis.asyncio
import uvloop

from loadtests.bulk import count_entries
from loadtests.grounds import PROJECT, TRIAL, lay_out_grounds
from loadtests.overload import Client, Crowd, percentile
from shared.secret import hash_secret, new_secret

RATE_LIMIT = 20
TIMES = 50
HOT_RATE = 200
HOT_TAGS = 20
FULL_BULK = 10_000
NEIGHBOUR_CONNECTIONS = 256  # at 100 a second the machine may stand still for two seconds before one has to wait
CONNECTIONS = {"over its rate": 32, "one caller": 16, "full bulks": 2}
"""Of each kind of nuisance."""
CATCH_UP_SECONDS = 60.0
UNDISTURBED = "undisturbed"


class Nuisance(Crowd):
    """A company that asks for far too much, and counts what it is told."""

    def __init__(self, url: str, key: str, kind: str) -> None:
        super().__init__(url, key)
        self.statuses: Counter[int] = Counter()
        self._kind = kind
        host = urlsplit(url).netloc
        if kind == "one caller":
            tags = "".join(f"&tag{number}=value" for number in range(HOT_TAGS))
            self.requests = [
                f"GET /data_writing?key={key}&caller_number=%2B15559999999{tags} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
            ]
        elif kind == "full bulks":
            self.requests = [_full_bulk(host, key, number) for number in range(4)]

    def note(self, client: Client, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        super().note(client, status, seconds)

    async def disturb(self, seconds: float) -> None:
        await self.open(CONNECTIONS[self._kind])
        print("begins", flush=True)
        if self._kind == "full bulks":
            await self.saturate(seconds)
        else:
            await self.offer(RATE_LIMIT * TIMES if self._kind == "over its rate" else HOT_RATE, seconds)


def _full_bulk(host: str, key: str, number: int) -> bytes:
    first = 2_020_000_000 + number * FULL_BULK
    tags = '{"prequalified":"true","source":"search","zip":"94110"}'
    lines = (f'{{"caller_number":"+1{caller}","tag_values":{tags}}}' for caller in range(first, first + FULL_BULK))
    body = "\n".join(lines).encode()
    head = (
        f"POST /v1/postbacks HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Seen(NamedTuple):
    """What the neighbour saw beside one nuisance: how long its postbacks took (s), how many failed; and what the other was told."""

    times: list[float]
    failed: int
    told: Counter[int]


async def try_neighbours(
    url: str, key: str, nuisances: dict[str, str], *, rate: float, seconds: float, rounds: int, redis_url: str
) -> dict[str, Seen]:
    """Rounds of all phases in turns. `nuisances`: the key of the company that is one, by its kind."""
    neighbour = Crowd(url, key)
    await neighbour.open(NEIGHBOUR_CONNECTIONS)
    await neighbour.offer(rate, 1)
    store = redis.asyncio.from_url(redis_url)
    seen = {kind: Seen([], 0, Counter()) for kind in (UNDISTURBED, *nuisances)}
    for _ in range(rounds):
        for kind in seen:
            await _catch_up(store)
            process = await _start(url, nuisances[kind], kind, seconds) if kind in nuisances else None
            figures = await neighbour.offer(rate, seconds)
            told = await _told(process) if process else Counter[int]()
            failed = len(figures.shed) + figures.other + figures.unsent
            before = seen[kind]
            seen[kind] = Seen(before.times + figures.accepted, before.failed + failed, before.told + told)
    await store.aclose()
    neighbour.close()
    return seen


async def _catch_up(store: "redis.asyncio.Redis") -> None:
    """Wait until the drain has nothing left of the phase before."""
    for _ in range(int(CATCH_UP_SECONDS / 0.1)):
        if not await count_entries(store):
            return
        await asyncio.sleep(0.1)
    sys.exit("the drain doesn't catch up")


async def _start(url: str, key: str, kind: str, seconds: float) -> asyncio.subprocess.Process:
    """A process that is a nuisance from before this returns until after the phase."""
    command = [
        sys.executable,
        "-m",
        "loadtests.neighbours",
        "--disturb",
        kind,
        "--url",
        url,
        "--seconds",
        str(seconds + 0.5),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | {"POSTBACK_KEY": key}, stdout=asyncio.subprocess.PIPE, cwd=PROJECT
    )
    assert process.stdout
    await process.stdout.readline()  # it begins
    return process


async def _told(process: asyncio.subprocess.Process) -> Counter[int]:
    assert process.stdout
    said = json.loads(await process.stdout.readline())
    await process.wait()
    return Counter({int(status): count for status, count in said.items()})


async def add_company(postgres_url: str, rate_limit: int | None) -> str:
    """A company of its own with a postback key, which is answered."""
    key = new_secret("pk")
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(
            """
            with company as (
              insert into companies (name, rate_limit_per_second) values ('Nuisance', $2) returning id
            ), publisher as (
              insert into publishers (company_id, name) select id, 'Nuisance' from company returning id, company_id
            ), postback_key as (
              insert into postback_keys (company_id, publisher_id, name, storage_duration_seconds, end_call_cutoff_seconds)
              select company_id, id, 'Nuisance', 172800, 3600 from publisher
              returning id
            )
            insert into postback_key_secrets (secret_hash, postback_key_id) select $1, id from postback_key
            """,
            hash_secret(key),
            rate_limit,
        )
    finally:
        await connection.close()
    return key


def show(seen: dict[str, Seen]) -> float:
    """Print each phase; answers the worst of the ratios."""
    alone, worst = percentile(seen[UNDISTURBED].times, 0.99), 0.0
    for kind, (times, failed, told) in seen.items():
        p99 = percentile(times, 0.99)
        worst = max(worst, p99 / alone if kind != UNDISTURBED else 0.0)
        print(
            f"{kind:14}  {len(times):6,} postbacks, {failed} failed   p50 {statistics.median(times) * 1e3:5.1f} ms   "
            f"p99 {p99 * 1e3:5.1f} ms, {p99 / alone:.2f} of undisturbed   the other was told {dict(told)}",
            flush=True,
        )
    return worst


def main() -> None:
    options = _read_options()
    if options.disturb:
        uvloop.run(_disturb(options.url, options.disturb, options.seconds))
        return
    with lay_out_grounds() as grounds:
        ingest = grounds.start_ingest()
        grounds.start_drain()
        limited, unlimited = (asyncio.run(add_company(grounds.postgres_url, limit)) for limit in (RATE_LIMIT, None))
        for key in (limited, unlimited):
            grounds.first_answer(ingest.url, TRIAL.format(key=key))
        nuisances = {"over its rate": limited, "one caller": unlimited, "full bulks": unlimited}
        seen = uvloop.run(
            try_neighbours(
                ingest.url,
                grounds.key,
                nuisances,
                rate=options.rate,
                seconds=options.seconds,
                rounds=options.rounds,
                redis_url=grounds.redis_url,
            )
        )
    worst = show(seen)
    if any(failed for _, failed, _ in seen.values()):
        sys.exit("postbacks of the neighbour failed")
    if options.at_most and worst > options.at_most:
        sys.exit(f"the neighbour's p99 is more than {options.at_most:g} of its undisturbed one")


async def _disturb(url: str, kind: str, seconds: float) -> None:
    os.nice(19)  # as if on another machine: it disturbs by what it asks for, not by taking the cores of who measures
    nuisance = Nuisance(url, os.environ["POSTBACK_KEY"], kind)
    await nuisance.disturb(seconds)
    nuisance.close()
    print(json.dumps(nuisance.statuses), flush=True)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what a company notices of another that asks for far too much.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each phase comes (default 5)")
    parser.add_argument("--seconds", type=float, default=4, help="how long a phase is (default 4)")
    parser.add_argument("--rate", type=float, default=200, help="the neighbour's postbacks a second (default 200)")
    parser.add_argument("--at-most", type=float, default=0.0, metavar="RATIO", help="fail when the p99 grows by more, e.g. 1.5")
    parser.add_argument("--disturb", choices=CONNECTIONS, help="be the nuisance, of the key in POSTBACK_KEY; with --url")
    parser.add_argument("--url", help="where ingest is, for --disturb")
    return parser.parse_args()


if __name__ == "__main__":
    main()
