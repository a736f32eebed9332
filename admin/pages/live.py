"""The postback log, live: what comes in is told to pages that stand open, as server-sent events.

Each stream asks a few times a second, as the list is asked, for what it hasn't told yet; and every few seconds who asks is found anew,
so that whoever is signed out or loses a permission is told nothing more.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from aiohttp import hdrs, web

from admin.handlers import postback_log
from admin.pages.page import find_out
from admin.pages.postback_log import LOG, PostbackLogQuery, name_postbacks, read_filters_of
from admin.pages.render import ENVIRONMENT
from admin.pages.said import read_filters
from admin.permissions import Actor, check_may
from admin.route import Visit, company_in, open_transaction, origin_of
from schemas.admin.fields import Time, given
from schemas.admin.postback_log import PostbacksQuery
from shared.errors import InvalidField, Refusal, Unavailable
from shared.http import DRAINING

PATH = LOG + "/live"
MOST_STREAMS = 100
MOST_TOLD = 100
LOOK_SECONDS = 0.25
FIND_OUT_SECONDS = 3.0
HEARTBEAT_SECONDS = 10.0
OVERLAP = timedelta(seconds=30)
"""What the drain writes late, as it reads many streams, is still told."""

LIVE_STREAMS = web.AppKey("live_streams", set["Stream"])


def add_live(app: web.Application) -> None:
    app[LIVE_STREAMS] = set()
    app.router.add_route("GET", PATH, show_live)


async def show_live(request: web.Request) -> web.StreamResponse:
    """A stream of rows, as the page has them, from `after` on; a browser that connects again says itself where it was."""
    streams = request.app[LIVE_STREAMS]
    try:
        if len(streams) >= MOST_STREAMS:
            raise Unavailable("As many look on live as can be shown at once; load the page again to see what is new.")
        actor = await _find_out(request)
        query = read_filters(request.query, PostbackLogQuery)
        stream = Stream(request, actor, read_filters_of(query), _read_after(request, query))
        await stream.look()  # what is refused at all is refused before anything was answered
    except Refusal as refusal:
        return web.Response(status=refusal.status, text=refusal.detail)
    streams.add(stream)
    try:
        return await stream.run()
    finally:
        streams.discard(stream)


class Stream:
    """What one page is told."""

    def __init__(self, request: web.Request, actor: Actor, query: PostbacksQuery, after: datetime) -> None:
        self._request, self._actor, self._query, self._newest = request, actor, query, after
        self._company_id = company_in(request) or 0
        self._told: dict[UUID, datetime] = {}
        self._pending: list[bytes] = []

    async def run(self) -> web.StreamResponse:
        """Tell what comes, until the page is left, the service stops, or whoever looks may not any more."""
        headers = {
            hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
            hdrs.CACHE_CONTROL: "no-store",
            "X-Accel-Buffering": "no",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(self._request)
        await response.write(b"retry: 2000\n\n")
        clock = asyncio.get_running_loop().time
        spoken = found_out = clock()
        while not self._request.app[DRAINING] and self._request.transport is not None:
            try:
                if clock() - found_out >= FIND_OUT_SECONDS:
                    self._actor, found_out = await _find_out(self._request), clock()
                await self.look()
            except Unavailable:
                self._pending = [b": the database is away\n\n"]
            except Refusal as refusal:
                await response.write(_event("ended", refusal.detail))
                break
            if not self._pending and clock() - spoken >= HEARTBEAT_SECONDS:
                self._pending = [b": still here\n\n"]
            if self._pending:
                await response.write(b"".join(self._pending))
                self._pending, spoken = [], clock()
            await asyncio.sleep(LOOK_SECONDS)
        return response

    async def look(self) -> None:
        """Find what wasn't told yet."""
        since = self._newest - OVERLAP
        earliest = given(self._query.from_)
        query = msgspec.structs.replace(self._query, from_=max(since, earliest) if earliest else since, limit=MOST_TOLD)
        request = self._request
        visit = Visit(actor=self._actor, app=request.app, origin=origin_of(request), cookies={})
        async with open_transaction(visit) as ask:
            page = await postback_log.list_postbacks(ask, self._company_id, query)
            fresh = [postback for postback in reversed(page.items) if postback.id not in self._told]
            names = await name_postbacks(ask, self._company_id, fresh) if fresh else None
        row = ENVIRONMENT.get_template("postback_row.html").module.postback_row  # type: ignore[attr-defined] # a macro of the template
        for postback in fresh:
            self._newest = max(self._newest, postback.received_at)
            self._told[postback.id] = postback.received_at
            text = str(row(postback, names, f"/companies/{self._company_id}"))
            self._pending.append(_event("postback", text, event_id=self._newest.isoformat()))
        if fresh:
            self._told = {told: at for told, at in self._told.items() if at >= self._newest - 2 * OVERLAP}


def _event(kind: str, text: str, *, event_id: str = "") -> bytes:
    """One server-sent event (WHATWG HTML, 9.2); a line's end in the text begins another line of data."""
    lines = [f"event: {kind}", *(f"data: {line}" for line in text.splitlines() if line.strip())]
    if event_id:
        lines.insert(0, f"id: {event_id}")
    return ("\n".join(lines) + "\n\n").encode()


async def _find_out(request: web.Request) -> Actor:
    """Who looks, if they may in this company. Raises as a page does."""
    actor = await find_out(request, "see_postback_log")
    check_may(actor, "see_postback_log", company_in(request))
    return actor


def _read_after(request: web.Request, query: PostbackLogQuery) -> datetime:
    """Where the page, or the stream before this one, ended."""
    text = request.headers.get("Last-Event-ID") or given(query.after)
    now = datetime.now(UTC)
    if not text:
        return now
    try:
        return min(msgspec.convert(text, Time), now)
    except msgspec.ValidationError:
        raise InvalidField("This isn't a time.", field="after") from None
