"""A power cut takes nothing out of the spool that was answered: the disk is cut off as in test_power_cut."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.spool_file import SpoolUnusable, open_file
from tests.faults.test_power_cut import disk, mounted  # noqa: F401 - one is a fixture

CUTS = 20
KEEP_ADDING = """
import itertools, sys
from pathlib import Path
from ingest.spool_file import open_file

file = open_file(Path(sys.argv[1]), 1, 2**25)
if sys.argv[2] == "hasty":
    file._ask("pragma synchronous = off")
for number in itertools.count(1):
    file.add([(number, b"x" * 150)])
    print(number, flush=True)
"""


def cut(tmp_path: Path, disk: Path, manner: str) -> tuple[int, int]:  # noqa: F811 - the fixture's value
    """One power cut: how many postbacks were answered, and how many of them are lost."""
    image, copy = tmp_path / "before", tmp_path / "after"
    shutil.copy(disk, image)
    with mounted(image, tmp_path / "one") as folder:
        command = [sys.executable, "-c", KEEP_ADDING, str(folder), manner]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as adding:
            assert adding.stdout
            adding.stdout.readline()
            time.sleep(random.uniform(0.1, 0.8))
            os.kill(adding.pid, signal.SIGSTOP)
            subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
            adding.kill()
            answered = len(adding.stdout.read().split()) + 1
    with mounted(copy, tmp_path / "two") as folder:
        try:
            file = open_file(folder, 1, 2**25)
        except SpoolUnusable:
            return answered, answered
        assert file is not None
        kept = file.rows
        file.close()
    return answered, max(0, answered - kept)


@pytest.mark.long
@pytest.mark.parametrize("manner", ["as it is", "hasty"])
def test_a_power_cut_takes_nothing_out_of_the_spool(tmp_path: Path, disk: Path, manner: str) -> None:  # noqa: F811 - as above
    cuts = [cut(tmp_path, disk, manner) for _ in range(CUTS)]
    answered, lost = sum(count for count, _ in cuts), sum(count for _, count in cuts)
    print(f"{manner}: cuts={CUTS} answered={answered} lost={lost}")
    assert answered > 20 * CUTS
    if manner == "hasty":
        assert lost > 0  # without the fsync: the proof that these cuts cut
    else:
        assert lost == 0
