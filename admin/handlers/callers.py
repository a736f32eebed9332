"""A caller's file, and its erasure. What waits in Redis is read and erased by the merger."""

from datetime import UTC, datetime

import msgspec

from admin.merger_client import MERGER
from admin.permissions import hide_digits
from admin.route import Ask
from admin.store import callers, companies
from schemas.admin.callers import CallerFile, CallOfNow, Erasure, WaitingTag
from schemas.admin.fields import CallStatus, Id, NumberSpelling
from schemas.caller_file import HeldCall, HeldTag

NEWEST = 100


async def show_caller(ask: Ask, company_id: Id, number: NumberSpelling) -> CallerFile:
    """Everything that is held about a number."""
    caller = await companies.read_number(ask.db, company_id, number, field="number")
    held = await ask.app[MERGER].look(company_id, caller)
    call_count, postback_count = await callers.count_rows(ask.db, company_id, caller)
    return CallerFile(
        caller_number=caller,
        waiting_tags=[_waiting_tag(tag) for tag in held.waiting_tags],
        calls_of_now=[_call_of_now(call) for call in held.calls],
        call_count=call_count,
        calls=await callers.fetch_calls(ask.db, company_id, caller, limit=NEWEST),
        postback_count=postback_count,
        postbacks=await callers.fetch_postbacks(ask.db, company_id, caller, limit=NEWEST),
        erasures=await callers.fetch_erasures(ask.db, company_id, caller),
    )


async def erase_caller(ask: Ask, company_id: Id, number: NumberSpelling) -> Erasure:
    """Erase all that was received about a number until now, wherever it is, and answer with a receipt.

    Rows stay in the logs, without the number, tags, addresses and recordings: money and durations count on. A call in progress goes on
    without its tags. What is received later is new. A 503 means that it may have been erased in part: repeat it, which is always safe.
    """
    caller = await companies.read_number(ask.db, company_id, number, field="number")
    call_uuids = await callers.fetch_call_uuids(ask.db, company_id, caller)
    in_store = await ask.app[MERGER].erase(company_id, caller, call_uuids)
    erased_at = _time(in_store.erased_at_ms)
    await callers.take_turn(
        ask.db
    )  # from here on the drain either has written what it had of the caller, or learns of the erasure
    blanked = await callers.blank(ask.db, company_id, caller, erased_at)
    counts = {
        "waiting_tags": in_store.waiting_tags,
        "calls_in_progress": in_store.calls_in_progress,
        "calls": blanked.calls,
        "postbacks": blanked.postbacks,
        "set_aside": blanked.set_aside,
    }
    return await callers.insert_erasure(
        ask.db, company_id, caller, masked=hide_digits(caller), erased_at=erased_at, asked_by=ask.actor.name, counts=counts
    )


def _waiting_tag(tag: HeldTag) -> WaitingTag:
    return WaitingTag(
        name=tag.name,
        value=tag.value,
        posted_at=_time(tag.posted_at_ms),
        expires_at=_time(tag.expires_at_ms),
        publisher_id=tag.publisher_id,
        postback_key_id=tag.postback_key_id,
        postback_id=tag.postback_id,
    )


def _call_of_now(call: HeldCall) -> CallOfNow:
    return CallOfNow(
        call_uuid=call.call_uuid,
        status=msgspec.convert(call.status, CallStatus),
        hit_at=_time(call.hit_at_ms),
        ended_at=None if call.ended_at_ms is None else _time(call.ended_at_ms),
        tags=call.tag_values,
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
