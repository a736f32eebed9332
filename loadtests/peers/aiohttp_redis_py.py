"""`python -m loadtests.peers.aiohttp_redis_py PORT REDIS_URL`: aiohttp as in its tutorial, and redis-py with a pool."""

import asyncio
import sys

import uvloop
from aiohttp import web

from loadtests.peers.same_work import PooledStore, Refused, body_of, headers_of, read_postback


async def serve(port: int, redis_url: str) -> None:
    """Take postbacks until the process is ended; the key is POSTBACK_KEY in the environment."""
    store = PooledStore(redis_url)
    await store.start()

    async def write_tags(request: web.Request) -> web.Response:
        try:
            postback = read_postback(request.query, request.remote)
        except Refused:
            raise web.HTTPUnauthorized from None
        expires_at = await store.write(postback)
        return web.Response(body=body_of(postback), content_type="application/json", headers=headers_of(postback, expires_at))

    app = web.Application()
    app.router.add_get("/data_writing", write_tags)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
