"""A load test as somebody starts it: people come, a table and a report say how it went, and a missed budget is no success."""

import re
from pathlib import Path

from tests.e2e.conftest import Running, Terminal

PATIENT = {"INGEST_STORE_TIMEOUT_MS": "10000", "MERGER_STORE_TIMEOUT_MS": "10000"}
"""Tests beside this one use the same disk: a store that is slow for a moment isn't what is tried here."""

PEOPLE = ("publisher", "bulk publisher", "browser form", "misconfigured publisher", "call routing engine", "account manager")


def test_a_short_smoke_test_on_a_callstamp_of_its_own_keeps_all_budgets_and_leaves_a_report(
    terminal: Terminal, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    words = ("smoke", "--seconds", "5", "--patience", "50", "--report", str(report))
    done = terminal.run("loadtest", *words, timeout=180, **PATIENT)
    assert done.returncode == 0, done.stdout + done.stderr
    for person in PEOPLE:
        assert re.search(rf"^ *{person}: .* kept *$", done.stdout, re.MULTILINE), done.stdout
    kept, budgets = re.findall(r"(\d+) of (\d+) budgets kept, 0 failures", done.stdout)[0]
    assert kept == budgets
    assert "call routing engine: look-up" in report.read_text()
    assert not terminal.data.exists()  # what it ran on is gone, and wasn't the data folder


def test_a_budget_that_nobody_could_keep_fails_the_run(running: Running, tmp_path: Path) -> None:
    ready = ("--ready", str(running.data / "ready.json"), "--report", str(tmp_path / "report.html"))
    done = running.run("loadtest", "smoke", "--seconds", "2", "--patience", "0.0001", *ready, timeout=120)
    assert done.returncode == 1
    assert re.search(r"^ *publisher: post tags .* missed *$", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_a_refused_request_fails_the_run(running: Running, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text((running.data / "ready.json").read_text().replace(running.ready["engine_key"], "cs_ek_nobody"))
    where = ("--ready", str(ready), "--report", str(tmp_path / "report.html"))
    done = running.run("loadtest", "smoke", "--seconds", "2", "--patience", "1000", *where, timeout=120)
    assert done.returncode == 1
    assert "call routing engine: look-up: answered 401, right is 200" in done.stdout
    assert running.ready["postback_key"] not in (tmp_path / "report.html").read_text()
