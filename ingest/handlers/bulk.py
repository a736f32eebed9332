"""Many postbacks in one request: `POST /v1/postbacks`."""

import asyncio
import contextlib
from collections import Counter

import orjson
from aiohttp import web

from ingest.backlog import BacklogFull
from ingest.bulk_writer import Fate
from ingest.check_source import check_source, headers_for_page
from ingest.idempotency import Attempt
from ingest.metrics import POSTBACKS
from ingest.opaque_status import ACCEPTED, is_hidden
from ingest.postback_id import BatchIds
from ingest.read_bulk import Items, find_format, read_bulk_body
from ingest.read_postback import Form, read_address
from ingest.rooms import BACKLOG, BULK_INTAKE, BULK_ROOM, IDEMPOTENCY, KEYRING, RATES, REFUSED_POSTBACKS, TRUSTED_PROXIES
from ingest.tag_buffer import Outcome
from ingest.take_bulk import Bulk
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal, Unavailable
from shared.idempotency import REPLAYED, fingerprint, read_idempotency_key
from shared.show_time import show_time
from shared.source_address import find_source_ip

_ON_THE_LOOP_BYTES = 64 * 1024
_SHOWN_AT_ONCE = 200


async def write_many_tags(request: web.Request) -> web.StreamResponse:
    """`POST /v1/postbacks`: take many postbacks, each alone."""
    try:
        if request.app[BACKLOG].is_full:
            raise BacklogFull
        name = read_idempotency_key(request)
        with request.app[BULK_ROOM].admit(request.content_length, is_compressed="Content-Encoding" in request.headers):
            bulk, all_results, of = await read_bulk(request, with_fingerprint=name is not None)
            headers = {**headers_for_page(request, bulk.key), **await request.app[RATES].take(bulk.key, len(bulk.items))}
            if name is None:
                body = await take(request.app, bulk, BatchIds(), all_results)
            else:
                attempt = await request.app[IDEMPOTENCY].begin(bulk.key, name, of)
                if attempt.answer is None:
                    body = await take_once(request.app, bulk, attempt, all_results)
                else:
                    body = await repeat(request.app, bulk, attempt.ids, attempt.answer)
                    headers[REPLAYED] = "true"
    except Refusal as refusal:
        refusal.headers = {**headers_for_page(request), **refusal.headers}
        note_refused(request, refusal)
        raise
    return web.Response(body=body, headers=headers, content_type="application/x-ndjson" if all_results else "application/json")


def note_refused(request: web.Request, refusal: Refusal) -> None:
    """Put a request that was refused as a whole into the postback log, in one row without a caller."""
    form = Form({"key": read_address(request).key})
    if request.app[REFUSED_POSTBACKS].note(refusal, form, find_source_ip(request, request.app[TRUSTED_PROXIES])):
        POSTBACKS.labels(outcome=str(Outcome.REFUSED)).inc()


async def read_bulk(request: web.Request, *, with_fingerprint: bool) -> tuple[Bulk, bool, bytes]:
    """What is asked for, whether each item's result is wanted, and the request's fingerprint.

    The key is asked about before the body is read: what isn't for us costs nothing.
    """
    read = find_format(request)
    form = read_address(request)
    key = request.app[KEYRING].get(form.key)
    source_ip = find_source_ip(request, request.app[TRUSTED_PROXIES])
    check_source(key, request, source_ip)
    body = await read_bulk_body(request)
    results = form.parameters.get("results", "")

    def read_and_hash() -> tuple[Items, bytes]:
        return read(body), fingerprint(results.encode(), body) if with_fingerprint else b""

    items, of = read_and_hash() if len(body) < _ON_THE_LOOP_BYTES else await asyncio.to_thread(read_and_hash)
    return Bulk(key, items, source_ip), results == "all", of


async def take(app: web.Application, bulk: Bulk, ids: BatchIds, all_results: bool, *, marked: bool = False) -> bytes:
    """Take the items, count them, and say what became of them."""
    fates = await app[BULK_INTAKE].take(bulk, ids, marked=marked)
    for outcome, count in Counter(fate.outcome for fate in fates).items():
        POSTBACKS.labels(outcome=str(outcome)).inc(count)
    if bulk.key.opaque_status:
        fates = [hide(bulk.key, fate) for fate in fates]
    return await show_results(fates, ids) if all_results else show_summary(fates)


async def take_once(app: web.Application, bulk: Bulk, attempt: Attempt, all_results: bool) -> bytes:
    """The same so that a repeat finishes what is missing, and gets this answer."""
    try:
        body = await take(app, bulk, attempt.ids, all_results, marked=True)
        await attempt.finish(body)
    except BaseException:
        await attempt.leave()
        raise
    return body


async def repeat(app: web.Application, bulk: Bulk, ids: BatchIds, answer: bytes) -> bytes:
    """The first answer, once the log was told that the request came again, if it can be."""
    bulk.is_repeat = True
    with contextlib.suppress(Unavailable):
        await app[BULK_INTAKE].take(bulk, ids, marked=True)
    return answer


def hide(key: PostbackKeyRow, fate: Fate) -> Fate:
    """What a publisher may see who isn't to learn whether there was a call."""
    if fate.refusal and not is_hidden(key, fate.refusal):
        return fate
    return Fate(ACCEPTED)


def show_summary(fates: list[Fate]) -> bytes:
    """How many met which outcome, and what was wrong with the refused ones."""
    outcomes = Counter(str(fate.outcome) for fate in fates)
    refused = outcomes.pop(str(Outcome.REFUSED), 0)
    errors = [
        {"index": index, "code": fate.refusal.code, "detail": fate.refusal.detail}
        for index, fate in enumerate(fates)
        if fate.refusal is not None
    ]
    return orjson.dumps({"received": len(fates), "outcomes": outcomes, "refused": refused, "errors": errors})


async def show_results(fates: list[Fate], ids: BatchIds) -> bytes:
    """A line an item, in their order (NDJSON); other requests get their turn in between."""
    parts = []
    for start in range(0, len(fates), _SHOWN_AT_ONCE):
        lines = (_show_result(index, fates[index], ids) for index in range(start, min(start + _SHOWN_AT_ONCE, len(fates))))
        parts.append(b"".join(lines))
        await asyncio.sleep(0)
    return b"".join(parts)


def _show_result(index: int, fate: Fate, ids: BatchIds) -> bytes:
    return orjson.dumps(
        {
            "index": index,
            "postback_id": ids.text(index),
            "outcome": fate.outcome,
            "code": fate.refusal.code if fate.refusal else None,
            "expires_at": show_time(fate.expires_at_ms) if fate.expires_at_ms else None,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
