"""Rows of erased callers as they are written after all: without the caller, but there, since a row left out would come back with the next
delivery, and its money and durations count.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from ingest.merger.drain_rows import Batch, call_row
from schemas.call import CallRecord

NUMBERS_IN_BYTES = re.compile(rb"(?=(\+[1-9][0-9]{7,14}))")
SHORTEST_NUMBER = 9

_SAID_OF_THE_CALLER = ("recording_url", "caller_number")


class ErasedCaller(msgspec.Struct, frozen=True):
    """One erasure: until when what was received is forgotten (Unix milliseconds)."""

    company_id: int
    salt: bytes
    caller_hash: bytes
    erased_at_ms: int


def hash_caller(salt: bytes, caller_number: str) -> bytes:
    """What an erasure knows the caller by."""
    return hashlib.sha256(salt + caller_number.encode()).digest()


class ErasedCallers:
    """The erasures that a batch may be about."""

    def __init__(self, erasures: Iterable[ErasedCaller]) -> None:
        self._salts: dict[int, bytes] = {}
        self._erased_at: dict[tuple[int, bytes], int] = {}
        for erased in erasures:
            self._salts[erased.company_id] = erased.salt
            place = erased.company_id, erased.caller_hash
            self._erased_at[place] = max(erased.erased_at_ms, self._erased_at.get(place, 0))

    def is_erased(self, company_id: int, caller: str | None, at_ms: int) -> bool:
        """Whether what happened then is of a caller erased since."""
        return at_ms <= self._find(company_id, caller)

    def _find(self, company_id: int, caller: str | None) -> int:
        """When the caller was erased; -1 if never."""
        salt = self._salts.get(company_id)
        if salt is None or not caller:
            return -1
        return self._erased_at.get((company_id, hash_caller(salt, caller)), -1)

    def blank(self, batch: Batch) -> None:
        """Take erased callers out of the batch."""
        if not self._salts:
            return
        batch.postbacks = [self._blank_postback(row) for row in batch.postbacks]
        batch.events = [self._blank_event(row, caller) for row, caller in zip(batch.events, batch.callers_of_events, strict=True)]
        batch.calls = [self._call_row(*source) for source in batch.call_sources]
        for entry in batch.unreadable:
            if any(self._was_erased(number) for number in _numbers_in(entry.payload)):
                entry.payload, entry.reason = b"", "its caller was erased"

    def _blank_postback(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        (
            postback_id,
            received_at_ms,
            company_id,
            publisher_id,
            key_id,
            caller,
            uuids,
            _,
            outcome,
            code,
            expires_at_ms,
            _,
            times,
        ) = row
        if not self.is_erased(company_id, caller, received_at_ms):
            return row
        return (
            *(postback_id, received_at_ms, company_id, publisher_id, key_id, None, uuids),
            *("{}", outcome, code, expires_at_ms, None, times),
        )

    def _blank_event(self, row: tuple[Any, ...], caller: str) -> tuple[Any, ...]:
        company_id, call_uuid, revision, happened_at, kind, detail = row
        if not self.is_erased(company_id, caller, _milliseconds(happened_at)):
            return row
        said = {name: value for name, value in orjson.loads(detail).items() if name not in _SAID_OF_THE_CALLER}
        return company_id, call_uuid, revision, happened_at, kind, orjson.dumps(said).decode()

    def _call_row(self, company_id: int, caller: str, call: CallRecord) -> tuple[Any, ...]:
        """A call that began before stays without a caller; what was posted later may be on it."""
        if self.is_erased(company_id, caller, call.hit_at):
            erased_at_ms = self._find(company_id, caller)
            tags = [tag for tag in call.tags if tag.posted_at_ms > erased_at_ms]
            recording_url = call.recording_url if call.caller_number is None else None  # the store took it off, so it came later
            call = msgspec.structs.replace(call, caller_number=None, tags=tags, recording_url=recording_url)
        return call_row(company_id, call)

    def _was_erased(self, number: str) -> bool:
        """In any company, at any time: an entry that can't be read says neither."""
        return any(self._find(company_id, number) >= 0 for company_id in self._salts)


def _numbers_in(payload: bytes) -> Iterable[str]:
    """Whatever may be a number: where digits follow each other, every length."""
    for found in NUMBERS_IN_BYTES.finditer(payload):
        digits = found[1].decode()
        for length in range(SHORTEST_NUMBER, len(digits) + 1):
            yield digits[:length]


def earliest_in(batch: Batch) -> datetime | None:
    """The earliest that anything in the batch happened; None for one that is about no caller."""
    times = [row[1] for row in batch.postbacks]
    times += [_milliseconds(row[3]) for row in batch.events]
    times += [call.hit_at for _, _, call in batch.call_sources]
    if batch.unreadable:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromtimestamp(min(times) / 1000, UTC) if times else None


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)
