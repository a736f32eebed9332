"""One postback a request: `/data_writing`, and the preflight that a browser sends before it."""

import orjson
from aiohttp import web

from ingest.errors import InvalidPostbackKey
from ingest.metrics import POSTBACKS
from ingest.read_postback import Postback, check_postback, read_address, read_body
from ingest.rooms import KEYRING, REFUSED_POSTBACKS, TAG_BUFFER, TRUSTED_PROXIES
from ingest.tag_buffer import Outcome, Receipt
from shared.errors import Refusal
from shared.quick_reply import QuickReply
from shared.show_time import show_time
from shared.source_address import find_source_ip

STATUS = {
    Outcome.STORED_FOR_CALL: "in progress call found, tags stored",
    Outcome.APPLIED: "completed call found, tags applied",
    Outcome.STORED: "call not found, tags stored",
    Outcome.NOT_STORED: "call not found, tags not stored",
}
_COUNTERS = {outcome: POSTBACKS.labels(outcome=outcome.value) for outcome in Outcome}

_TO_BROWSERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Callstamp-Postback-Id, Callstamp-Outcome, Callstamp-Expires-At",
}


async def write_tags(request: web.Request) -> web.StreamResponse:
    """`GET` and `POST /data_writing[/{key}]`: take one postback: whose is it, what does it say, where does it go."""
    app = request.app
    source_ip = find_source_ip(request, app[TRUSTED_PROXIES])
    form = read_address(request)
    try:
        await read_body(request, form)
        key = app[KEYRING].get(form.key)
        postback = check_postback(form, key.region)
        receipt = await app[TAG_BUFFER].write(key, postback, source_ip)
    except Refusal as refusal:
        refusal.headers = _TO_BROWSERS if "Origin" in request.headers else {}
        if app[REFUSED_POSTBACKS].note(refusal, form, source_ip):
            _COUNTERS[Outcome.REFUSED].inc()
            if not isinstance(refusal, InvalidPostbackKey):  # whose reply is the same for every key that isn't one
                refusal.headers = {**refusal.headers, "Callstamp-Outcome": Outcome.REFUSED}
        raise
    return reply(postback, receipt, to_browser="Origin" in request.headers)


def reply(postback: Postback, receipt: Receipt, *, to_browser: bool) -> web.StreamResponse:
    """The published body, and what it has no field for in headers."""
    _COUNTERS[receipt.outcome].inc()
    name, identifier = (
        ("caller_number", postback.caller_number) if postback.call_uuid is None else ("call_uuid", postback.call_uuid)
    )
    body = {"tag_values": postback.tag_values, name: identifier, "status": STATUS[receipt.outcome]}
    head = f"Callstamp-Postback-Id: {receipt.postback_id}\r\nCallstamp-Outcome: {receipt.outcome}\r\n"
    if receipt.expires_at_ms:
        head += f"Callstamp-Expires-At: {show_time(receipt.expires_at_ms)}\r\n"
    if to_browser:
        head += "".join(f"{name}: {value}\r\n" for name, value in _TO_BROWSERS.items())
    return QuickReply(orjson.dumps(body), head)


async def answer_preflight(request: web.Request) -> web.Response:
    """`OPTIONS`: what a page of another origin may send; answered before any key is known (Fetch standard, CORS preflight)."""
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "86400",
        },
    )
