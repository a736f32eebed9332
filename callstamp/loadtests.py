"""`callstamp loadtest` and `callstamp bench`: run what is in loadtests/, which is part of a checkout and not of an installation."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from callstamp.command_failed import CommandFailed
from callstamp.configuration import PROJECT, read_configuration
from callstamp.ready_file import NAME
from callstamp.trial import callstamp_on_trial
from shared.launch import with_our_packages

LOADTESTS = PROJECT / "loadtests"


def run_load_test(shape: str, *, ready: Path | None, report: Path | None, seconds: float | None, patience: float) -> int:
    """Let the people of loadtests/ come in that shape, to a Callstamp of their own or to that of `ready`; answers the exit code."""
    _require_checkout()
    if find_spec("locust") is None:
        raise CommandFailed("locust isn't installed: `python3 run.py test` installs it, or `pip install -r requirements/dev.txt`")
    report = (report or read_configuration().data / f"loadtest-{shape}.html").absolute()
    report.parent.mkdir(parents=True, exist_ok=True)
    left = {"--html": report, "--json-file": report.with_suffix(""), "--logfile": report.with_suffix(".log")}
    how = {"--patience": patience} | ({"--seconds": seconds} if seconds else {})
    options = [str(word) for option in (left | how).items() for word in option]
    if ready is not None:
        code = _run_locust(shape, ready.absolute(), options)
    else:
        with callstamp_on_trial() as data:
            code = _run_locust(shape, data / NAME, options)
    print(f"the report is {report}")
    return code


def run_bench(options: Sequence[str]) -> int:
    """Compare ingest with its peers; answers the exit code."""
    _require_checkout()
    return subprocess.run(
        [sys.executable, "-P", "-m", "loadtests.bench", *options], env=with_our_packages(os.environ), check=False
    ).returncode


def _run_locust(shape: str, ready: Path, options: Sequence[str]) -> int:
    files = f"{LOADTESTS / 'people'},{LOADTESTS / 'shapes' / f'{shape}.py'}"
    quiet = ["--headless", "--only-summary", "--loglevel", "WARNING", "--stop-timeout", "5"]
    command = [sys.executable, "-P", "-m", "locust", "-f", files, *quiet, "--ready", str(ready), *options]
    return subprocess.run(
        command, cwd=PROJECT, env=with_our_packages(os.environ), stdin=subprocess.DEVNULL, check=False
    ).returncode


def _require_checkout() -> None:
    if not (LOADTESTS / "__init__.py").exists():
        raise CommandFailed("the load tests aren't part of an installed Callstamp: run this in a checkout of the project")
