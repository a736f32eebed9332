"""The call routing engine's door: look-ups, call hits, routing decisions, answers, ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from ingest.errors import CallNotFound
from ingest.keyring import Keyring
from ingest.merger.call_store import CallStore
from ingest.merger.directory import Directory
from ingest.merger.errors import ScopeMissing
from ingest.merger.formats import FORMATS, to_header_lines
from ingest.merger.merge import attribution, call_detail, call_summary, tag_values
from ingest.merger.metrics import CALLS, LOOK_UPS
from ingest.merger.read_event import check_event, check_hit, read_number, read_parameters, to_milliseconds
from ingest.read_postback import CALL_UUID
from schemas.call_events import AnswerEvent, EndEvent, RouteEvent
from schemas.kept_rows import EngineKeyRow
from shared.errors import InvalidField, NotFound, Unavailable
from shared.http import find_bearer, json_reply

ENGINE_KEYS = web.AppKey("engine_keys", Keyring[EngineKeyRow])
DIRECTORY = web.AppKey("directory", Directory)
CALL_STORE = web.AppKey("call_store", CallStore)
PATIENCE_SECONDS = web.AppKey("patience_seconds", float)
"""How long a request may take in all: a caller hears silence meanwhile."""


async def look_up(request: web.Request) -> web.Response:
    """`GET /v1/lookup`: the tags that a call of this number would get now; 200 whatever the number, and while the store is away."""
    key = check_key(request, "lookup", request.query)
    check_format(request)
    caller = read_number(request.query.get("caller_number"), key.region)
    tags, degraded = [], False
    if caller:
        try:
            async with patience(request):
                tags = await request.app[CALL_STORE].look_up(key.company_id, caller)
        except Unavailable:
            degraded = True
    LOOK_UPS.labels(answer="degraded" if degraded else "tags" if tags else "no_tags").inc()
    body = {"caller_number": caller or None, "tags": tag_values(tags), "attribution": attribution(tags), "degraded": degraded}
    return reply(request, body, headers={"Callstamp-Degraded": "true"} if degraded else {})


async def hit_call(request: web.Request) -> web.Response:
    """`POST /v1/calls`: a call hits a campaign. 201 with its tags; the same call_uuid again is the same call, 200."""
    fields = await read_parameters(request)
    key = check_key(request, "events", fields)
    check_format(request)
    hit = check_hit(fields, key, request.app[DIRECTORY])
    async with patience(request):
        created, call = await request.app[CALL_STORE].hit(key.company_id, hit.caller_number, hit.call_uuid, hit.said)
    if created:
        CALLS.labels(tags="some" if call.tags else "none").inc()
    return reply(request, call_summary(call), status=201 if created else 200)


async def route_call(request: web.Request) -> web.Response:
    """`POST /v1/calls/{call_uuid}/route`: a routing decision; merges again and answers the tags."""
    fields = await read_parameters(request)
    key = check_key(request, "events", fields)
    check_format(request)
    route = check_event(fields, RouteEvent)
    check_buyer(request, key, route.buyer_id, "buyer_id")
    return await add_event(request, key, "route", {"routed_to": route.buyer_id})


async def answer_call(request: web.Request) -> web.Response:
    """`POST /v1/calls/{call_uuid}/answer`: a buyer answered."""
    fields = await read_parameters(request)
    key = check_key(request, "events", fields)
    answer = check_event(fields, AnswerEvent)
    price = check_buyer(request, key, answer.buyer_id, "buyer_id")
    return await add_event(request, key, "answer", {"answered_by": answer.buyer_id, "price_cents": price})


async def end_call(request: web.Request) -> web.Response:
    """`POST /v1/calls/{call_uuid}/end`: the call ended, or more became known of its end."""
    fields = await read_parameters(request)
    key = check_key(request, "events", fields)
    end = check_event(fields, EndEvent)
    said = {
        "engine_ended_at": to_milliseconds(end.ended_at, "ended_at") if end.ended_at else None,
        "duration_seconds": end.duration_seconds,
        "disposition": end.disposition,
        "answered_by": end.answered_by,
        "price_cents": check_buyer(request, key, end.answered_by, "answered_by"),
        "recording_url": end.recording_url,
        "revenue_cents": end.revenue_cents,
        "payout_cents": end.payout_cents,
    }
    return await add_event(request, key, "end", said)


async def show_call(request: web.Request) -> web.Response:
    """`GET /v1/calls/{call_uuid}`: the call as known now."""
    key = check_key(request, "events", request.query)
    async with patience(request):
        call = await request.app[CALL_STORE].find(key.company_id, call_uuid_of(request))
    if call is None:
        raise CallNotFound
    return json_reply(call_detail(call))


async def add_event(request: web.Request, key: EngineKeyRow, kind: str, said: Mapping[str, Any]) -> web.Response:
    """Apply an event; 202 when its call hasn't been hit yet, the event then waits for it."""
    call_uuid = call_uuid_of(request)
    async with patience(request):
        call = await request.app[CALL_STORE].add_event(
            key.company_id, call_uuid, kind, {name: value for name, value in said.items() if value is not None}
        )
    if call is None:
        return json_reply({"call_uuid": call_uuid, "status": "parked"}, status=202)
    return reply(request, call_summary(call)) if kind == "route" else json_reply(call_summary(call))


def check_key(request: web.Request, scope: str, fields: Mapping[str, Any]) -> EngineKeyRow:
    """The engine key in the Authorization header or among the fields as `key`. Raises InvalidEngineKey, ScopeMissing, Unavailable."""
    bearer = find_bearer(request)
    key = request.app[ENGINE_KEYS].get(str(fields.get("key", "")) if bearer is None else bearer)
    if scope not in key.scopes:
        raise ScopeMissing
    return key


def check_buyer(request: web.Request, key: EngineKeyRow, buyer_id: int | None, field: str) -> int | None:
    """The price of the company's buyer. Raises NotFound for a buyer that isn't the company's."""
    if buyer_id is None:
        return None
    if (buyer := request.app[DIRECTORY].find_buyer(key.company_id, buyer_id)) is None:
        raise NotFound("There is no such buyer.", field=field)
    return buyer.price_cents


def call_uuid_of(request: web.Request) -> str:
    call_uuid = request.match_info["call_uuid"]
    if not CALL_UUID.fullmatch(call_uuid):
        raise CallNotFound
    return call_uuid


@asynccontextmanager
async def patience(request: web.Request) -> AsyncIterator[None]:
    """Bounds the time that the store may take for the whole request. Raises Unavailable."""
    try:
        async with asyncio.timeout(request.app[PATIENCE_SECONDS]):
            yield
    except TimeoutError:
        raise Unavailable from None


def check_format(request: web.Request) -> None:
    """Refuse an unknown `?format=` before anything happens."""
    if request.query.get("format", "json") not in ("json", "headers", *FORMATS):
        raise InvalidField("format is json, kv, xml or headers.", field="format")


def reply(
    request: web.Request, body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """The body as JSON, or its tags alone in the form that `?format=` names."""
    match request.query.get("format", "json"):
        case "json":
            return json_reply(body, status=status, headers=headers)
        case "headers":
            text, dropped = to_header_lines(body["tags"])
            said = {"X-Tags-Dropped": str(dropped)} if dropped else {}
            return web.Response(text=text, status=status, headers=said | (headers or {}), content_type="text/plain")
        case name:
            content_type, write = FORMATS[name]
            return web.Response(text=write(body["tags"]), status=status, headers=headers, content_type=content_type)
