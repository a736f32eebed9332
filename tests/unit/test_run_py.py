"""run.py meets machines that aren't ready for it: each time one clear line, and never more work than needed."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

RUN_PY = Path(__file__).resolve().parents[2] / "run.py"


@pytest.fixture
def run_py(tmp_path: Path) -> ModuleType:
    """The program as a module, for a project in `tmp_path` with two small lock files."""
    spec = importlib.util.spec_from_file_location("run_py", RUN_PY)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    module.PROJECT = tmp_path
    module.VENV = tmp_path / ".venv"
    module.PYTHON = tmp_path / ".venv" / "bin" / "python"
    module.INSTALLED = tmp_path / ".venv" / "installed.txt"
    module.LOCKS = {kind: tmp_path / "requirements" / f"{kind}.txt" for kind in ("run", "dev")}
    for kind, lock in module.LOCKS.items():
        lock.write_text(f"# nothing for {kind}\n")
    return module


def put_python(run_py: Any, script: str) -> None:
    """A `.venv` whose Python is a shell script."""
    run_py.PYTHON.parent.mkdir(parents=True)
    run_py.PYTHON.write_text(f"#!/bin/sh\n{script}\n")
    run_py.PYTHON.chmod(0o755)


def give_up_line(run_py: Any, capsys: pytest.CaptureFixture[str], kind: str = "run") -> str:
    with pytest.raises(SystemExit) as end:
        run_py.install(kind)
    line = str(end.value)
    assert line.startswith("run.py: ")
    assert "\n" not in line
    return line


def test_an_older_python_can_read_it_and_is_told_what_is_needed() -> None:
    ast.parse(RUN_PY.read_text(), feature_version=(3, 6))
    pretend = f"import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_path({str(RUN_PY)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        done.stderr
        == "run.py: Callstamp needs Python 3.11 or newer and this is 3.9; install a newer one and start run.py with it\n"
    )


def test_a_python_without_ensurepip_is_told_which_package_to_install(
    run_py: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    assert give_up_line(run_py, capsys).endswith("no ensurepip; on Debian and Ubuntu: apt install python3-venv")


def test_a_project_that_cannot_be_written_is_named(
    run_py: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert f"can't write to {run_py.PROJECT}" in give_up_line(run_py, capsys)


def test_what_pip_says_last_is_the_reason(run_py: Any, capsys: pytest.CaptureFixture[str]) -> None:
    put_python(
        run_py,
        '[ "$1" = -c ] && exit 0; echo "WARNING: retrying" >&2; echo "ERROR: No matching distribution" >&2; echo >&2; exit 1',
    )
    run_py.INSTALLED.touch()
    assert "pip couldn't install the packages (No matching distribution); is this machine online?" in give_up_line(run_py, capsys)
    assert run_py.INSTALLED.read_text() == ""


def test_it_installs_again_only_when_the_lock_changes(run_py: Any) -> None:
    calls = run_py.PROJECT / "calls"
    put_python(run_py, f'[ "$1" = -c ] && exit 0; echo "$@" >> "{calls}"')
    run_py.INSTALLED.touch()
    for _ in range(3):
        run_py.install("dev")
        run_py.install("run")  # is in dev
    assert len(calls.read_text().splitlines()) == 1
    run_py.LOCKS["run"].write_text("# changed\n")
    run_py.install("run")
    run_py.install("run")
    assert len(calls.read_text().splitlines()) == 2
    assert "--require-hashes" in calls.read_text()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What run.py would run; each command ends with 0."""
    seen: list[list[str]] = []

    def run(command: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
        seen.append([str(word) for word in command[1:]])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return seen


def test_all_tests_run_in_parallel(run_py: Any, commands: list[list[str]]) -> None:
    assert run_py.run_tests([]) == 0
    (together,) = commands
    assert together[:3] == ["-m", "pytest", "-n"]
    assert not {"--long", "randomly"} & set(together)


def test_the_tests_keep_bytecode(run_py: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They start hundreds of processes, each of which would compile the product again."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("OTHER", "kept")
    put_python(run_py, 'test -z "$PYTHONDONTWRITEBYTECODE" && test "$OTHER" = kept')
    assert run_py.run_tests([]) == 0


def test_with_long_what_measures_runs_alone_afterwards(run_py: Any, commands: list[list[str]]) -> None:
    run_py.run_tests(["--long", "-x"])
    together, alone = commands
    assert "--long" in together
    assert "--long" in alone
    assert together[-3:] == ["-m", "not timed", "-x"]
    assert alone[-5:] == ["-n", "1", "-m", "timed", "-x"]


def test_a_named_file_runs_as_it_is_named(run_py: Any, commands: list[list[str]]) -> None:
    run_py.run_tests(["requirements/run.txt::test_it", "-q"])
    assert commands == [["-m", "pytest", "requirements/run.txt::test_it", "-q"]]


def seeds_of(commands: list[list[str]]) -> list[str]:
    return [word.partition("=")[2] for command in commands for word in command if word.startswith("--randomly-seed=")]


def test_repeated_runs_are_in_random_order_and_print_their_seeds(
    run_py: Any, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_py.run_tests(["--repeat", "3"]) == 0
    seeds = seeds_of(commands)
    assert len(set(seeds)) == 3
    assert re.findall(r"run (\d) of 3, seed (\d+): passed", capsys.readouterr().out) == list(zip("123", seeds, strict=True))
    run_py.run_tests(["--seed", seeds[0]])
    assert seeds_of(commands)[3:] == seeds[:1]


def test_repeating_ends_with_the_first_run_that_fails(
    run_py: Any, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = iter([0, 1, 0])

    def run(command: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
        commands.append([str(word) for word in command[1:]])
        return subprocess.CompletedProcess(command, next(codes))

    monkeypatch.setattr(subprocess, "run", run)
    assert run_py.run_tests(["--repeat", "3"]) == 1
    assert len(commands) == 2
    assert f"failed; --seed {seeds_of(commands)[1]} runs this order again" in capsys.readouterr().out


def test_coverage_is_a_flag(run_py: Any, commands: list[list[str]]) -> None:
    run_py.run_tests(["--coverage"])
    assert "--cov" in commands[0]
