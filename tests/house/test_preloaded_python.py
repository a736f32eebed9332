"""A service that tests fork is the one that `python -m` starts, and ends as a process of its own does."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from callstamp.configuration import PROJECT
from tests.preloaded_python import fork
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS, wait_for_sync

LEAVES_A_FORK = """
import os, sys
from tests.preloaded_python import fork
with open(os.devnull, "wb") as output:
    print(fork("ingest", output=output, environ=os.environ).pid)
"""


@pytest.mark.parametrize(("module", "prefix"), [("ingest", "INGEST"), ("ingest.merger.drain", "MERGER")])
def test_it_says_and_returns_what_a_new_process_does(module: str, prefix: str, tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], f"{prefix}_NO_SUCH_SETTING": "1"}
    command = [sys.executable, "-P", "-m", module]
    new = subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, check=False)
    with (tmp_path / "log").open("wb") as output:
        forked = fork(module, output=output, environ=environ)
        assert forked.wait(WAIT_SECONDS) == new.returncode == 78
    assert (tmp_path / "log").read_bytes() == new.stdout + new.stderr != b""


def test_it_has_a_session_and_files_of_its_own(services: ServiceProcesses) -> None:
    pid = services.start("ingest").process.pid
    assert os.getsid(pid) == pid
    other = services.start("drain").process.pid
    links, links_of_other = _read_links(pid), _read_links(other)
    assert links
    assert links_of_other
    assert not links & links_of_other


def _read_links(pid: int) -> frozenset[str]:
    """The sockets and pipes that a process holds."""
    links = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            links.add(str(file.readlink()))
    return frozenset(link for link in links if link.startswith(("socket:", "pipe:")))


def test_its_end_is_told_as_that_of_a_new_process(services: ServiceProcesses) -> None:
    killed = services.start("ingest").process
    assert killed.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        killed.wait(0.01)
    services.kill("ingest")
    assert killed.poll() == killed.returncode == -signal.SIGKILL
    assert not Path(f"/proc/{killed.pid}").exists()
    services.start("ingest")
    assert services.stop("ingest") == 0


def test_it_ends_when_the_test_process_does(services: ServiceProcesses) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LEAVES_A_FORK],
        env=services.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    wait_for_sync(lambda: Path(f"/proc/{int(done.stdout)}").exists(), False, "the fork to end")
