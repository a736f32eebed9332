"""`/v1/callers/{number}`: what the publisher itself has waiting for a caller, to see and to take back."""

from collections.abc import Mapping

import structlog
from aiohttp import web

from ingest.check_source import check_source
from ingest.errors import InvalidCallerNumber, ReadBackNotAllowed
from ingest.postback_id import read_postback_id
from ingest.read_postback import read_address
from ingest.rooms import KEYRING, RATES, READ_BACK, TRUSTED_PROXIES
from schemas.kept_rows import PostbackKeyRow
from shared import caller_number
from shared.http import json_reply
from shared.show_time import show_time
from shared.source_address import find_source_ip

log = structlog.get_logger()


async def show_waiting_tags(request: web.Request) -> web.Response:
    """`GET /v1/callers/{number}`: this publisher's waiting tags, each with its expiry and where it came from."""
    key, caller, left = await _read_request(request)
    tags = await request.app[READ_BACK].find(key, caller)
    shown = {
        tag.name: {
            "value": tag.value,
            "expires_at": show_time(tag.expires_at_ms),
            "posted_at": show_time(tag.posted_at_ms),
            "postback_key_id": tag.postback_key_id,
            "postback_id": str(read_postback_id(tag.kept_id)),
        }
        for tag in tags
    }
    body = {"caller_number": caller, "tag_values": {tag.name: tag.value for tag in tags}, "tags": shown}
    return json_reply(body, headers=dict(left))


async def cancel_waiting_tags(request: web.Request) -> web.Response:
    """`DELETE /v1/callers/{number}`: take this publisher's waiting tags back; calls keep what they have. Repeating it is safe."""
    key, caller, left = await _read_request(request)
    cancelled = await request.app[READ_BACK].cancel(key, caller)
    if cancelled:  # the only trace of it: what waited and is gone
        log.info("waiting_tags_cancelled", company_id=key.company_id, postback_key_id=key.id, count=cancelled)
    return json_reply({"caller_number": caller, "cancelled": cancelled}, headers=dict(left))


async def _read_request(request: web.Request) -> tuple[PostbackKeyRow, str, Mapping[str, str]]:
    """Whose request it is, the caller it means, and what is left of the rate; refusals in the order of a postback's."""
    app = request.app
    key = app[KEYRING].get(read_address(request).key)
    check_source(key, request, find_source_ip(request, app[TRUSTED_PROXIES]))
    if not key.allow_read_back:
        raise ReadBackNotAllowed
    try:
        caller = caller_number.to_e164(request.match_info["number"], key.region)
    except caller_number.InvalidCallerNumber:
        raise InvalidCallerNumber from None
    return key, caller, await app[RATES].take(key)
