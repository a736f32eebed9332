"""What a merge comes to, in the words of the engine's replies. The merge itself happens in the store (lua/3_waiting.lua), where it is
atomic with whatever posts tags at the same moment."""

from typing import Any

from ingest.postback_id import read_postback_id
from schemas.call import CallRecord, StampedTag
from shared.show_time import show_time


def tag_values(tags: list[StampedTag]) -> dict[str, str]:
    """Name to value, in the order in which the names first came."""
    return {tag.name: tag.value for tag in tags}


def attribution(tags: list[StampedTag]) -> dict[str, dict[str, Any]]:
    """Name to which publisher, postback key, postback and time its value came from."""
    return {
        tag.name: {
            "publisher_id": tag.publisher_id,
            "postback_key_id": tag.postback_key_id,
            "postback_id": str(read_postback_id(tag.kept_postback_id)),
            "posted_at": show_time(tag.posted_at_ms),
        }
        for tag in tags
    }


def call_summary(call: CallRecord) -> dict[str, Any]:
    """A call as a hit, a routing decision or any other event answers it."""
    return {
        "call_uuid": call.call_uuid,
        "caller_number": call.caller_number,
        "campaign_id": call.campaign_id,
        "publisher_id": call.publisher_id,
        "status": call.status,
        "tags": tag_values(call.tags),
        "attribution": attribution(call.tags),
    }


def call_detail(call: CallRecord) -> dict[str, Any]:
    """A call with all that is known of it now."""
    return call_summary(call) | {
        "dialed_number": call.dialed_number,
        "started_at": show_time(call.started_at or call.hit_at),
        "hit_at": show_time(call.hit_at),
        "answered_at": _show(call.answered_at),
        "ended_at": _show(call.ended_at),
        "engine_ended_at": _show(call.engine_ended_at),
        "routed_to": call.routed_to,
        "answered_by": call.answered_by,
        "disposition": call.disposition,
        "duration_seconds": call.duration_seconds,
        "recording_url": call.recording_url,
        "revenue_cents": call.revenue_cents,
        "payout_cents": call.payout_cents,
    }


def _show(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else show_time(milliseconds)
