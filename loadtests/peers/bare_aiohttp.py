"""`python -m loadtests.peers.bare_aiohttp PORT BODY`: the least that aiohttp can do, one process and a constant reply."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def serve(port: int, body: bytes) -> None:
    """Answer `GET /data_writing` with `body` as JSON until the process is ended."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/data_writing", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2].encode()))
