"""What a postback was answered, made again from what the log knows of it: as docs/publisher-api.md says."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from msgspec import Struct

from admin.masks import TELLING_CODES
from schemas.admin.postback_log import Postback

STATUS_SENTENCES = {
    "stored_for_call": "in progress call found, tags stored",
    "applied": "completed call found, tags applied",
    "stored": "call not found, tags stored",
    "not_stored": "call not found, tags not stored",
}
REFUSED_WITH = {
    "missing_caller_number": 400,
    "no_tags": 400,
    "invalid_body": 400,
    "bad_request": 400,
    "invalid_postback_key": 401,
    "source_not_allowed": 403,
    "read_back_not_allowed": 403,
    "call_not_found": 404,
    "call_past_cutoff": 409,
    "idempotency_in_flight": 409,
    "body_too_large": 413,
    "uri_too_long": 414,
    "unsupported_media_type": 415,
    "invalid_caller_number": 422,
    "invalid_tag": 422,
    "too_many_tags": 422,
    "caller_full": 422,
    "idempotency_mismatch": 422,
    "rate_limited": 429,
    "unavailable": 503,
}
"""Which status a refusal had, by its code."""


class MadeReply(Struct, frozen=True, kw_only=True):
    """A reply as it was, up to spaces: its status line, its own headers, its body."""

    status: int
    reason: str
    headers: dict[str, str]
    body: str


def make_reply(postback: Postback, *, is_opaque: bool) -> MadeReply | None:
    """None where it is hidden, or where the log doesn't know enough."""
    headers = {"Callstamp-Postback-Id": str(postback.id)}
    said: dict[str, object] = {"tag_values": postback.tag_values, "caller_number": postback.caller_number}
    if postback.caller_number is None:
        said = {"tag_values": postback.tag_values, "call_uuid": postback.call_uuid}
    if "caller_number" in postback.hidden:
        return None
    if is_opaque and (postback.outcome != "refused" or postback.code in TELLING_CODES):
        return _made(200, headers, said | {"status": "tags accepted"})
    if postback.outcome == "refused":
        status = REFUSED_WITH.get(postback.code or "")
        if status is None:
            return None
        body = {"status": status, "code": postback.code}
        return _made(status, headers | {"Callstamp-Outcome": "refused", "Content-Type": "application/problem+json"}, body)
    if postback.outcome is None:
        return None
    headers["Callstamp-Outcome"] = postback.outcome
    if postback.expires_at is not None:
        headers["Callstamp-Expires-At"] = postback.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _made(200, headers, said | {"status": STATUS_SENTENCES[postback.outcome]})


def _made(status: int, headers: dict[str, str], body: Mapping[str, object]) -> MadeReply:
    text = msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
    return MadeReply(status=status, reason=HTTPStatus(status).phrase, headers=headers, body=text)
