"""Stream entries as rows of PostgreSQL. An entry that can't be read as one is kept as it came, to be set aside."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from ingest.merger.merge import attribution, tag_values
from ingest.postback_id import read_postback_id, spell_postback_id
from schemas.call import (
    CallEventEntry,
    CallRecord,
    GroupEntry,
    PostbackEntry,
    ReplayEntry,
    read_call,
    read_entry,
    waiting_letters,
)

_FOR_THE_SCRIPT = ("price_cents", "campaign_payout_cents")  # what an event's detail carries besides what the engine said

_OUTCOMES = {
    "s": "stored",
    "c": "stored_for_call",
    "C": "stored_for_call",
    "a": "applied",
    "A": "applied",
    "n": "not_stored",
}
"""The letters of a group (lua/5_write_many.lua). Those that aren't here were refused, and ingest logs them."""

Place = tuple[int, str, str]
"""Where a call is: company, caller number ("" when withheld), call_uuid."""


class Unreadable(msgspec.Struct):
    """An entry that can't be written, and why."""

    stream: str
    entry_id: str
    payload: bytes
    reason: str


class Batch(msgspec.Struct):
    """Rows of one transaction, each with the entry it came from; a row is a tuple in the order that write_rows names."""

    postbacks: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    callers_of_events: list[str] = []
    calls: list[tuple[Any, ...]] = []
    reached: list[tuple[Any, ...]] = []
    replayed: list[tuple[Any, ...]] = []
    unreadable: list[Unreadable] = []
    call_places: dict[Place, None] = {}
    call_sources: list[tuple[int, str, CallRecord]] = []
    """What `calls` were made of: company, caller number, the call."""

    def take_calls(self, packed: Iterable[bytes | None]) -> None:
        """Add the calls at call_places, in that order; one that is gone was erased."""
        for place, call in zip(self.call_places, packed, strict=True):
            if call is None:
                continue
            try:
                record = read_call(call)
                row, reached = call_row(place[0], record), _reached_rows(record)
                self.calls.append(row)
                self.call_sources.append((place[0], place[1], record))
                self.reached += reached
            except (msgspec.MsgspecError, ValueError) as error:
                self.unreadable.append(Unreadable(f"call {place[0]}", place[2], call, str(error)))


def read_batch(entries: dict[bytes, list[tuple[bytes, dict[bytes, bytes]]]]) -> Batch:
    """What the entries say."""
    batch = Batch()
    for stream, items in entries.items():
        for entry_id, fields in items:
            payload = fields.get(b"e", b"")
            try:
                _read_into(batch, read_entry(payload))
            except (msgspec.MsgspecError, ValueError, OverflowError) as error:
                batch.unreadable.append(Unreadable(stream.decode(), entry_id.decode(), payload, str(error)))
    return batch


def _read_into(batch: Batch, entry: PostbackEntry | GroupEntry | ReplayEntry | CallEventEntry) -> None:
    if isinstance(entry, CallEventEntry):
        batch.events.append(_event_row(entry))
        batch.callers_of_events.append(entry.caller_number)
        batch.call_places[entry.company_id, entry.caller_number, entry.call_uuid] = None
        return
    if isinstance(entry, GroupEntry):
        _read_group_into(batch, entry)
        return
    if isinstance(entry, ReplayEntry):
        ids, times = entry.postbacks[::2], entry.postbacks[1::2]
        batch.replayed += [(read_postback_id(kept_id), _time(at)) for kept_id, at in zip(ids, times, strict=True)]
        return
    batch.postbacks.append(_postback_row(entry))
    company_id, caller_number, *_ = entry.log_tail
    for call_uuid in entry.call_uuids:
        batch.call_places[company_id, caller_number or "", call_uuid] = None


def _read_group_into(batch: Batch, group: GroupEntry) -> None:
    company_id, source_ip, storage_ms, also_store = group.head
    waiting = waiting_letters(storage_ms, also_store=also_store)
    odd = {place: (at, call_uuids) for place, at, call_uuids in group.odd}
    rows, places = [], []
    for place, letter in enumerate(group.letters):
        if (outcome := _OUTCOMES.get(letter)) is None:
            continue
        caller, _, _ = group.items[2 * place].partition(" ")
        at, call_uuids = odd.get(place, (group.at, ()))
        expires_at = at + storage_ms if letter in waiting else None
        rows.append(
            _log_row(
                group.items[2 * place + 1], at, company_id, caller or None, call_uuids, outcome, None, expires_at, source_ip, 1
            )
        )
        places += [(company_id, caller, reached) for reached in call_uuids]
    batch.postbacks += rows
    batch.call_places |= dict.fromkeys(places)


def _postback_row(entry: PostbackEntry) -> tuple[Any, ...]:
    company_id, caller_number, source_ip, code, occurrences = entry.log_tail
    return _log_row(
        entry.tail,
        entry.received_at,
        company_id,
        caller_number,
        entry.call_uuids,
        entry.outcome,
        code,
        entry.expires_at or None,
        source_ip,
        occurrences,
    )


def _log_row(
    tail: Sequence[Any],
    received_at_ms: int,
    company_id: int,
    caller_number: str | None,
    call_uuids: Iterable[str],
    outcome: str,
    code: str | None,
    expires_at_ms: int | None,
    source_ip: str | None,
    occurrences: int,
) -> tuple[Any, ...]:
    """A row of postback_log in write_rows' order; ids and times as the driver is quickest to take them, for there are many."""
    publisher_id, postback_key_id, kept_id, _, tags = tail
    return (
        spell_postback_id(kept_id),
        received_at_ms,
        company_id,
        publisher_id,
        postback_key_id,
        caller_number,
        " ".join(call_uuids),
        orjson.dumps(dict(zip(tags[::2], tags[1::2], strict=True))).decode(),
        outcome,
        code,
        expires_at_ms,
        source_ip,
        occurrences,
    )


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _reached_rows(call: CallRecord) -> list[tuple[Any, ...]]:
    """Which postbacks the call's tags came from: the log says of each which calls it reached, at once or by waiting."""
    postbacks = {(tag.kept_postback_id, tag.posted_at_ms) for tag in call.tags}
    return [(read_postback_id(kept_id), _time(posted_at_ms), call.call_uuid) for kept_id, posted_at_ms in sorted(postbacks)]


def _event_row(entry: CallEventEntry) -> tuple[Any, ...]:
    said = {name: value for name, value in dict(entry.detail).items() if name not in _FOR_THE_SCRIPT}
    return (
        entry.company_id,
        entry.call_uuid,
        entry.revision,
        _time(entry.happened_at),
        entry.kind,
        orjson.dumps(said).decode(),
    )


def call_row(company_id: int, call: CallRecord) -> tuple[Any, ...]:
    """A row of calls in write_rows' order."""
    return (
        call.call_uuid,
        _time(call.hit_at),
        company_id,
        call.caller_number,
        call.dialed_number,
        call.campaign_id,
        call.publisher_id,
        call.status,
        _time(call.started_at or call.hit_at),
        _time(call.answered_at),
        _time(call.ended_at),
        _time(call.engine_ended_at),
        call.routed_to,
        call.answered_by,
        call.disposition,
        call.duration_seconds,
        call.recording_url,
        call.revenue_cents,
        call.payout_cents,
        orjson.dumps(tag_values(call.tags)).decode(),
        orjson.dumps(attribution(call.tags)).decode(),
        call.revision,
    )
