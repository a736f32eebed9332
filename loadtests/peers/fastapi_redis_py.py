"""`python -m loadtests.peers.fastapi_redis_py PORT REDIS_URL`: FastAPI on uvicorn (uvloop, httptools), and redis-py with a pool."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from loadtests.peers.same_work import PooledStore, Refused, body_of, headers_of, read_postback


def create_app(redis_url: str) -> FastAPI:
    """An app that takes postbacks; the key is POSTBACK_KEY in the environment."""
    store = PooledStore(redis_url)

    @asynccontextmanager
    async def run_store(app: FastAPI) -> AsyncIterator[None]:
        await store.start()
        yield
        await store.stop()

    app = FastAPI(lifespan=run_store)

    @app.get("/data_writing")
    async def write_tags(request: Request) -> Response:
        try:
            postback = read_postback(request.query_params, request.client.host if request.client else None)
        except Refused:
            raise HTTPException(401) from None
        expires_at = await store.write(postback)
        return Response(body_of(postback), media_type="application/json", headers=headers_of(postback, expires_at))

    return app


if __name__ == "__main__":
    config = uvicorn.Config(
        create_app(sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        backlog=1024,
        access_log=False,
        log_level="warning",
    )
    uvicorn.Server(config).run()
