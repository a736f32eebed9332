"""Guarantee 3: what a power cut costs, by profile.

The store's disk is a file, mounted. What the file holds at an instant is what the disk would hold if the power failed then, since what
was not synced is still in the memory of the file system above it. So the store is stopped dead, the file is copied, the copy mounted, and
a store started on it.
"""

import asyncio
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.durability import Durability
from ingest.merger.call_store import CallStore
from ingest.read_postback import Postback
from ingest.store import Store
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.embedded import EmbeddedValkey

CUTS = 20
DISK_BYTES = 96 * 2**20  # mke2fs wants room for its journal
IN_FLIGHT = 64
KEY = PostbackKeyRow(1, 1, 1, 1, "US", 3_600_000, 0, False, False, False, False, [])
SYNC = {Durability.DURABLE: "always", Durability.FAST: "everysec"}

Acknowledged = dict[str, float]
"""When each caller's postback was acknowledged."""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A file that can be mounted, with an empty file system; skips where that can't be."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("a disk to cut off needs root and mkfs.ext4")
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    tried = subprocess.run(["mount", "-o", "loop", str(image), str(make(tmp_path / "try"))], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"a disk to cut off needs loop mounts: {tried.stderr.strip()}")
    subprocess.run(["umount", str(tmp_path / "try")], check=True)
    return image


def make(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-o", "loop", str(image), str(make(folder))], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def post_on(store: Store, number: Iterator[int], acknowledged: Acknowledged) -> None:
    """Post one caller after another until cancelled."""
    buffer = TagBuffer(store)
    while True:
        caller = f"+1555{next(number):07}"
        await buffer.write(KEY, Postback({"a": caller}, caller), None)
        acknowledged[caller] = time.monotonic()


async def load_and_cut(valkey: EmbeddedValkey, durability: Durability, image: Path, copy: Path) -> tuple[Acknowledged, float]:
    """Post for a while, stop the store dead and copy its disk; what was acknowledged by then, and when it was."""
    store = Store(valkey.url, timeout_seconds=60, durability=durability)
    await store.start()
    acknowledged: Acknowledged = {}
    numbers = iter(range(10**7))
    posting = [asyncio.create_task(post_on(store, numbers, acknowledged)) for _ in range(IN_FLIGHT)]
    await asyncio.sleep(random.uniform(0.2, 1.7))
    valkey.pause()
    cut_at = time.monotonic()
    await asyncio.sleep(0.05)  # for replies that are on their way
    before = dict(acknowledged)
    await asyncio.to_thread(subprocess.run, ["cp", "--sparse=always", str(image), str(copy)], check=True)
    for task in posting:
        task.cancel()
    await asyncio.gather(*posting, return_exceptions=True)
    await store.stop()
    return before, cut_at


async def find_lost(url: str, durability: Durability, acknowledged: Acknowledged) -> list[str]:
    store = Store(url, timeout_seconds=60, durability=durability)
    await store.start()
    calls = CallStore(store, 60)
    found = await asyncio.gather(*(calls.look_up(1, caller) for caller in acknowledged))
    await store.stop()
    return [caller for caller, tags in zip(acknowledged, found, strict=True) if [tag.value for tag in tags] != [caller]]


async def cut(tmp_path: Path, disk: Path, durability: Durability) -> tuple[int, int, float]:
    """One power cut: how much was acknowledged, how much of it lost, and how long before the cut the oldest of that was."""
    image, copy = tmp_path / "before", tmp_path / "after"
    shutil.copy(disk, image)
    config = {"appendfsync": SYNC[durability]}
    with mounted(image, tmp_path / "one") as folder:
        valkey = EmbeddedValkey(folder / "valkey", log=tmp_path / "valkey.log", config=config)
        valkey.start()
        try:
            acknowledged, cut_at = await load_and_cut(valkey, durability, image, copy)
        finally:
            valkey.kill()
    with (
        mounted(copy, tmp_path / "two") as folder,
        EmbeddedValkey(folder / "valkey", log=tmp_path / "valkey.log", config=config) as valkey,
    ):
        lost = await find_lost(valkey.url, durability, acknowledged)
    return len(acknowledged), len(lost), max((cut_at - acknowledged[caller] for caller in lost), default=0.0)


@pytest.mark.long
@pytest.mark.parametrize("durability", [Durability.DURABLE, Durability.FAST])
async def test_a_power_cut_costs_what_the_profile_says(tmp_path: Path, disk: Path, durability: Durability) -> None:
    cuts = [await cut(tmp_path, disk, durability) for _ in range(CUTS)]
    acknowledged, lost = sum(count for count, _, _ in cuts), [count for _, count, _ in cuts]
    oldest = max(seconds for _, _, seconds in cuts)
    print(
        f"{durability}: cuts={CUTS} acknowledged={acknowledged} lost={sum(lost)} in {sum(map(bool, lost))} cuts, "
        f"at most {max(lost)} in one, the oldest {oldest * 1000:.0f} ms before the cut"
    )
    assert acknowledged > 100 * CUTS
    if durability is Durability.DURABLE:
        assert sum(lost) == 0
    else:
        assert sum(lost) > 0  # what `fast` gives away; and the proof that these cuts cut
