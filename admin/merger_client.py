"""The merger's door for admin: what Redis holds of a caller is read and erased there, as admin itself never reaches Redis."""

from typing import TypeVar

import aiohttp
import msgspec
import structlog
from aiohttp import web

from admin.settings import AdminSettings
from schemas.caller_file import CallerAsked, CallerToErase, ErasedInStore, HeldOfCaller
from shared.errors import Unavailable

log = structlog.get_logger()

ANSWER_SECONDS = 8.0
"""Less than a transaction may stand still; erasing a caller with thousands of calls takes a second or two."""

T = TypeVar("T", bound=msgspec.Struct)


class MergerClient:
    """Asks the merger. Raises Unavailable; an erasure may then have happened in part, and is to be repeated."""

    def __init__(self, settings: AdminSettings) -> None:
        self._url = settings.merger_url.rstrip("/")
        self._secret = settings.merger_secret
        self._session: aiohttp.ClientSession

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))

    async def stop(self) -> None:
        await self._session.close()

    async def look(self, company_id: int, caller_number: str) -> HeldOfCaller:
        """What the store holds of the caller."""
        return await self._ask("look", CallerAsked(company_id=company_id, caller_number=caller_number), HeldOfCaller)

    async def erase(self, company_id: int, caller_number: str, call_uuids: list[str]) -> ErasedInStore:
        """Erase the caller in the store; `call_uuids` are the calls that PostgreSQL knows of."""
        asked = CallerToErase(company_id=company_id, caller_number=caller_number, call_uuids=call_uuids)
        return await self._ask("erase", asked, ErasedInStore)

    async def _ask(self, what: str, asked: CallerAsked, answer: type[T]) -> T:
        if not self._secret:
            raise Unavailable("Callers' files need ADMIN_MERGER_SECRET to be set.")
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        try:
            async with self._session.post(
                f"{self._url}/internal/callers/{what}", data=msgspec.json.encode(asked), headers=headers, allow_redirects=False
            ) as reply:
                body = await reply.read()
                if reply.status == 200:
                    return msgspec.json.decode(body, type=answer)
                reason = f"it answered {reply.status}"
        except (TimeoutError, aiohttp.ClientError, msgspec.MsgspecError) as error:
            reason = type(error).__name__
        log.warning("merger_away", reason=reason)
        raise Unavailable("The merger can't be asked just now; try again.")


MERGER = web.AppKey("merger", MergerClient)
