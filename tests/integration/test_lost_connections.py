"""A client that is gone in the moment in which its request came is nobody's fault."""

import asyncio

from tests.world import World


async def test_a_connection_lost_in_the_turn_of_its_request_leaves_no_trace(world: World) -> None:
    server = world.ingest.server
    before = set(server.runner.server.connections)
    _, writer = await asyncio.open_connection(server.host, server.port)
    async with asyncio.timeout(5):
        while not (new := set(server.runner.server.connections) - before) or next(iter(new))._waiter is None:
            await asyncio.sleep(0.01)  # until it waits for its first request
    door = new.pop()
    task, server.runner.server.handler_cancellation = door._task_handler, False  # as in production
    door.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    door.connection_lost(None)
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    writer.transport.abort()
