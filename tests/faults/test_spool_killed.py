"""The spool under SIGKILL: every postback that was answered 202 counts once, whichever worker dies, and when."""

import asyncio
import os
import random
import signal
import sqlite3
from pathlib import Path

import msgspec
import pytest

from ingest.spool import SpooledPostback
from shared.embedded import EmbeddedValkey
from tests.e2e.test_workers import children
from tests.faults.load import Answer, Postbacks
from tests.faults.spooling import count_queued, rows_in
from tests.faults.test_postgres_away import find_missing_in_log
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

KEPT = (200, 202)


class Posts(Postbacks):
    """A publisher to whom a postback that is queued is acknowledged, too."""

    def acknowledged(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status in KEPT]


async def kill_a_worker(parent: int) -> None:
    """SIGKILL to one of two, when both are there."""

    async def workers() -> set[int]:
        return children(parent)

    await wait_for(workers, lambda found: len(found) >= 2)
    os.kill(random.choice(sorted(children(parent))), signal.SIGKILL)


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.long)])
async def test_nothing_queued_is_lost_or_doubled_when_workers_are_killed(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, redis_url: str, spool_folder: Path, kills: int
) -> None:
    services.start("drain")
    parent = services.start("ingest", INGEST_SPOOL_DIR=str(spool_folder), INGEST_WORKERS="2").process.pid
    async with Posts(services.url("ingest"), world.company, pause_seconds=0.01) as load:
        for _ in range(kills // 2):
            await load.until_answered(200, 20)
            valkey.kill()
            try:
                await load.until_answered(202, random.randrange(50, 150))
                await kill_a_worker(parent)
                await load.until_answered(202, random.randrange(50, 150))
            finally:
                valkey.start()
            await asyncio.sleep(random.uniform(0, 0.3))  # somewhere in the replay
            await kill_a_worker(parent)
        await load.until_answered(200, 20)
    assert {answer.status for answer in load.answers} <= {200, 202, 503, None}
    kept = load.acknowledged()
    await wait_for(lambda: find_missing_in_log(world, kept), [])
    assert await find_lost(world, redis_url, kept) == []
    queued = sum(answer.status == 202 for answer in kept)
    print(f"n={len(load.answers)} kills={kills} acknowledged={len(kept)} queued={queued} lost=0 doubled=0")
    assert queued > 25 * kills
    assert services.stop("ingest") == 0
    services.start("ingest", INGEST_SPOOL_DIR=str(spool_folder), INGEST_WORKERS="1")  # what nobody has taken over yet is its own
    await wait_for(lambda: count_queued(services), 0)
    assert services.stop("ingest") == 0
    assert rows_in(spool_folder) == 0
    assert await find_missing_in_log(world, kept) == []


async def test_the_check_finds_what_a_spool_forgets(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, redis_url: str, spool_folder: Path
) -> None:
    services.start("drain")
    services.start("ingest", INGEST_SPOOL_DIR=str(spool_folder))
    valkey.kill()
    try:
        async with Posts(services.url("ingest"), world.company, pause_seconds=0.01) as load:
            await load.until_answered(202, 50)
        services.kill("ingest")
        kept = load.acknowledged()
        forgotten = forget_one(spool_folder, {answer.caller for answer in kept})
    finally:
        valkey.start()
    services.start("ingest", INGEST_SPOOL_DIR=str(spool_folder))
    await wait_for(lambda: find_missing_in_log(world, kept), [forgotten])
    assert await find_lost(world, redis_url, kept) == [forgotten]


def forget_one(folder: Path, callers: set[str]) -> str:
    """Remove a row of one of the callers from a spool that nobody has open; answers whose it was."""
    file = sqlite3.connect(folder / "001.sqlite")
    rows = file.execute("select id, packed from postbacks order by random()").fetchall()
    spooled = {row_id: msgspec.msgpack.decode(packed, type=SpooledPostback).caller_number for row_id, packed in rows}
    row_id, caller = next((row_id, caller) for row_id, caller in spooled.items() if caller in callers)
    file.execute("delete from postbacks where id = ?", (row_id,))
    file.commit()
    file.close()
    return str(caller)
