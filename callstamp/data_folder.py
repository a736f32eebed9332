"""The data folder of one running Callstamp: locked while it runs, and what it keeps there is for its owner alone."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from callstamp.command_failed import CommandFailed


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
    """Write JSON that only its owner may read; whoever reads the path sees the old file or the new one, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(descriptor)
    Path(name).replace(path)


def find_json(path: Path) -> dict[str, Any] | None:
    """What `write_private` wrote there, or None."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
