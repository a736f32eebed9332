"""A caller is erased while postbacks about them are in the spool: the late replay brings nothing back."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from ingest.redis_keys import erased_call_key, erased_caller_key
from shared.embedded import EmbeddedValkey
from tests.faults.spooling import StartIngest, away, emptied, noticed, rows_in
from tests.integration.admin.manager import Manager
from tests.integration.erasing import everything_in_postgres, internal, manager
from tests.waiting import wait_for
from tests.world import CALLER, World

__all__ = ["internal", "manager"]  # fixtures

EMAIL = "ann@example.com"


async def spool_and_erase(
    world: World, start_ingest: StartIngest, valkey: EmbeddedValkey, manager: Manager, internal: TestClient[Any, Any]
) -> None:
    """Postbacks for the caller, for a call in progress and for one that has ended go to the spool, and then the caller is erased."""
    await start_ingest()
    await world.hit("open")
    await world.hit("ended")
    await world.event("ended", "end", duration_seconds=7)
    with away(valkey):
        await noticed(world)
        for about in ({}, {"call_uuid": "open"}, {"call_uuid": "ended"}):
            assert (await world.post({"email": EMAIL}, **about))["http"] == 202
        await world.ingest.close()

    async def status() -> int:
        async with internal.get("/readyz") as reply:
            return reply.status

    await wait_for(status, 200, "the status of the internal /readyz")
    reply = await manager.ask("DELETE", f"callers/{CALLER}")
    assert reply.status == 200, reply


async def replay(world: World, start_ingest: StartIngest) -> None:
    await start_ingest()
    await emptied(world)
    await world.drain()


async def test_a_late_replay_out_of_the_spool_brings_nothing_back(
    world: World,
    start_ingest: StartIngest,
    valkey: EmbeddedValkey,
    manager: Manager,
    internal: TestClient[Any, Any],
) -> None:
    await spool_and_erase(world, start_ingest, valkey, manager, internal)
    await replay(world, start_ingest)
    assert await world.look_up() == {}
    assert (await world.call("open"))["tags"] == {}
    left = await everything_in_postgres(world)
    assert EMAIL not in left
    assert CALLER.removeprefix("+") not in left
    rows = await world.log()
    assert sorted((row["outcome"], row["code"]) for row in rows) == [
        ("not_stored", None),
        ("refused", "call_not_found"),
        ("refused", "call_not_found"),
    ]
    assert {(row["caller_number"], row["tag_values"], row["source_ip"]) for row in rows} == {(None, "{}", None)}
    assert (await world.post({"new": "1"}))["outcome"] == "stored_for_call"  # what comes later is new


@pytest.mark.parametrize("forgotten", ["the caller's marker", "the call's marker"])
async def test_without_the_markers_the_replay_would_bring_it_back(
    world: World,
    start_ingest: StartIngest,
    valkey: EmbeddedValkey,
    manager: Manager,
    internal: TestClient[Any, Any],
    forgotten: str,
) -> None:
    """The control of the test above."""
    await spool_and_erase(world, start_ingest, valkey, manager, internal)
    if forgotten == "the caller's marker":
        await world.store.delete(erased_caller_key(world.company.id, CALLER))
    else:
        await world.store.delete(erased_call_key(world.company.id, "ended"))
    await replay(world, start_ingest)
    if forgotten == "the caller's marker":
        assert await world.look_up() == {"email": EMAIL}
        assert (await world.call("open"))["tags"] == {"email": EMAIL}
    else:
        assert EMAIL in await everything_in_postgres(world)  # refused, but there: nothing tells of whom it was


async def test_a_spool_that_was_replayed_before_is_erased_too(
    world: World,
    start_ingest: StartIngest,
    valkey: EmbeddedValkey,
    manager: Manager,
    internal: TestClient[Any, Any],
    spool_folder: Any,
) -> None:
    """The other order: what the replay brought is there when the caller is erased, and the drain hasn't told PostgreSQL of it."""
    await start_ingest()
    with away(valkey):
        await noticed(world)
        assert (await world.post({"email": EMAIL}))["http"] == 202
    await emptied(world)
    assert await world.look_up() == {"email": EMAIL}

    async def erase() -> int:
        return (await manager.ask("DELETE", f"callers/{CALLER}")).status

    await wait_for(erase, 200)
    await world.drain()
    assert await world.look_up() == {}
    assert EMAIL not in await everything_in_postgres(world)
    await world.ingest.close()
    assert rows_in(spool_folder) == 0
