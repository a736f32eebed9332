"""Ingest's door for the console's test box: one postback, sent as a publisher sends it, and the reply as it came."""

import time

import aiohttp
import msgspec
import structlog
from aiohttp import web
from multidict import CIMultiDict

log = structlog.get_logger()

ANSWER_SECONDS = 5.0
MAX_REPLY_BYTES = 64 * 1024
SHOWN_HEADERS = ("Callstamp-", "RateLimit", "Retry-After", "Content-Type")


class IngestReply(msgspec.Struct, frozen=True, kw_only=True):
    """What ingest said, and how long it took; `status` None: it said nothing."""

    status: int | None
    headers: list[tuple[str, str]] = []
    body: str = ""
    milliseconds: int = 0


class IngestClient:
    """Posts as a publisher does. The key travels in a header and is kept nowhere."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))

    async def stop(self) -> None:
        await self._session.close()

    async def post(self, secret: str, fields: dict[str, str], *, origin: str | None) -> IngestReply:
        """Write tags; `origin` for a key that only pages may use."""
        headers = CIMultiDict({"Authorization": f"Bearer {secret}"} | ({"Origin": origin} if origin else {}))
        began = time.monotonic()
        try:
            async with self._session.post(
                f"{self._url}/data_writing", json=fields, headers=headers, allow_redirects=False
            ) as reply:
                body = await _read(reply.content)
                shown = [(name, value) for name, value in reply.headers.items() if name.startswith(SHOWN_HEADERS)]
                took = round((time.monotonic() - began) * 1000)
                return IngestReply(status=reply.status, headers=shown, body=body, milliseconds=took)
        except (TimeoutError, aiohttp.ClientError) as error:
            log.warning("ingest_away", reason=type(error).__name__)
            return IngestReply(status=None)


async def _read(content: aiohttp.StreamReader) -> str:
    """The reply's text, of which more than any reply of ours isn't read."""
    body = b""
    while len(body) < MAX_REPLY_BYTES and (part := await content.read(MAX_REPLY_BYTES - len(body))):
        body += part
    return body.decode("utf-8", "replace")


INGEST = web.AppKey("ingest", IngestClient)
