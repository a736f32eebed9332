"""Runs Callstamp on a machine with nothing but Python: makes `.venv`, installs what is locked, hands over to the command line.

    python3 run.py                              everything, until Ctrl-C
    python3 run.py test [--long] [pytest's own] the tests; with --long also those that take minutes
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

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed.txt"  # the digest of each lock file that is installed, written when all is done
LOCKS = {"run": PROJECT / "requirements" / "run.txt", "dev": PROJECT / "requirements" / "dev.txt"}

NO_TESTS_FOUND = 5  # pytest's exit code
ON_A_CLUSTER = {"CALLSTAMP_TEST_STORE": "cluster"}
MOST_TEST_PROCESSES = 8  # each has a Valkey and a PostgreSQL of its own

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
    """Run pytest, in parallel, what is about the store once more on a cluster, then the tests of faults, which measure times, alone.

    Named files run as they are named.
    """
    long = "--long" in words
    words = [word for word in words if word != "--long"]
    pytest = [str(PYTHON), "-m", "pytest", *([] if long else ["-m", "not long"])]
    if any((PROJECT / word.partition("::")[0]).exists() for word in words if not word.startswith("-")):
        return subprocess.run([*pytest, *words], cwd=PROJECT, check=False).returncode
    processes = str(min(len(os.sched_getaffinity(0)), MOST_TEST_PROCESSES))
    together = [*pytest, "-n", processes, "--dist", "worksteal"]
    stages = [
        ([*together, "--ignore", "tests/faults", *words], {}),
        ([*together, *words, "tests/integration", "--ignore", "tests/integration/admin"], ON_A_CLUSTER),
        ([*pytest, *words, "tests/faults"], {}),
    ]
    codes = [subprocess.run(command, cwd=PROJECT, env=os.environ | more, check=False).returncode for command, more in stages]
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
