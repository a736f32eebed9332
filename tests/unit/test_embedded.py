"""The embedded servers as real processes: nothing is lost, nothing is left behind, and any folder will do."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import redis

import shared.embedded.postgres as embedded_postgres
from shared.embedded import EmbeddedPostgres, EmbeddedServers, EmbeddedValkey, ServerFailed
from shared.embedded.server import find_wheel
from tests.waiting import wait_for_sync

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another user")


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def program_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/exe").readlink()


def test_valkey_keeps_what_it_acknowledged_through_a_kill_and_its_address_too(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        url = server.url
        with redis.Redis.from_url(url, protocol=2) as client:
            client.set("tag", "kept")
            server.kill()
            server.start()
            assert server.url == url
            assert client.get("tag") == b"kept"


def test_valkey_runs_with_the_durable_profile_and_can_be_given_less_memory(tmp_path: Path) -> None:
    with (
        EmbeddedValkey(tmp_path / "valkey", config={"maxmemory": "8mb"}) as server,
        redis.Redis.from_url(server.url, protocol=2) as client,
    ):
        wanted = {
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
            "save": "",
            "maxmemory": str(8 << 20),
        }
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


async def test_postgres_keeps_what_it_committed_through_a_kill_and_its_address_too(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        url = server.url
        await ask(url, "create table t as select 42 as kept")
        server.kill()
        server.start()
        assert server.url == url
        assert await ask(url, "select kept from t") == 42


async def test_postgres_for_real_data_writes_to_disk(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        assert await ask(server.url, "select current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
        assert await ask(server.url, "select current_setting('listen_addresses')") == ""


async def test_a_frozen_server_answers_nothing_and_then_goes_on(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as postgres, EmbeddedValkey(tmp_path / "valkey") as valkey:
        connection = await asyncpg.connect(postgres.url)
        with (
            redis.Redis.from_url(valkey.url, protocol=2) as client,
            redis.Redis.from_url(valkey.url, protocol=2, socket_timeout=0.2, retry=None) as impatient,
        ):
            assert client.ping()
            for server in (postgres, valkey):
                server.pause()
            with pytest.raises(TimeoutError):
                await connection.fetchval("select 1", timeout=0.2)
            with pytest.raises(redis.TimeoutError):
                impatient.ping()
            for server in (postgres, valkey):
                server.resume()
            assert client.ping()
        await connection.close()
        assert await ask(postgres.url, "select 1") == 1


async def test_a_deep_folder_with_spaces_and_odd_letters_will_do(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a folder, \"deep\" 'é' $x"] * 8)
    assert len(os.fsencode(folder)) > 150
    with EmbeddedServers(folder) as servers:
        assert await ask(servers.postgres_url, "select 1") == 1
        with redis.Redis.from_url(servers.redis_url, protocol=2) as client:
            assert client.ping()


@root_only
async def test_root_may_keep_the_data_where_nobody_else_can_go(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for _ in range(2):
        with EmbeddedPostgres(closed / "data" / "postgres", durable=False) as server:
            assert await ask(server.url, "select 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700


@root_only
async def test_root_may_have_the_packages_where_nobody_else_can_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "_anybody_can_use", lambda install: False)
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        folder = server.run_folder
        assert server.process is not None
        assert program_of(server.process.pid).is_relative_to(folder)
        await ask(server.url, "do $$ begin end $$")  # the library of plpgsql was found, too
    assert not folder.exists()


async def test_what_an_interrupted_first_start_left_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        assert await ask(server.url, "select 1") == 1


async def test_a_stale_pid_file_that_names_a_living_process_stops_nobody(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        server.kill()
        (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n/tmp\n\n0 0\nready\n")
        server.start()
        assert await ask(server.url, "select 1") == 1


HOLDER = """
import sys, time
from pathlib import Path
from shared.embedded import EmbeddedServers
with EmbeddedServers(Path(sys.argv[1])) as servers:
    for server in (servers.valkey, servers.postgres):
        print(server.process.pid, server.run_folder)
    sys.stdout.flush()
    time.sleep(60)
"""


def test_a_second_start_on_the_same_data_is_refused_by_process_and_a_killed_parent_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        (valkey, valkey_folder), (postgres, postgres_folder) = (holder.stdout.readline().split() for _ in range(2))
        with pytest.raises(ServerFailed, match=f"in use by process {holder.pid}"):
            EmbeddedValkey(tmp_path / "valkey").start()
        holder.send_signal(signal.SIGKILL)
    wait_for_sync(
        lambda: [pid for pid in (int(valkey), int(postgres)) if is_running(pid)], [], "servers that outlive their parent"
    )
    with EmbeddedServers(tmp_path) as servers:  # waits for what still ends, and finds the data
        assert asyncio.run(ask(servers.postgres_url, "select 1")) == 1
    assert not Path(valkey_folder).exists()
    assert not Path(postgres_folder).exists()


def test_a_server_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"Valkey ended while starting: .*argument must be a memory value"):
        EmbeddedValkey(tmp_path / "valkey", config={"maxmemory": "lots"}).start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerFailed, match=r"can't use .*file"):
        EmbeddedValkey(tmp_path / "file" / "valkey").start()


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ServerFailed, match="no_such_package isn't installed"):
        find_wheel("no_such_package")
