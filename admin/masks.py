"""What is shown of a postback and of a call's timeline, besides the call itself (permissions.mask). Pure, as that is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from admin.permissions import Subject, mask_number, shows_value
from schemas.admin.calls import TimelineEntry
from schemas.admin.postback_log import Postback

TELLING_CODES = ("call_not_found", "call_past_cutoff")
"""Refusals that would tell a publisher of an opaque key whether there is a call."""

_GOVERNED = {
    "routed_to",
    "answered_by",
    "duration_seconds",
    "engine_ended_at",
    "recording_url",
    "revenue_cents",
    "payout_cents",
    "dialed_number",
    "publisher_id",
}
_FREE = {"started_at", "campaign_id", "disposition"}


def mask_postback(postback: Postback, subject: Subject, *, is_opaque: bool, seen_calls: Collection[str]) -> Postback:
    """A publisher's own postback: with its tags, as it sent them, but with the calls alone that it sees, and not where it came from.

    A publisher whose key is opaque isn't told here what its replies don't tell either.
    """
    call_uuids = [call_uuid for call_uuid in postback.call_uuids if call_uuid in seen_calls]
    shown: dict[str, Any] = {
        "caller_number": mask_number(postback.caller_number, [subject]),
        "source_ip": None,
        "call_uuids": call_uuids,
        "call_uuid": call_uuids[0] if call_uuids else None,
    }
    hidden = {"source_ip"} if subject.shows("caller_number") else {"source_ip", "caller_number"}
    if is_opaque and not (postback.outcome == "refused" and postback.code not in TELLING_CODES):
        shown |= {"outcome": None, "code": None, "expires_at": None}
        hidden |= {"outcome", "code", "expires_at", "call_uuids"}
    elif len(call_uuids) < len(postback.call_uuids):
        hidden.add("call_uuids")
    return msgspec.structs.replace(postback, **shown, hidden=sorted(hidden))


def mask_events(events: Iterable[TimelineEntry], seen_as: Sequence[Subject]) -> list[TimelineEntry]:
    """The events of a call as these see them: not when it ended where its duration is hidden, nor decisions for hidden buyers."""
    shown = []
    for event in events:
        if event.kind in ("end", "expire") and not _is_shown("ended_at", event.at, seen_as):
            continue
        detail = _mask_detail(event.detail or {}, seen_as)
        if event.kind == "route" and "routed_to" not in detail:
            continue
        shown.append(msgspec.structs.replace(event, detail=detail))
    return shown


def _mask_detail(detail: Mapping[str, Any], seen_as: Sequence[Subject]) -> dict[str, Any]:
    """Of what an event said, the fields that are known and may be seen."""
    return {
        name: value for name, value in detail.items() if name in _FREE or (name in _GOVERNED and _is_shown(name, value, seen_as))
    }


def _is_shown(field: str, value: object, seen_as: Sequence[Subject]) -> bool:
    return any(shows_value(subject, field, value) for subject in seen_as)
