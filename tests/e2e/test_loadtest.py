"""A load test as somebody starts it: people come, a table and a report say how it went, and a missed budget is no success."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import MEMORY, Running, Terminal

LOAD_TEST_SECONDS = 180.0
"""For a command that has a start, a load test and a stop in it."""

PATIENT = {"INGEST_STORE_TIMEOUT_MS": "10000", "MERGER_STORE_TIMEOUT_MS": "10000"}
"""Tests beside this one use the same disk: a store that is slow for a moment isn't what is tried here."""

PEOPLE = ("publisher", "bulk publisher", "browser form", "misconfigured publisher", "call routing engine", "account manager")


@pytest.mark.parametrize(
    ("seconds", "patience", "is_alone"), [("4", "1000", False), pytest.param("30", "50", True, marks=pytest.mark.long)]
)
def test_a_smoke_test_on_a_callstamp_of_its_own_leaves_a_report(
    terminal: Terminal, tmp_path: Path, check_figure: Callable[..., None], seconds: str, patience: str, is_alone: bool
) -> None:
    report = tmp_path / "report.html"
    words = ("smoke", "--seconds", seconds, "--patience", patience, "--report", str(report))
    done = terminal.run("loadtest", *words, timeout=LOAD_TEST_SECONDS, TMPDIR=MEMORY or "/tmp", **PATIENT)
    for person in PEOPLE:
        assert re.search(rf"^ *{person}: .* kept *$", done.stdout, re.MULTILINE), done.stdout + done.stderr
    kept, budgets = map(int, re.findall(r"(\d+) of (\d+) budgets kept, 0 failures", done.stdout)[0])
    unasked = len(re.findall(r" nobody asked *$", done.stdout, re.MULTILINE))  # for in a few seconds not everything happens
    assert kept + unasked == budgets, done.stdout
    assert done.returncode == (0 if kept == budgets else 1), done.stdout + done.stderr
    if is_alone:
        check_figure("budgets kept", kept, at_least=budgets)
    assert "call routing engine: look-up" in report.read_text()
    assert not terminal.data.exists()  # what it ran on is gone, and wasn't the data folder


def test_a_budget_that_nobody_could_keep_fails_the_run(running: Running, tmp_path: Path) -> None:
    ready = ("--ready", str(running.data / "ready.json"), "--report", str(tmp_path / "report.html"))
    done = running.run("loadtest", "smoke", "--seconds", "1", "--patience", "0.0001", *ready, timeout=LOAD_TEST_SECONDS)
    assert done.returncode == 1
    assert re.search(r"^ *publisher: post tags .* missed *$", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_a_refused_request_fails_the_run(running: Running, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text((running.data / "ready.json").read_text().replace(running.ready["engine_key"], "cs_ek_nobody"))
    where = ("--ready", str(ready), "--report", str(tmp_path / "report.html"))
    done = running.run("loadtest", "smoke", "--seconds", "1", "--patience", "1000", *where, timeout=LOAD_TEST_SECONDS)
    assert done.returncode == 1
    assert "call routing engine: look-up: answered 401, right is 200" in done.stdout
    assert running.ready["postback_key"] not in (tmp_path / "report.html").read_text()
