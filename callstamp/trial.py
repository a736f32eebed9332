"""A Callstamp of one's own for a trial: `callstamp up` on a data folder and ports that nobody else uses, gone afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callstamp.command_failed import CommandFailed
from callstamp.configuration import POSTGRES_URLS, REDIS_URLS
from callstamp.ready_file import find_ready_file
from shared.launch import launch

START_SECONDS = 90.0


@contextmanager
def callstamp_on_trial() -> Iterator[Path]:
    """Answers the data folder of a Callstamp that is ready. Real servers in the environment are passed by: a trial shan't touch them."""
    with tempfile.TemporaryDirectory(prefix="callstamp-trial-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "var"
        environ = {name: value for name, value in os.environ.items() if name not in REDIS_URLS + POSTGRES_URLS}
        environ |= {f"CALLSTAMP_{name}_PORT": "0" for name in ("INGEST", "ADMIN", "MERGER")} | {"CALLSTAMP_DATA_DIR": str(data)}
        with (Path(folder) / "up.log").open("w+b") as said:
            up = launch(
                [sys.executable, "-P", "-m", "callstamp", "up"], output=said, environ=environ, at_parents_end=signal.SIGINT
            )
            try:
                _wait_until_ready(up, data, Path(said.name))
                yield data
            finally:
                up.send_signal(signal.SIGINT)
                up.wait()


def _wait_until_ready(up: "subprocess.Popen[bytes]", data: Path, said: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while find_ready_file(data) is None:
        if up.poll() is not None or time.monotonic() > deadline:
            words = said.read_text(errors="replace").strip().splitlines() or ["it gave no reason"]
            raise CommandFailed(f"a Callstamp for the trial didn't start: {words[-1].removeprefix('Error: ')}")
        time.sleep(0.05)
