"""One postback a request: `/data_writing`, and the preflight that a browser sends before it."""

from collections.abc import Mapping

import orjson
from aiohttp import web

from ingest.backlog import BacklogFull
from ingest.check_source import check_source, headers_for_page
from ingest.errors import InvalidPostbackKey
from ingest.metrics import POSTBACKS
from ingest.opaque_status import OPAQUE_STATUS, is_hidden
from ingest.postback_id import new_postback_id
from ingest.read_postback import Form, Postback, check_postback, read_address, read_body
from ingest.rooms import BACKLOG, KEYRING, RATES, REFUSED_POSTBACKS, SPOOL, TAG_BUFFER, TRUSTED_PROXIES, WRITE_ONCE
from ingest.store import StoreOutOfReach
from ingest.tag_buffer import Outcome, Receipt
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal
from shared.idempotency import IDEMPOTENCY_KEY, REPLAYED, read_idempotency_key
from shared.quick_reply import QuickReply
from shared.show_time import show_time
from shared.source_address import find_source_ip

STATUS = {
    Outcome.STORED_FOR_CALL: "in progress call found, tags stored",
    Outcome.APPLIED: "completed call found, tags applied",
    Outcome.STORED: "call not found, tags stored",
    Outcome.NOT_STORED: "call not found, tags not stored",
    Outcome.QUEUED: "tags queued",
}
_REFUSED = POSTBACKS.labels(outcome=Outcome.REFUSED.value)
_TOLD = {
    outcome: (POSTBACKS.labels(outcome=outcome.value), status, f"Callstamp-Outcome: {outcome.value}\r\n")
    for outcome, status in {**STATUS, Outcome.REFUSED: OPAQUE_STATUS}.items()
}
"""What each outcome is counted as, and how it is told: looked up at once, as a name in an enumeration is slow to hash and to spell."""


async def write_tags(request: web.Request) -> web.StreamResponse:
    """`GET` and `POST /data_writing[/{key}]`: take one postback: whose is it, what does it say, where does it go."""
    app = request.app
    source_ip = find_source_ip(request, app[TRUSTED_PROXIES])
    form = read_address(request)
    left: Mapping[str, str] = {}
    try:
        await read_body(request, form)
        key = app[KEYRING].get(form.key)
        check_source(key, request, source_ip)
        postback = check_postback(form, key.region)
        if app[BACKLOG].is_full:
            raise BacklogFull
        if key.rate_limit is not None or key.company_rate_limit is not None:
            left = await _take_rate(app, key)
        try:
            if IDEMPOTENCY_KEY in request.headers:
                receipt, left = await _write_once(request, key, postback, source_ip, left)
            else:
                receipt = await app[TAG_BUFFER].write(key, postback, source_ip)
        except StoreOutOfReach as away:
            receipt = await _queue(request, key, postback, source_ip, away)
        except Refusal as refusal:
            if not is_hidden(key, refusal):
                raise
            receipt = _note_in_secret(app, refusal, form, source_ip)
    except Refusal as refusal:
        refusal.headers = {**headers_for_page(request), **left, **refusal.headers}
        if app[REFUSED_POSTBACKS].note(refusal, form, source_ip):
            _REFUSED.inc()
            if not isinstance(refusal, InvalidPostbackKey):  # whose reply is the same for every key that isn't one
                refusal.headers = {**refusal.headers, "Callstamp-Outcome": Outcome.REFUSED}
        raise
    to_page = headers_for_page(request, key)
    return reply(key, postback, receipt, {**to_page, **left} if left else to_page)


async def _write_once(
    request: web.Request, key: PostbackKeyRow, postback: Postback, source_ip: str | None, headers: Mapping[str, str]
) -> tuple[Receipt, Mapping[str, str]]:
    """The same for a postback whose repeat has the effect of one."""
    name = read_idempotency_key(request) or ""
    receipt, is_replay = await request.app[WRITE_ONCE].write(key, postback, source_ip, name)
    return receipt, {**headers, REPLAYED: "true"} if is_replay else headers


async def _take_rate(app: web.Application, key: PostbackKeyRow) -> Mapping[str, str]:
    """What is left of the key's rate; nobody can say while the store is out of reach, and then the spool's size is the limit."""
    try:
        return await app[RATES].take(key)
    except StoreOutOfReach:
        if SPOOL not in app:
            raise
        return {}


async def _queue(
    request: web.Request, key: PostbackKeyRow, postback: Postback, source_ip: str | None, away: StoreOutOfReach
) -> Receipt:
    """Into the spool, if there is one; not with an Idempotency-Key, as whether it is a repeat is known to the store alone."""
    if (spool := request.app.get(SPOOL)) is None or IDEMPOTENCY_KEY in request.headers:
        raise away
    return await spool.keep(key, postback, source_ip)


def _note_in_secret(app: web.Application, refusal: Refusal, form: Form, source_ip: str | None) -> Receipt:
    """A receipt for what was refused without the publisher being told; the postback log knows better, under the same id."""
    postback_id, kept_id = new_postback_id()
    app[REFUSED_POSTBACKS].note(refusal, form, source_ip, kept_id)
    return Receipt(postback_id, Outcome.REFUSED, 0)


def reply(key: PostbackKeyRow, postback: Postback, receipt: Receipt, headers: Mapping[str, str]) -> web.StreamResponse:
    """The published body, and what it has no field for in headers."""
    counter, status, told = _TOLD[receipt.outcome]
    counter.inc()
    name, identifier = (
        ("caller_number", postback.caller_number) if postback.call_uuid is None else ("call_uuid", postback.call_uuid)
    )
    head = f"Callstamp-Postback-Id: {receipt.postback_id}\r\n"
    if key.opaque_status:
        status = OPAQUE_STATUS
    else:
        head += told
        if receipt.expires_at_ms:
            head += f"Callstamp-Expires-At: {show_time(receipt.expires_at_ms)}\r\n"
    for header, value in headers.items():
        head += f"{header}: {value}\r\n"
    body = orjson.dumps({"tag_values": postback.tag_values, name: identifier, "status": status})
    return QuickReply(body, head, 202 if receipt.outcome is Outcome.QUEUED else 200)


async def answer_preflight(request: web.Request) -> web.Response:
    """`OPTIONS`: what a page of another origin may send; answered before any key is known (Fetch standard, CORS preflight)."""
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
            "Access-Control-Max-Age": "86400",
        },
    )
