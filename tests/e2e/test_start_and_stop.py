"""Starting and stopping, in order and otherwise: nothing is left running, nothing is lost, each mishap is one clear line."""

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from callstamp.http_call import call
from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from tests.e2e.conftest import Started, Terminal, copy_data_of_first_start, memory_folder
from tests.e2e.test_running import fetch
from tests.waiting import WAIT_SECONDS, wait_for_sync


class Restarted(Terminal):
    """One data folder for the tests that stop or kill what runs on it: the next test that needs a Callstamp starts it again there."""

    up: Started | None = None
    ready: dict[str, Any]

    def ensure_up(self) -> Started:
        """Return the `callstamp up` that runs, started if there is none; `ready` is what its ready.json says."""
        if self.up is None or self.up.process.poll() is not None:
            return self.start_again()
        return self.up

    def start_again(self) -> Started:
        self.up = self.start()
        self.ready = self.wait_until_ready(self.up)
        return self.up


@pytest.fixture(scope="module")
def restarted() -> Iterator[Restarted]:
    with memory_folder() as folder, closing(Restarted(folder / "var")) as restarted:
        copy_data_of_first_start(restarted.data)
        yield restarted


def processes_of(data: Path) -> list[str]:
    """The processes that have a file open in the data folder: servers hold their lock, services their log."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            files = [os.readlink(file) for file in (process / "fd").iterdir()]  # noqa: PTH115 - sockets are no paths
        except OSError:
            continue
        if any(file.startswith(str(data)) for file in files):
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def forget_the_owner(data: Path) -> None:
    """Let the demo company be one of before there were owners."""
    facts = json.loads((data / "demo.json").read_text())
    del facts["owner_email"], facts["owner_password"]
    (data / "demo.json").write_text(json.dumps(facts))


def test_a_stop_is_in_order_and_a_second_start_finds_everything_again(restarted: Restarted) -> None:
    up = restarted.ensure_up()
    first = restarted.ready
    caller = f"+1555{secrets.randbelow(10**7):07}"  # another one than that of an earlier --repeat
    link = f"{first['ingest_url']}/data_writing?key={first['postback_key']}&caller_number={quote(caller)}&kept=yes"
    assert fetch(link)["status"] == "call not found, tags stored"
    wait_for_sync(lambda: link.partition("&")[0] in up.said, what="the link on the screen")  # ready.json is there a moment before
    said = restarted.stop(up, signal.SIGTERM)
    assert up.process.returncode == 0, said
    assert "Stopped; the data stays." in said
    assert not (restarted.data / "ready.json").exists()
    assert not processes_of(restarted.data)

    forget_the_owner(restarted.data)
    restarted.start_again()
    second = restarted.ready
    signing_in = {"email": second["owner_email"], "password": second["owner_password"]}
    assert call("POST", f"{second['admin_url']}/v1/sessions", body=signing_in, timeout=WAIT_SECONDS).status == 201
    kept = ("company_id", "postback_key", "engine_key", "api_token", "tracking_number")
    assert {name: second[name] for name in kept} == {name: first[name] for name in kept}
    seen = fetch(f"{second['merger_url']}/v1/lookup?caller_number={quote(caller)}", second["engine_key"])
    assert seen["tags"] == {"kept": "yes"}
    log = f"{second['admin_url']}/v1/companies/{second['company_id']}/postback-log?caller_number={quote(caller)}"
    assert len(fetch(log, second["api_token"])["items"]) == 1


def test_a_killed_parent_leaves_no_process_and_the_next_start_works(restarted: Restarted) -> None:
    up = restarted.ensure_up()
    assert len(processes_of(restarted.data)) >= 7  # itself, two servers, four services
    restarted.stop(up, signal.SIGKILL)
    wait_for_sync(lambda: processes_of(restarted.data), [], "the processes that have the data folder open")
    restarted.start_again()


@pytest.mark.parametrize("after_seconds", [0, 0.5, 1.1])
def test_ctrl_c_while_starting_leaves_nothing(terminal: Terminal, after_seconds: float) -> None:
    up = terminal.start()
    wait_for_sync(terminal.data.exists, what="the data folder to exist")  # before, Python itself starts, and answers as it likes
    time.sleep(after_seconds)
    said = terminal.stop(up)
    assert "Stopped" in said
    assert "Traceback" not in said
    assert not processes_of(terminal.data)
    assert not (terminal.data / "ready.json").exists()


def test_impatience_does_not_break_a_stop(restarted: Restarted) -> None:
    up = restarted.ensure_up()
    for _ in range(5):
        up.process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    said = restarted.stop(up)
    assert up.process.returncode == 0
    assert "Traceback" not in said
    assert not processes_of(restarted.data)


@pytest.mark.parametrize(
    ("service", "said"), [("ingest.merger.drain", "drain was killed by SIGKILL"), ("valkey-server", "Valkey ended with")]
)
def test_a_part_that_crashes_is_named_and_everything_stops(restarted: Restarted, service: str, said: str) -> None:
    up = restarted.ensure_up()
    children = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(up.process.pid)], capture_output=True, text=True, check=True
    ).stdout
    (pid,) = [int(line.split()[0]) for line in children.splitlines() if service in line]
    os.kill(pid, signal.SIGKILL)
    output = up.wait_for_end()
    assert up.process.returncode == 1
    assert said in output
    assert "then start again" in output
    assert "Traceback" not in output
    assert not processes_of(restarted.data)


def test_a_misspelt_setting_stops_the_start_with_its_name(terminal: Terminal) -> None:
    copy_data_of_first_start(terminal.data)
    refused = terminal.run("up", INGEST_WROKERS="2")
    assert refused.returncode == 1
    assert "ingest refused to start: INGEST_WROKERS" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not processes_of(terminal.data)
    refused = terminal.run("up", CALLSTAMP_INGEST_PROT="8080")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: CALLSTAMP_INGEST_PROT: there is no such setting")


def test_a_data_folder_that_cannot_be_used_is_named(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = terminal.run("up", CALLSTAMP_DATA_DIR=str(tmp_path / "file" / "var"))
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        f"Error: the data folder {tmp_path}/file/var can't be used (Not a directory): set CALLSTAMP_DATA_DIR"
    )


def test_the_demo_says_when_nothing_runs(terminal: Terminal) -> None:
    told = terminal.run("demo")
    assert told.returncode == 1
    assert told.stderr.startswith("Error: Callstamp isn't running")


def test_the_doctor_names_a_taken_port(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = terminal.run("doctor", CALLSTAMP_MERGER_PORT=port)
    assert found.returncode == 1
    assert f"port of merger: {port}: Address already in use" in found.stdout


def test_with_real_servers_nothing_embedded_starts_and_no_secret_is_told(
    terminal: Terminal, valkey: EmbeddedValkey, redis_url: str, postgres_url: str
) -> None:
    up = terminal.start(INGEST_REDIS_URL=redis_url, ADMIN_POSTGRES_URL=postgres_url)
    ready = terminal.wait_until_ready(up)
    assert {name for name, value in ready.items() if value is not None} == {"ingest_url", "admin_url", "merger_url"}
    assert urlsplit(ready["ingest_url"]).hostname == "127.0.0.1"
    assert not (terminal.data / "valkey").exists()
    assert not (terminal.data / "postgres").exists()
    said = terminal.stop(up)
    assert up.process.returncode == 0, said


def test_one_real_server_alone_is_a_mistake(terminal: Terminal) -> None:
    refused = terminal.run("up", MERGER_REDIS_URL="redis://127.0.0.1:1")
    assert refused.returncode == 1
    assert "name one in MERGER_POSTGRES_URL too" in refused.stderr


def test_a_database_that_is_away_is_said_in_one_line(terminal: Terminal, redis_url: str, postgres: EmbeddedPostgres) -> None:
    refused = terminal.run("up", INGEST_REDIS_URL=redis_url, ADMIN_POSTGRES_URL="postgresql://u@127.0.0.1:1/x")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: the database can't be brought up to date")
    assert "Traceback" not in refused.stderr


def test_a_store_that_may_forget_is_refused_with_the_reason(terminal: Terminal, tmp_path: Path, postgres_url: str) -> None:
    with EmbeddedValkey(tmp_path / "weak", config={"appendfsync": "everysec"}) as weak:
        refused = terminal.run("up", INGEST_REDIS_URL=weak.url, ADMIN_POSTGRES_URL=postgres_url)
    assert refused.returncode == 1
    assert "refused to start: " in refused.stderr
    assert "appendfsync" in refused.stderr
