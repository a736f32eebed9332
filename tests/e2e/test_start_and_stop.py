"""Starting and stopping, in order and otherwise: nothing is left running, nothing is lost, each mishap is one clear line."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callstamp.http_call import call
from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from tests.e2e.companies import wait
from tests.e2e.conftest import Terminal
from tests.e2e.test_running import fetch

END_SECONDS = 20.0


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


def wait_until_gone(data: Path) -> None:
    deadline = time.monotonic() + END_SECONDS
    while left := processes_of(data):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def forget_the_owner(data: Path) -> None:
    """Let the demo company be one of before there were owners."""
    facts = json.loads((data / "demo.json").read_text())
    del facts["owner_email"], facts["owner_password"]
    (data / "demo.json").write_text(json.dumps(facts))


def test_a_stop_is_in_order_and_a_second_start_finds_everything_again(terminal: Terminal) -> None:
    up = terminal.start()
    first = terminal.wait_until_ready(up)
    link = f"{first['ingest_url']}/data_writing?key={first['postback_key']}&caller_number=%2B15551230000&kept=yes"
    assert fetch(link)["status"] == "call not found, tags stored"
    said = terminal.stop(up, signal.SIGTERM)
    assert up.returncode == 0, said
    assert link.partition("&")[0] in said
    assert "Stopped; the data stays." in said
    assert not (terminal.data / "ready.json").exists()
    assert not processes_of(terminal.data)

    forget_the_owner(terminal.data)
    up = terminal.start()
    second = terminal.wait_until_ready(up)
    signing_in = {"email": second["owner_email"], "password": second["owner_password"]}
    assert call("POST", f"{second['admin_url']}/v1/sessions", body=signing_in).status == 201
    secrets = ("company_id", "postback_key", "engine_key", "api_token", "tracking_number")
    assert {name: second[name] for name in secrets} == {name: first[name] for name in secrets}
    seen = fetch(f"{second['merger_url']}/v1/lookup?caller_number=%2B15551230000", second["engine_key"])
    assert seen["tags"] == {"kept": "yes"}
    log = f"{second['admin_url']}/v1/companies/{second['company_id']}/postback-log?caller_number=%2B15551230000"
    assert len(fetch(log, second["api_token"])["items"]) == 1
    terminal.stop(up)


def test_a_killed_parent_leaves_no_process_and_the_next_start_works(terminal: Terminal) -> None:
    up = terminal.start()
    terminal.wait_until_ready(up)
    assert len(processes_of(terminal.data)) >= 7  # itself, two servers, four services
    terminal.stop(up, signal.SIGKILL)
    wait_until_gone(terminal.data)
    up = terminal.start()
    time.sleep(0.5)
    assert not up.poll()
    terminal.wait_until_ready(up)
    terminal.stop(up)


@pytest.mark.parametrize("after_seconds", [0, 0.5, 1.1])
def test_ctrl_c_while_starting_leaves_nothing(terminal: Terminal, after_seconds: float) -> None:
    up = terminal.start()
    wait(terminal.data.exists, END_SECONDS)  # before, Python itself starts, and answers as it likes
    time.sleep(after_seconds)
    said = terminal.stop(up)
    assert "Stopped" in said
    assert "Traceback" not in said
    assert not processes_of(terminal.data)
    assert not (terminal.data / "ready.json").exists()


def test_impatience_does_not_break_a_stop(terminal: Terminal) -> None:
    up = terminal.start()
    terminal.wait_until_ready(up)
    for _ in range(5):
        up.send_signal(signal.SIGINT)
        time.sleep(0.02)
    said = terminal.stop(up)
    assert up.returncode == 0
    assert "Traceback" not in said
    assert not processes_of(terminal.data)


@pytest.mark.parametrize(
    ("service", "said"), [("ingest.merger.drain", "drain was killed by SIGKILL"), ("valkey-server", "Valkey ended with")]
)
def test_a_part_that_crashes_is_named_and_everything_stops(terminal: Terminal, service: str, said: str) -> None:
    up = terminal.start()
    terminal.wait_until_ready(up)
    children = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(up.pid)], capture_output=True, text=True, check=True
    ).stdout
    (pid,) = [int(line.split()[0]) for line in children.splitlines() if service in line]
    os.kill(pid, signal.SIGKILL)
    output = up.communicate(timeout=END_SECONDS)[0]
    assert up.returncode == 1
    assert said in output
    assert "then start again" in output
    assert "Traceback" not in output
    assert not processes_of(terminal.data)


def test_a_misspelt_setting_stops_the_start_with_its_name(terminal: Terminal) -> None:
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
    assert up.returncode == 0, said


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
