"""Runs Callstamp on a machine with nothing but Python: makes `.venv`, installs what is locked, hands over to the command line.

    python3 run.py                              everything, until Ctrl-C
    python3 run.py test [OPTIONS] [pytest's own] the tests; --long also those that take minutes, --repeat N again and again,
                                                in random order, --coverage with the share of lines that ran
    python3 run.py check                        lint, format, types, import contracts
    python3 run.py COMMAND …                    any other command, e.g. demo or doctor; --help lists them

Standard library only, and in the grammar of older Pythons too, so that those can say that they are too old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one file that older versions get to read
    sys.exit(
        "run.py: Callstamp needs Python 3.11 or newer and this is %d.%d; install a newer one and start run.py with it"  # noqa: UP031
        % sys.version_info[:2]
    )

import argparse
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed.txt"  # the digest of each lock file that is installed, written when all is done
LOCKS = {"run": PROJECT / "requirements" / "run.txt", "dev": PROJECT / "requirements" / "dev.txt"}

NO_TESTS_FOUND = 5  # pytest's exit code
MOST_TEST_PROCESSES = 8  # each has a Valkey and a PostgreSQL of its own
PROCESSES_A_CORE = 1.5  # a test waits for a third of its time
LONG_HANG_SECONDS = 4 * 3600  # beyond the time limit of any long test, see tests/conftest.py
SLOWS_TESTS = "PYTHONDONTWRITEBYTECODE"  # the tests start hundreds of processes; each would compile the product again

COMMAND = """#!/bin/sh
exec "$(dirname "$0")/python" -P -m callstamp "$@"
"""


def main(words: list[str]) -> None:
    """Install what the words need, then do what they say."""
    if words[:1] == ["test"]:
        install("dev")
        sys.exit(run_tests(words[1:]))
    if words[:1] == ["check"]:
        install("dev")
        sys.exit(run_checks())
    install("run")
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "callstamp", *(words or ["up"])])  # noqa: S606 - no shell wanted


def install(kind: str) -> None:
    """Bring `.venv` to what the lock file says; does nothing, quickly, when it is there already."""
    with Path(__file__).open() as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # two starts at once: one installs, the other waits
        try:
            installed = _installed()
            if kind in installed:
                return
            if not installed:
                _make_venv()
            _install_packages(kind)
        except OSError as error:
            _give_up(
                f"can't write to {error.filename or PROJECT}: {error.strerror}; put the project in a folder that you may write to"
            )


def run_checks() -> int:
    """Run every check that needs no server, all of them even if one fails. Answers 0 if none did."""
    tools = VENV / "bin"
    commands: list[list[str | Path]] = [
        [tools / "ruff", "check"],
        [tools / "ruff", "format", "--check"],
        [PYTHON, "-m", "mypy"],
        [tools / "lint-imports"],
    ]
    return max(subprocess.run(command, cwd=PROJECT, check=False).returncode for command in commands)


def run_tests(words: list[str]) -> int:
    """Run the tests, once or as often as `--repeat` says until a run fails. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="run.py test", allow_abbrev=False, epilog="Everything else is passed to pytest.")
    parser.add_argument("--long", action="store_true", help="also the tests that take minutes; measured figures are asserted")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="N runs in random order, until one fails")
    parser.add_argument("--seed", type=int, help="random order by this seed, as an earlier run printed it")
    parser.add_argument("--coverage", action="store_true", help="also print the share of lines of product code that ran")
    options, words = parser.parse_known_args(words)
    is_shuffled = options.repeat > 1 or options.seed is not None
    for number in range(1, options.repeat + 1):
        seed = options.seed if options.seed is not None else secrets.randbelow(2**32)
        more = ["-p", "randomly", "--randomly-dont-reset-seed", f"--randomly-seed={seed}"] if is_shuffled else []
        began = time.monotonic()
        code = run_once([*more, *words], is_long=options.long, has_coverage=options.coverage)
        if is_shuffled:
            ending = "passed" if code == 0 else f"failed; --seed {seed} runs this order again"
            print(
                f"run.py: run {number} of {options.repeat}, seed {seed}: {ending} ({time.monotonic() - began:.0f} s)", flush=True
            )
        if code not in (0, NO_TESTS_FOUND):
            return code
    return code


def run_once(words: list[str], *, is_long: bool, has_coverage: bool) -> int:
    """Run pytest: everything in parallel, and with --long what measures figures afterwards, alone. Named files run by themselves.

    A stage always has worker processes, so that a crash costs one test.
    """
    pytest = [str(PYTHON), "-m", "pytest", *(["--long", "-o", f"faulthandler_timeout={LONG_HANG_SECONDS}"] if is_long else [])]
    environ = {name: value for name, value in os.environ.items() if name != SLOWS_TESTS}
    if has_coverage:
        pytest += ["--cov", "--cov-append", "--cov-report=term:skip-covered"]
        (PROJECT / ".coverage").unlink(missing_ok=True)
    if any((PROJECT / word.partition("::")[0]).exists() for word in words if not word.startswith("-")):
        return subprocess.run([*pytest, *words], cwd=PROJECT, env=environ, check=False).returncode
    processes = min(round(PROCESSES_A_CORE * len(os.sched_getaffinity(0))), MOST_TEST_PROCESSES)
    together = [*pytest, "-n", str(processes), "--dist", "worksteal"]
    stages = [[*together, "-m", "not timed"], [*pytest, "-n", "1", "-m", "timed"]] if is_long else [together]
    codes = [subprocess.run([*stage, *words], cwd=PROJECT, env=environ, check=False).returncode for stage in stages]
    return next((code for code in codes if code not in (0, NO_TESTS_FOUND)), min(codes))


def _installed() -> set[str]:
    """The kinds whose lock file is installed as it is now, in a `.venv` that works."""
    if not INSTALLED.exists() or subprocess.run([PYTHON, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return set()
    digests = INSTALLED.read_text().split()
    return {"any"} | {kind for kind, lock in LOCKS.items() if _digest(lock) in digests}


def _make_venv() -> None:
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        _give_up(f"this Python has no {' and no '.join(missing)}; on Debian and Ubuntu: apt install python3-venv")
    if shutil.disk_usage(PROJECT).free < 2**29:
        _give_up(f"less than 500 MB are free for {PROJECT}; make room, or move the project")
    if not os.access(PROJECT, os.W_OK):
        _give_up(f"can't write to {PROJECT}; put the project in a folder that you may write to")
    print("run.py: installing, about half a minute the first time", flush=True)
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _give_up(f"Python couldn't make .venv: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    packages = next(VENV.glob("lib/python*/site-packages"))
    (packages / "callstamp.pth").write_text(os.path.relpath(PROJECT, packages) + "\n")  # relative: the project may be moved
    command = VENV / "bin" / "callstamp"
    command.write_text(COMMAND)
    command.chmod(0o755)
    INSTALLED.touch()


def _install_packages(kind: str) -> None:
    print(f"run.py: installing what requirements/{kind}.txt locks", flush=True)
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"]
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        *options,
        "--prefer-binary",
        "--require-hashes",
        "-r",
        LOCKS[kind],
    ]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.strip()]
        reason = next(
            (line for line in reversed(errors) if line.startswith("ERROR:")), errors[-1] if errors else "it gave no reason"
        )
        _give_up(
            f"pip couldn't install the packages ({reason.removeprefix('ERROR: ')}); is this machine online? Then start again"
        )
    kinds = LOCKS if kind == "dev" else ["run"]  # dev holds all of run in the same versions
    INSTALLED.write_text("".join(_digest(LOCKS[each]) + "\n" for each in kinds))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _give_up(reason: str) -> None:
    sys.exit(f"run.py: {reason}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
