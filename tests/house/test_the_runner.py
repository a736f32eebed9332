"""How the tests themselves end: a hanging test fails alone and by name, a skip is told of or fails, a missed wait says what it saw."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import waiting
from tests.house.tree import PROJECT
from tests.skips import ALLOWED_IN_CI
from tests.waiting import wait_for, wait_for_sync

HANGING = """
import asyncio, time

async def test_before(): ...

async def test_that_waits_forever():
    await asyncio.Event().wait()

def test_that_sleeps_forever():
    time.sleep(600)

def test_that_swallows_its_failure():
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def test_behind(): ...
"""

SKIPPING = '''
"""Guarantee 3: made up, to be skipped."""
import pytest

@pytest.mark.skipif(True, reason="there is no such tool")
def test_that_cannot_run(): ...

def test_that_skips_itself():
    pytest.skip("{allowed}: made up")

def test_that_runs(): ...
'''


def run_pytest(folder: Path, content: str, *options: str, **environ: str) -> str:
    """Run a test file with the project's settings and plugins. Returns what was printed."""
    (folder / "test_made_up.py").write_text(content)
    settings = ["-c", str(PROJECT / "pyproject.toml"), "--rootdir", str(folder), "-p", "tests.conftest"]
    command = [sys.executable, "-m", "pytest", *settings, *options, str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=PROJECT, env=environment | environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_test_that_hangs_fails_alone_with_its_name_and_stack(tmp_path: Path) -> None:
    limits = ["-o", "timeout=3", "-o", "faulthandler_timeout=6", "-n", "1"]
    printed = run_pytest(tmp_path, HANGING, *limits)
    assert "3 failed, 2 passed" in printed, printed
    for name in ("test_that_waits_forever", "test_that_sleeps_forever", "test_that_swallows_its_failure"):
        assert re.search(rf"^FAILED .*test_made_up\.py::{name}", printed, re.MULTILINE), printed
    assert "Failed: Timeout (>3.0s)" in printed
    assert "time.sleep(600)" in printed
    assert "await asyncio.Event().wait()" in printed


def test_a_skip_fails_in_ci_unless_its_reason_is_allowed(tmp_path: Path) -> None:
    content = SKIPPING.format(allowed=next(iter(ALLOWED_IN_CI)))
    printed = run_pytest(tmp_path, content, CI="true")
    assert "1 passed, 1 skipped, 1 error" in printed, printed
    assert "skipped in CI, where nothing may be skipped" in printed
    assert "there is no such tool" in printed


def test_elsewhere_one_line_says_which_guarantees_were_not_tried(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, SKIPPING.format(allowed="no loop mounts"))
    assert "1 passed, 2 skipped" in printed, printed
    (line,) = [line for line in printed.splitlines() if line.startswith("Not tried on this machine")]
    assert line == ("Not tried on this machine: guarantee 3 (no loop mounts: made up); guarantee 3 (there is no such tool).")


async def test_a_missed_wait_says_what_was_waited_for_and_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.05)

    async def status_of_the_reply() -> int:
        return 503

    with pytest.raises(AssertionError, match=r"waited 0\.05 s for status_of_the_reply: it was 503, wanted 200"):
        await wait_for(status_of_the_reply, 200)
    with pytest.raises(AssertionError, match=r"waited 0\.05 s for the list: it was \[1\], wanted .*len\(found\) > 3"):
        wait_for_sync(lambda: [1], lambda found: len(found) > 3, "the list")


async def test_a_wait_ends_with_what_it_waited_for() -> None:
    seen = iter([0, 3, 7])

    async def look() -> int:
        return next(seen)

    assert await wait_for(look, 3) == 3
    assert wait_for_sync(lambda: next(seen)) == 7
