"""Calls and their events, as the drain wrote them."""

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from msgspec import UNSET, Struct

from admin.permissions import Subject
from admin.store.call_filters import add_id_filters, add_tag_filter
from admin.store.conditions import Conditions
from admin.store.sight import Eyes, columns_of, live_condition, seen_as_columns
from schemas.admin.calls import Attribution, Call, CallsQuery, TimelineEntry
from schemas.admin.fields import given
from shared.errors import NotFound

RECENT = timedelta(days=2)
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
LONGEST_PARKED = timedelta(hours=1)

MOST_STREAMS = 50
"""How many spans and buyers are looked through each for itself; more are found while walking through all calls."""

MOST_TAGGED = 2000
"""A tag that more calls have is met often enough while walking through them."""

_COLUMNS = """calls.call_uuid, calls.status, calls.hit_at, calls.started_at, calls.answered_at, calls.ended_at, calls.engine_ended_at,
               calls.caller_number, calls.dialed_number, calls.campaign_id, calls.publisher_id, calls.routed_to, calls.answered_by,
               calls.disposition, calls.duration_seconds, calls.recording_url, calls.revenue_cents, calls.payout_cents, calls.tags"""


class SeenCall(Struct, frozen=True, kw_only=True):
    """A call in full, where each of its tags came from if that was asked for, and as whom it is seen."""

    call: Call
    attribution: dict[str, Attribution]
    seen_as: tuple[Subject, ...]


async def fetch_page(
    db: asyncpg.Connection,
    company_id: int,
    eyes: Eyes,
    query: CallsQuery,
    *,
    caller_number: str | None,
    before: tuple[datetime, str] | None,
) -> list[SeenCall]:
    """At most `query.limit + 1` of the calls that are seen, before the key `before`, the newest hit first."""
    where = Conditions("company_id = {}", company_id)
    _add_filters(where, eyes, query, caller_number)
    if before:
        where.add_key("(calls.hit_at, calls.call_uuid) < ({}, {})", before)
    keys = await _find_tagged(db, company_id, query, before)
    eyes_are_few = len(eyes.spans) + len(eyes.sight.buyer_ids) <= MOST_STREAMS and not eyes.sight.everything
    if keys is None and eyes_are_few and caller_number is None and not _has_own_index(query):
        keys = await _find_newest(db, where, eyes, query.limit + 1, _latest(query, before))
    if keys is not None:
        where.add("calls.hit_at = any({}::timestamptz[])", [hit_at for hit_at, _ in keys])  # leaves few days to be planned for
        where.add("calls.call_uuid = any({}::text[])", [call_uuid for _, call_uuid in keys])
    eyes.add_to(where)
    rows = await db.fetch(
        f"""
        select {_COLUMNS},
               {seen_as_columns(where, eyes)}
        from calls
        where {where}
        order by calls.hit_at desc, calls.call_uuid desc
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals here and in sight.py, what they compare with travels as arguments
        *where.arguments,
    )
    return [_as_seen(row, eyes) for row in rows]


def _has_own_index(query: CallsQuery) -> bool:
    """Whether a filter leads to calls quicker than the streams of all that are seen; a tag that is looked for here is a frequent one."""
    fields = (query.campaign_id, query.publisher_id, query.answered_by, query.status, query.tag_name, query.tag_value)
    return any(value is not UNSET for value in fields)


def _add_filters(where: Conditions, eyes: Eyes, query: CallsQuery, caller_number: str | None) -> None:
    """What the query asks for. A field that somebody may see of some calls finds only those, as if the rest of it were empty."""
    where.add("calls.hit_at >= {}", query.from_)
    where.add("calls.hit_at < {}", query.to)
    where.add("calls.status = {}", query.status)
    add_id_filters(where, eyes, query)
    if caller_number is not None:
        where.add("calls.caller_number = {}", caller_number)
        eyes.add_to(where, eyes.actor.check_shows(eyes.through("caller_number"), "caller_number"))
    add_tag_filter(where, eyes, given(query.tag_name), given(query.tag_value))
    if query.status not in (UNSET, "completed"):
        where.clauses.append(
            "calls.status <> 'completed'"
        )  # as a literal, so that the planner may use the index of the rarer statuses


async def _find_tagged(
    db: asyncpg.Connection, company_id: int, query: CallsQuery, before: tuple[datetime, str] | None
) -> list[tuple[datetime, str]] | None:
    """The keys of all calls that may have the tag asked for; None: no tag is, or very many have it."""
    if query.tag_name is UNSET and query.tag_value is UNSET:
        return None
    rows = await db.fetch(
        """
        select hit_at, call_uuid
        from find_tagged_calls(
          tag_key($1, $2, $3), coalesce($4::timestamptz, '-infinity'), coalesce($5::timestamptz, 'infinity'), $6
        )
        """,
        company_id,
        given(query.tag_name),
        given(query.tag_value),
        given(query.from_),
        _latest(query, before),
        MOST_TAGGED + 1,
    )
    return [(row["hit_at"], row["call_uuid"]) for row in rows] if len(rows) <= MOST_TAGGED else None


def _latest(query: CallsQuery, before: tuple[datetime, str] | None) -> datetime | None:
    """Which calls at most are still on the page, by their hit; None: all are."""
    past_cursor = min(before[0], LAST) + timedelta(microseconds=1) if before else None
    times = [time for time in (given(query.to), past_cursor) if time]
    return min(times) if times else None


async def _find_newest(
    db: asyncpg.Connection, where: Conditions, eyes: Eyes, limit: int, latest: datetime | None
) -> list[tuple[datetime, str]]:
    """The keys of the newest calls that are seen.

    Mostly the last days have enough of them, and planning for few days is quick; a clock that is wrong costs time alone.
    """
    recent = copy.deepcopy(where)
    recent.add("calls.hit_at >= {}", max(latest or datetime.now(UTC), FIRST + RECENT) - RECENT)
    keys = await _merge_streams(db, recent, eyes, limit)
    return keys if len(keys) == limit else await _merge_streams(db, copy.deepcopy(where), eyes, limit)


async def _merge_streams(db: asyncpg.Connection, where: Conditions, eyes: Eyes, limit: int) -> list[tuple[datetime, str]]:
    """Of each span and each buyer as many of the newest as fit, from the index that has them in order; of these the newest."""
    newest = f"""order by calls.hit_at desc, calls.call_uuid desc
              limit {limit}"""
    streams = []
    if eyes.spans:
        numbers, since, until = (where.argument(part) for part in columns_of(eyes.spans)[:3])
        streams.append(f"""
            select found.hit_at, found.call_uuid
            from unnest({numbers}::text[], {since}::timestamptz[], {until}::timestamptz[]) as span (number, since, until)
            cross join lateral (
              select calls.hit_at, calls.call_uuid
              from calls
              where {where}
                and calls.dialed_number = span.number
                and calls.started_at >= span.since
                and calls.started_at < coalesce(span.until, 'infinity')
              {newest}
            ) as found""")  # noqa: S608 - the conditions are literals, as above
    if eyes.sight.buyer_ids:
        buyers, live = where.argument(list(eyes.sight.buyer_ids)), live_condition(where, eyes.sight)
        streams.append(f"""
            select found.hit_at, found.call_uuid
            from unnest({buyers}::bigint[]) as buyer (id)
            cross join lateral (
              select calls.hit_at, calls.call_uuid
              from calls
              where {where}
                and calls.answered_by = buyer.id
                and {live}
              {newest}
            ) as found""")  # noqa: S608 - as above
    if not streams:
        return []
    rows = await db.fetch(
        f"""
        {" union ".join(streams)}
        order by hit_at desc, call_uuid desc
        limit {limit}
        """,
        *where.arguments,
    )
    return [(row["hit_at"], row["call_uuid"]) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, eyes: Eyes, call_uuid: str) -> SeenCall:
    """The call, if it is seen; the newest, should an engine have used its uuid again. Raises NotFound."""
    where = Conditions("company_id = {}", company_id)
    where.add("calls.call_uuid = {}", call_uuid)
    eyes.add_to(where)
    row = await db.fetchrow(
        f"""
        select {_COLUMNS},
               calls.attribution,
               {seen_as_columns(where, eyes)}
        from calls
        where {where}
        order by calls.hit_at desc
        limit 1
        """,  # noqa: S608 - the conditions are literals here and in sight.py
        *where.arguments,
    )
    if row is None:
        raise NotFound
    return _as_seen(row, eyes)


async def find_seen(db: asyncpg.Connection, company_id: int, eyes: Eyes, call_uuids: Iterable[str]) -> frozenset[str]:
    """Which of these calls are seen."""
    where = Conditions("company_id = {}", company_id)
    where.add("calls.call_uuid = any({}::text[])", list(call_uuids))
    eyes.add_to(where)
    rows = await db.fetch(f"select calls.call_uuid from calls where {where}", *where.arguments)  # noqa: S608 - literals, as above
    return frozenset(row["call_uuid"] for row in rows)


async def fetch_events(db: asyncpg.Connection, company_id: int, call: Call, *, limit: int) -> list[TimelineEntry]:
    """The first events of a call, oldest first, and none of another call to which its engine gave the same uuid.

    Events may have come before the hit, as long as they are parked for.
    """
    rows = await db.fetch(
        """
        select happened_at, kind, detail
        from call_events
        where company_id = $1
          and call_uuid = $2
          and happened_at >= $3::timestamptz - $4::interval
          and happened_at < coalesce(
                (select min(hit_at) from calls where company_id = $1 and call_uuid = $2 and hit_at > $3) - $4, 'infinity'
              )
        order by happened_at, revision
        limit $5
        """,
        company_id,
        call.call_uuid,
        call.hit_at,
        LONGEST_PARKED,
        limit,
    )
    return [
        TimelineEntry(at=row["happened_at"], kind=row["kind"], detail=json.loads(row["detail"]), postback=None) for row in rows
    ]


def _as_seen(row: Mapping[str, Any], eyes: Eyes) -> SeenCall:
    fields = dict(row)
    seen_as = eyes.subjects_of(fields.pop("seen_by_publishers"), fields.pop("seen_by_buyer"))
    attribution = msgspec.json.decode(fields.pop("attribution", "{}"), type=dict[str, Attribution])
    return SeenCall(call=Call(**fields | {"tags": json.loads(fields["tags"])}), attribution=attribution, seen_as=seen_as)
