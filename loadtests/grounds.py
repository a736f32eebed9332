"""Where comparisons take place: stores of their own, a company with a postback key, and each server a process of its own."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from shared.embedded import EmbeddedServers
from shared.hold_port import hold_port
from shared.launch import launch
from shared.migrate import migrate
from shared.secret import hash_secret, new_secret

PROJECT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
READY_SECONDS = 30.0
TRIAL = "/data_writing?key={key}&caller_number=%2B15550000000&prequalified=true&source=search&zip=94110"

LOOK_UP = "/v1/lookup?key={key}&caller_number=%2B15550000000"


class Server(NamedTuple):
    """A process that takes postbacks at `url`."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"


class Grounds:
    """Stores and a key that all servers of a comparison share; what is started here ends with it."""

    def __init__(self, folder: Path, stores: EmbeddedServers, key: str, engine_key: str) -> None:
        self.key = key
        self.engine_key = engine_key
        self.redis_url = stores.redis_url
        self.postgres_url = stores.postgres_url
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._held_ports: list[socket.socket] = []

    def start_ingest(self, redis_url: str | None = None) -> Server:
        """One worker of ingest, ready; it waits for a disk that others use as long as its peers do."""
        port = self._hold_port()
        place = {
            "INGEST_REDIS_URL": redis_url or self.redis_url,
            "INGEST_POSTGRES_URL": self.postgres_url,
            "INGEST_PORT": str(port),
        }
        return self._server("ingest", port, self._start("ingest", **place, INGEST_STORE_TIMEOUT_MS="5000"))

    def start_drain(self) -> None:
        port = self._hold_port()
        place = {"MERGER_REDIS_URL": self.redis_url, "MERGER_POSTGRES_URL": self.postgres_url, "MERGER_DRAIN_PORT": str(port)}
        self._start("ingest.merger.drain", **place)

    def start_merger(self) -> Server:
        """One worker of the merger, ready."""
        port = self._hold_port()
        place = {"MERGER_REDIS_URL": self.redis_url, "MERGER_POSTGRES_URL": self.postgres_url, "MERGER_PORT": str(port)}
        server = Server("merger", f"http://{HOST}:{port}", self._start("ingest.merger", **place))
        self.first_answer(server.url, LOOK_UP.format(key=self.engine_key))
        return server

    def start_peer(self, name: str, module: str, said: str) -> Server:
        """A module of loadtests/peers, ready; `said` is its second argument."""
        port = self._hold_port()
        return self._server(name, port, self._start(f"loadtests.peers.{module}", str(port), said))

    def first_answer(self, url: str, trial: str | None = None) -> bytes:
        """The body of the first 200 to a postback, or to another request; exits when none comes."""
        trial = trial or TRIAL.format(key=self.key)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url + trial, timeout=2) as reply:  # noqa: S310 - our own
                    return bytes(reply.read())
            except (urllib.error.URLError, OSError) as error:
                if time.monotonic() > deadline:
                    sys.exit(f"no server answers at {url}: {error}")
                time.sleep(0.05)

    def stop_all(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()
        for holder in self._held_ports:
            holder.close()

    def _hold_port(self) -> int:
        """A free port that is kept for the server which is told to listen on it."""
        self._held_ports.append(hold_port(HOST))
        return int(self._held_ports[-1].getsockname()[1])

    def _start(self, module: str, *arguments: str, **environ: str) -> "subprocess.Popen[bytes]":
        environ |= {"POSTBACK_KEY": self.key, "TMPDIR": str(self._folder)}
        with (self._folder / f"{module}.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", module, *arguments]
            self._processes.append(launch(command, output=log, environ=os.environ | environ, cwd=PROJECT))
        return self._processes[-1]

    def _server(self, name: str, port: int, process: "subprocess.Popen[bytes]") -> Server:
        server = Server(name, f"http://{HOST}:{port}", process)
        self.first_answer(server.url)
        return server


@contextmanager
def lay_out_grounds() -> Iterator[Grounds]:
    """Valkey with every write on disk before its reply, PostgreSQL, and a company with a key. Exits when wrk isn't there."""
    if shutil.which("wrk") is None:
        sys.exit("wrk isn't installed: it is the Debian package wrk")
    key, engine_key = new_secret("pk"), new_secret("ek")
    with tempfile.TemporaryDirectory(prefix="callstamp-compare-") as folder, EmbeddedServers(Path(folder)) as stores:
        asyncio.run(_add_keys(stores.postgres_url, key, engine_key))
        grounds = Grounds(Path(folder), stores, key, engine_key)
        try:
            yield grounds
        finally:
            grounds.stop_all()


async def _add_keys(postgres_url: str, key: str, engine_key: str) -> None:
    """A company with one publisher, one postback key and one engine key."""
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
        engine_key_id = await connection.fetchval(
            "insert into engine_keys (company_id, name) values ($1, 'Load') returning id", company_id
        )
        await connection.execute(
            "insert into engine_key_secrets (secret_hash, engine_key_id) values ($1, $2)", hash_secret(engine_key), engine_key_id
        )
    finally:
        await connection.close()
