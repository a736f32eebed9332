"""`callstamp doctor`: looks at everything that must be right for Callstamp to run and keep its promises, a line each."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import redis
from rich.console import Console
from rich.markup import escape

from callstamp.command_failed import CommandFailed
from callstamp.configuration import Configuration, find_real_servers, read_configuration
from callstamp.database import UNUSABLE
from callstamp.http_call import Unreachable, call
from callstamp.ready_file import ReadyFile, find_ready_file
from callstamp.services import HOST
from callstamp.store_servers import find_servers, open_server
from shared.migrate import MIGRATIONS

MOST_CLOCK_SECONDS = 1.0  # expiries and cut-offs are the store's, times in the log the database's: more would show
LEAST_FREE_BYTES = 2**30
OLDEST_POSTGRES = 150014  # as server_version_num: 15.14


class Finding(NamedTuple):
    """`advice` is what to do, or None if all is well."""

    subject: str
    state: str
    advice: str | None = None


def examine() -> None:
    """Print a line for each thing looked at. Raises CommandFailed if something has to be done."""
    console = Console(highlight=False)
    configuration = read_configuration()
    findings: list[Finding] = []
    for finding in _look(configuration, find_ready_file(configuration.data)):
        mark = "[green]ok [/]" if finding.advice is None else "[red]bad[/]"
        console.print(f"{mark} [bold]{finding.subject}[/]: {escape(finding.state)}", soft_wrap=True)
        if finding.advice is not None:
            console.print(f"    {escape(finding.advice)}", soft_wrap=True)
        findings.append(finding)
    if bad := sum(finding.advice is not None for finding in findings):
        raise CommandFailed(f"{bad} of {len(findings)} things need attention")


def _look(configuration: Configuration, ready: ReadyFile | None) -> Iterator[Finding]:
    real = find_real_servers()
    yield Finding("Python", ".".join(map(str, sys.version_info[:3])))
    yield _look_at_folder(configuration.data)
    if ready is None:
        yield Finding("services", "not running")
        for name in ("ingest", "admin", "merger"):
            yield _look_at_port(name, getattr(configuration, f"{name}_port"))
    else:
        for name, url in (("ingest", ready.ingest_url), ("admin", ready.admin_url), ("merger", ready.merger_url)):
            yield _look_at_service(name, url)
    redis_url = real["INGEST_REDIS_URL"] if real else ready and ready.redis_url
    postgres_url = real["MERGER_POSTGRES_URL"] if real else ready and ready.postgres_url
    if redis_url and postgres_url:
        yield from asyncio.run(_look_at_servers(redis_url, postgres_url))
        if real:
            yield asyncio.run(_look_at_wall(real["ADMIN_POSTGRES_URL"]))
    else:
        yield Finding("servers", "embedded ones, not running; they start with `python3 run.py`, and can be looked at then")


def _look_at_folder(folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        return Finding("data folder", f"{folder}: {error.strerror}", "set CALLSTAMP_DATA_DIR to a folder that you may write to")
    advice = "make room: a full disk stops the store" if free < LEAST_FREE_BYTES else None
    return Finding("data folder", f"{folder}, {free // 2**20:,} MB free", advice)


def _look_at_port(name: str, port: int) -> Finding:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            advice = f"set CALLSTAMP_{name.upper()}_PORT to another one, or stop who has it"
            return Finding(f"port of {name}", f"{port}: {error.strerror}", advice)
    return Finding(f"port of {name}", f"{port} is free")


def _look_at_service(name: str, url: str) -> Finding:
    try:
        reply = call("GET", f"{url}/readyz", timeout=3)
    except Unreachable as error:
        return Finding(name, str(error), "start again with `python3 run.py`; the log in the data folder may say why it ended")
    if reply.status != 200:
        return Finding(name, f"{url} isn't ready: {reply.body}", "see what it waits for; its log in the data folder may say why")
    return Finding(name, f"ready at {url}")


async def _look_at_servers(redis_url: str, postgres_url: str) -> list[Finding]:
    findings: list[Finding] = []
    clocks: dict[str, float] = {}
    looks: list[tuple[str, Callable[[list[Finding]], Awaitable[float]]]] = [
        ("store", lambda found: _look_at_store(redis_url, found)),
        ("database", lambda found: _look_at_database(postgres_url, found)),
    ]
    for name, look in looks:
        try:
            clocks[name] = await look(findings)
        except (*UNUSABLE, redis.RedisError) as error:
            findings.append(Finding(name, str(error) or type(error).__name__, "check its *_URL, and that it runs"))
    for name, ahead in clocks.items():
        advice = "synchronise the clocks (NTP)" if abs(ahead) > MOST_CLOCK_SECONDS else None
        findings.append(Finding(f"clock of the {name}", f"{ahead:+.3f} s from this machine's", advice))
    return findings


async def _look_at_wall(url: str) -> Finding:
    """Whether row-level security holds for the admin service."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            is_held = await connection.fetchval("select row_security_active('api_tokens')")
        finally:
            await connection.close()
    except UNUSABLE as error:
        return Finding(
            "database of admin", str(error) or type(error).__name__, "check ADMIN_POSTGRES_URL; `migrate` makes its role"
        )
    if not is_held:
        advice = "give ADMIN_POSTGRES_URL the role callstamp_admin, which the migrations made"
        return Finding("row-level security", "passed by: admin connects as who owns the tables, or as a superuser", advice)
    return Finding("row-level security", "holds for admin")


async def _look_at_store(url: str, findings: list[Finding]) -> float:
    """Whether "200 means on disk" holds on each server of it; answers how far the worst clock is ahead of ours, in seconds."""
    servers = await find_servers(url)
    clocks = [await _look_at_server(url, f"store {name}".strip(), findings) for name, url in servers.items()]
    return max(clocks, key=abs)


async def _look_at_server(url: str, subject: str, findings: list[Finding]) -> float:
    async with open_server(url) as client:
        about = await client.info("server")
        version = about.get("valkey_version") or about["redis_version"]
        findings.append(Finding(subject, f"{about.get('server_name', 'redis')} {version}"))
        synced = ("always", "everysec") if os.environ.get("INGEST_DURABILITY") == "fast" else ("always",)
        wanted = {"appendonly": ("yes",), "appendfsync": synced, "maxmemory-policy": ("noeviction",)}
        for setting, values in wanted.items():
            actual = (await client.config_get(setting)).get(setting)
            advice = None if actual in values else f"set {setting} to {values[0]}: without it a postback answered 200 may be lost"
            findings.append(Finding(f"{subject}, {setting}", str(actual), advice))
        before = time.time()
        seconds, microseconds = await client.time()
        return float(seconds + microseconds / 1e6 - (before + time.time()) / 2)


async def _look_at_database(url: str, findings: list[Finding]) -> float:
    """Version and tables; answers how far its clock is ahead of ours, in seconds."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        version = await connection.fetchval("select current_setting('server_version_num')::int")
        advice = "use PostgreSQL 15.14 or newer" if version < OLDEST_POSTGRES else None
        findings.append(Finding("database", f"PostgreSQL {version // 10000}.{version % 10000}", advice))
        known = await connection.fetchval("select to_regclass('migrations') is not null")
        applied = {row["name"] for row in await connection.fetch("select name from migrations")} if known else set()
        missing = sorted({file.name for file in MIGRATIONS.glob("[0-9]*.sql")} - applied)
        advice = "run `python3 run.py migrate`" if missing else None
        findings.append(Finding("tables", f"missing {', '.join(missing)}" if missing else "up to date", advice))
        before = time.time()
        moment = await connection.fetchval("select extract(epoch from clock_timestamp())::float8")
        return float(moment - (before + time.time()) / 2)
    finally:
        await connection.close()
