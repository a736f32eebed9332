"""A call as it is kept in Redis (lua/4_calls.lua) and as it goes to PostgreSQL."""

from typing import Any, NamedTuple

import msgspec


class StampedTag(NamedTuple):
    """A tag on a call, with where its value came from. `postback_id` as kept: 22 characters of base64."""

    name: str
    value: str
    posted_at_ms: int
    publisher_id: int
    postback_key_id: int
    kept_postback_id: str


class CallRecord(msgspec.Struct):
    """A call. Times are Unix milliseconds, by the store's clock except started_at and engine_ended_at, which are the engine's words.

    `caller_number` is None when it was withheld or malformed. `routed_to` is the buyer tried last, `answered_by` the one who answered.
    `status` is in_progress, completed or expired. `revision` grows with each change.
    """

    call_uuid: str
    status: str
    hit_at: int
    deadline: int
    revision: int
    tags: list[StampedTag]
    caller_number: str | None = None
    dialed_number: str | None = None
    campaign_id: int | None = None
    publisher_id: int | None = None
    started_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    engine_ended_at: int | None = None
    routed_to: int | None = None
    answered_by: int | None = None
    disposition: str | None = None
    duration_seconds: int | None = None
    recording_url: str | None = None
    revenue_cents: int | None = None
    payout_cents: int | None = None


read_call = msgspec.msgpack.Decoder(CallRecord).decode
read_tags = msgspec.msgpack.Decoder(list[StampedTag]).decode


class LogEntry(msgspec.Struct, array_like=True, tag_field="entry"):
    """What a script tells PostgreSQL of; see lua/2_log.lua."""


class PostbackEntry(LogEntry, array_like=True, tag="p"):
    """A postback. `tail` and `log_tail` are what ingest packed (ingest/tag_buffer.py)."""

    received_at: int
    outcome: str
    expires_at: int
    call_uuids: list[str]
    tail: tuple[int, int, str, int, list[str]]
    log_tail: tuple[int, str | None, str | None, str | None, int]


class GroupEntry(LogEntry, array_like=True, tag="g"):
    """Many postbacks of one request, what became of each in a letter; see lua/5_write_many.lua.

    `odd` are {place, time, calls reached} of those that didn't meet the group's time or reached calls; `head` is company, source
    address, storage duration (ms), also_store. `items` are who (a caller number, or `caller call_uuid`) and tail in turn.
    """

    at: int
    letters: str
    odd: list[tuple[int, int, list[str]]]
    head: tuple[int, str | None, int, bool]
    items: list[Any]


class ReplayEntry(LogEntry, array_like=True, tag="r"):
    """Postbacks that were sent again and had no further effect: id as kept and time of each, in turn."""

    postbacks: list[Any]


def waiting_letters(storage_ms: int, *, also_store: bool) -> str:
    """Which letters of a group mean that the tags wait, by what the key says."""
    if storage_ms == 0:
        return ""
    return "sca" if also_store else "sc"


class CallEventEntry(LogEntry, array_like=True, tag="c"):
    """A call's event. `caller_number` is "" when it was withheld; `detail` is a map, or an empty array for an empty one."""

    happened_at: int
    company_id: int
    caller_number: str
    call_uuid: str
    kind: str
    revision: int
    detail: dict[str, Any] | list[Any]


read_entry = msgspec.msgpack.Decoder(PostbackEntry | GroupEntry | ReplayEntry | CallEventEntry).decode
