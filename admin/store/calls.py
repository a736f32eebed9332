"""Calls and their events, as the drain wrote them."""

import json
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import UNSET, Struct, UnsetType

from admin.store.conditions import Conditions
from schemas.admin.calls import Attribution, Call, CallsQuery, TimelineEntry
from shared.errors import NotFound


class CallWithAttribution(Struct, frozen=True, kw_only=True):
    """A call, and where each of its tags came from."""

    call: Call
    attribution: dict[str, Attribution]


async def fetch_page(
    db: asyncpg.Connection, company_id: int, query: CallsQuery, *, caller_number: str | None, before: tuple[datetime, str] | None
) -> list[Call]:
    """At most `query.limit + 1` calls before the key `before`, the newest hit first."""
    where = Conditions("company_id = {}", company_id)
    where.add("hit_at >= {}", query.from_)
    where.add("hit_at < {}", query.to)
    where.add("status = {}", query.status)
    where.add("campaign_id = {}", query.campaign_id)
    where.add("publisher_id = {}", query.publisher_id)
    where.add("answered_by = {}", query.answered_by)
    where.add("caller_number = {}", caller_number or UNSET)
    _add_tag(where, query.tag_name, query.tag_value)
    if query.status not in (UNSET, "completed"):
        where.clauses.append("status <> 'completed'")  # as a literal, so that the planner may use the index of the rarer statuses
    if before:
        where.add_key("(hit_at, call_uuid) < ({}, {})", before)
    rows = await db.fetch(
        f"""
        select call_uuid, status, hit_at, started_at, answered_at, ended_at, engine_ended_at, caller_number, dialed_number,
               campaign_id, publisher_id, routed_to, answered_by, disposition, duration_seconds, recording_url,
               revenue_cents, payout_cents, tags
        from calls
        where {where}
        order by hit_at desc, call_uuid desc
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [_as_call(row) for row in rows]


def _add_tag(where: Conditions, name: str | UnsetType, value: str | UnsetType) -> None:
    """Each of the three ways to ask for a tag, as a condition that the index of tags answers."""
    if isinstance(value, UnsetType):
        where.add("tags ? {}", name)
    elif isinstance(name, UnsetType):
        where.add("tags @@ ('$.* == ' || {})::jsonpath", json.dumps(value))
    else:
        where.add("tags @> {}::jsonb", json.dumps({name: value}))


async def get(db: asyncpg.Connection, company_id: int, call_uuid: str) -> CallWithAttribution:
    """The call; the newest, should an engine have used its uuid again. Raises NotFound."""
    row = await db.fetchrow(
        """
        select call_uuid, status, hit_at, started_at, answered_at, ended_at, engine_ended_at, caller_number, dialed_number,
               campaign_id, publisher_id, routed_to, answered_by, disposition, duration_seconds, recording_url,
               revenue_cents, payout_cents, tags, attribution
        from calls
        where company_id = $1
          and call_uuid = $2
        order by hit_at desc
        limit 1
        """,
        company_id,
        call_uuid,
    )
    if row is None:
        raise NotFound
    fields = dict(row)
    attribution = msgspec.json.decode(fields.pop("attribution"), type=dict[str, Attribution])
    return CallWithAttribution(call=_as_call(fields), attribution=attribution)


async def fetch_events(db: asyncpg.Connection, company_id: int, call_uuid: str, *, limit: int) -> list[TimelineEntry]:
    """The first events of a call, oldest first."""
    rows = await db.fetch(
        """
        select happened_at, kind, detail
        from call_events
        where company_id = $1
          and call_uuid = $2
        order by happened_at, revision
        limit $3
        """,
        company_id,
        call_uuid,
        limit,
    )
    return [
        TimelineEntry(at=row["happened_at"], kind=row["kind"], detail=json.loads(row["detail"]), postback=None) for row in rows
    ]


def _as_call(row: Any) -> Call:
    return Call(**{**row, "tags": json.loads(row["tags"])})
