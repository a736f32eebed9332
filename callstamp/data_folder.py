"""The data folder of one running Callstamp: locked while it runs, and what it keeps there is for its owner alone."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from callstamp.command_failed import CommandFailed

_PRIVATE = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def hold_data_folder(folder: Path) -> Iterator[None]:
    """Make the folder if need be and keep it locked. Raises CommandFailed if it can't be written or another runs on it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder), (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError:
        raise CommandFailed(
            f"Callstamp runs already on {folder}: stop that one, or set CALLSTAMP_DATA_DIR to another folder"
        ) from None
    except OSError as error:
        raise CommandFailed(
            f"the data folder {folder} can't be used ({error.strerror}): set CALLSTAMP_DATA_DIR to a folder you may write to"
        ) from None


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Writes JSON that only its owner may read. Who reads the path sees the old file or the new one, never half of it.

    A process that is killed meanwhile leaves at most `<path>.unfinished`, which the next write replaces.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    with _open_alone(unfinished) as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(0)
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
        unfinished.replace(path)


@contextmanager
def _open_alone(path: Path) -> Iterator[TextIO]:
    """Opens a file and locks it, again if another process replaced it before it was locked."""
    while True:
        with os.fdopen(os.open(path, _PRIVATE, 0o600), "w") as file:  # not truncated before it is locked
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(path, file):
                yield file
                return


def _is_at(path: Path, file: TextIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def find_json(path: Path) -> dict[str, Any] | None:
    """What `write_private` wrote there, or None."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
