"""A client that is gone in the moment in which its request came is nobody's fault."""

import asyncio
from typing import Any

from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import World


async def test_a_connection_lost_in_the_turn_of_its_request_leaves_no_trace(world: World) -> None:
    server = world.ingest.server
    before = set(server.runner.server.connections)
    _, writer = await asyncio.open_connection(server.host, server.port)

    async def new_that_wait() -> list[Any]:
        return [door for door in server.runner.server.connections if door not in before and door._waiter is not None]

    (door,) = await wait_for(new_that_wait, what="a new connection that waits for its first request")
    task, server.runner.server.handler_cancellation = door._task_handler, False  # as in production
    door.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    door.connection_lost(None)
    await asyncio.wait({task}, timeout=WAIT_SECONDS)
    assert task.cancelled()
    writer.transport.abort()
