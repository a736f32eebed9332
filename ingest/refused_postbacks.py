"""Refused postbacks of known keys, on their way to the postback log: after the reply, and a flood of equal ones in a few rows."""

import asyncio
import time

import msgspec
import structlog

from ingest.backlog import Backlog
from ingest.keyring import Keyring
from ingest.read_postback import Form, check_tags, tags_of
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.background import Background
from shared.caller_number import InvalidCallerNumber, to_e164
from shared.errors import Refusal, Unavailable

log = structlog.get_logger()

FLUSH_SECONDS = 0.25
SINGLY = 5
"""How many equal refusals (key and code) of one flush get a row each; the rest share one."""


class _Noted(msgspec.Struct):
    key: PostbackKeyRow
    code: str
    caller_number: str | None
    tag_values: dict[str, str]
    source_ip: str | None
    kept_id: str | None = None
    occurrences: int = 1
    noted_at: float = msgspec.field(default_factory=time.monotonic)


class RefusedPostbacks:
    """Notes refusals in memory and hands them to the buffer; bounded by keys times codes, whatever is thrown at it."""

    def __init__(self, keyring: Keyring[PostbackKeyRow], buffer: TagBuffer, backlog: Backlog) -> None:
        self._keyring = keyring
        self._buffer = buffer
        self._backlog = backlog
        self._noted: dict[tuple[int, str], list[_Noted]] = {}
        self._loop = Background()

    def note(self, refusal: Refusal, form: Form, source_ip: str | None, kept_id: str | None = None) -> bool:
        """Note a refusal and answer True, if it is the publisher's (4xx) and the key is or was one; `kept_id` if they were told an id."""
        if refusal.status >= 500 or (key := self._keyring.find(form.key)) is None:
            return False
        self.add(refusal.code, key, form.parameters.get("caller_number", ""), tags_of(form), source_ip, kept_id)
        return True

    def add(
        self,
        code: str,
        key: PostbackKeyRow,
        spelling: str,
        tag_values: dict[str, str],
        source_ip: str | None,
        kept_id: str | None = None,
    ) -> None:
        """Note a postback of this key that was refused."""
        noted = self._noted.setdefault((key.id, code), [])
        if len(noted) > SINGLY:
            noted[-1].occurrences += 1
        else:
            caller_number = _caller_number_of(spelling, key.region)
            noted.append(_Noted(key, code, caller_number, _fit_tags_of(tag_values), source_ip, kept_id))

    async def start(self) -> None:
        self._loop.start(self._keep_flushing())

    async def stop(self) -> None:
        await self._loop.stop()
        await self._flush()

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if not self._backlog.is_full:
                await self._flush()

    async def _flush(self) -> None:
        """Hand over what was noted; while the store is away or the backlog full, refusals add up in their last row."""
        for place, rows in list(self._noted.items()):
            del self._noted[place]
            while rows:
                row = rows[0]
                try:
                    await self._log(row)
                except Unavailable:
                    self._noted[place] = rows + self._noted.get(place, [])
                    return
                except Exception:
                    log.exception("refused_postback_not_logged")
                rows.pop(0)

    async def _log(self, row: _Noted) -> None:
        await self._buffer.log_refused(
            row.key,
            row.caller_number,
            row.tag_values,
            row.source_ip,
            row.code,
            row.occurrences,
            row.kept_id,
            age_ms=round((time.monotonic() - row.noted_at) * 1000),
        )


def _caller_number_of(spelling: str, region: str) -> str | None:
    try:
        return to_e164(spelling, region)
    except InvalidCallerNumber:
        return None


def _fit_tags_of(tag_values: dict[str, str]) -> dict[str, str]:
    """The tags if they can be kept, else none: what isn't text has no place in the log either."""
    try:
        check_tags(tag_values)
    except Refusal:
        return {}
    return tag_values
