"""Guarantee 2: what was acknowledged survives the store's death."""

import asyncio
import random
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ingest.app import create_app
from ingest.merger.call_store import CallStore
from ingest.postback_id import new_postback_id
from ingest.read_postback import Postback
from ingest.rooms import TAG_BUFFER
from ingest.settings import IngestSettings
from ingest.store import Store
from ingest.tag_buffer import Outcome, Receipt, TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.embedded import EmbeddedValkey
from tests.conftest import CheckFigure
from tests.faults.load import Answer, Postbacks
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.world import DoorServer, World

BACK_WITHIN_SECONDS = 3.0


async def find_lost(world: World, redis_url: str, acknowledged: list[Answer]) -> list[str]:
    """The callers whose acknowledged tag isn't there."""
    store = Store(redis_url, timeout_seconds=PATIENT_MS / 1000)
    await store.start()
    calls, lost = CallStore(store, 14_400), []
    for answer in acknowledged:
        tags = await calls.look_up(world.company.id, answer.caller)
        if [(tag.name, tag.value) for tag in tags] != [("a", answer.value)]:
            lost.append(answer.caller)
    await store.stop()
    return lost


async def kill_again_and_again(valkey: EmbeddedValkey, load: Postbacks, kills: int) -> list[float]:
    """Kills the store under load and starts it again. Returns the seconds from each start to the next acknowledged postback."""
    seconds = []
    for _ in range(kills):
        await load.until_acknowledged(random.randrange(50, 150))
        valkey.kill()
        await asyncio.sleep(random.uniform(0, 0.05))
        valkey.start()
        back_at = time.monotonic()
        await load.until_acknowledged(1)
        seconds.append(time.monotonic() - back_at)
    return seconds


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.long), pytest.param(100, marks=pytest.mark.long)])
async def test_nothing_acknowledged_is_lost_when_the_store_is_killed(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, redis_url: str, kills: int, check_figure: CheckFigure
) -> None:
    services.start("ingest")
    async with Postbacks(services.url("ingest"), world.company) as load:
        seconds = await kill_again_and_again(valkey, load, kills)
    acknowledged = load.acknowledged()
    assert len(acknowledged) > 50 * kills
    assert {answer.status for answer in load.answers} <= {200, 503}
    lost = await find_lost(world, redis_url, acknowledged)
    print(f"n={len(load.answers)} kills={kills} acknowledged={len(acknowledged)} lost={len(lost)}")
    assert lost == []
    check_figure("until postbacks were taken again, in s", max(seconds), at_most=BACK_WITHIN_SECONDS)


class HastyTagBuffer(TagBuffer):
    """Broken on purpose: acknowledges first and writes later."""

    async def write(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None) -> Receipt:
        async def write_later() -> None:
            await asyncio.sleep(0.05)
            await super(HastyTagBuffer, self).write(key, postback, source_ip)

        asyncio.get_running_loop().create_task(write_later()).add_done_callback(lambda task: task.cancelled() or task.exception())
        return Receipt(new_postback_id()[0], Outcome.STORED, 0)


async def test_the_check_finds_what_an_ingest_loses_that_acknowledges_before_the_write(
    world: World, valkey: EmbeddedValkey, redis_url: str, postgres_url: str
) -> None:
    app: web.Application = create_app(IngestSettings(redis_url=redis_url, postgres_url=postgres_url))
    app[TAG_BUFFER].__class__ = HastyTagBuffer
    server: TestServer = DoorServer(app)
    await server.start_server()
    async with Postbacks(str(server.make_url("")).rstrip("/"), world.company) as load:
        await kill_again_and_again(valkey, load, 2)
    await server.close()
    assert await find_lost(world, redis_url, load.acknowledged()) != []
