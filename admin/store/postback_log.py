"""The postback log, as the drain wrote it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import UNSET

from admin.store.conditions import Conditions
from schemas.admin.postback_log import Postback, PostbacksQuery
from shared.errors import NotFound


async def fetch_page(
    db: asyncpg.Connection,
    company_id: int,
    query: PostbacksQuery,
    *,
    caller_number: str | None,
    before: tuple[datetime, UUID] | None,
) -> list[Postback]:
    """At most `query.limit + 1` postbacks before the key `before`, the newest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("received_at >= {}", query.from_)
    where.add("received_at < {}", query.to)
    where.add("publisher_id = {}", query.publisher_id)
    where.add("publisher_id = (select publisher_id from postback_keys where id = {})", query.postback_key_id)  # finds the index
    where.add("postback_key_id = {}", query.postback_key_id)
    where.add("outcome = {}", query.outcome)
    where.add("outcome = 'refused' and code = {}", query.code)
    where.add("caller_number = {}", caller_number or UNSET)
    where.add("call_uuids <> '{{}}' and call_uuids @> array[{}]", query.call_uuid)
    if query.outcome not in (UNSET, "stored"):
        where.clauses.append("outcome <> 'stored'")  # as a literal, so that the planner may use the index of the rarer outcomes
    if before:
        where.add_key("(received_at, id) < ({}, {})", before)
    rows = await db.fetch(
        f"""
        select id, received_at, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code, expires_at,
               host(source_ip) as source_ip, replayed, occurrences
        from postback_log
        where {where}
        order by received_at desc, id desc
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [_as_postback(row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, postback_id: UUID) -> Postback:
    """The postback; raises NotFound."""
    row = await db.fetchrow(
        """
        select id, received_at, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code, expires_at,
               host(source_ip) as source_ip, replayed, occurrences
        from postback_log
        where company_id = $1
          and id = $2
        order by received_at
        limit 1
        """,
        company_id,
        postback_id,
    )
    if row is None:
        raise NotFound
    return _as_postback(row)


async def fetch_of_call(
    db: asyncpg.Connection, company_id: int, call_uuid: str, attributed: Sequence[UUID], *, limit: int
) -> list[Postback]:
    """The postbacks that reached a call at once, and those whose tags it got when it was merged; oldest first."""
    rows = await db.fetch(
        """
        with reached as (
          select id, received_at
          from postback_log
          where company_id = $1
            and call_uuids <> '{}'
            and call_uuids @> array[$2]
          union
          select id, received_at
          from postback_log
          where company_id = $1
            and id = any($3::uuid[])
          order by received_at, id
          limit $4
        )
        select id, received_at, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code, expires_at,
               host(source_ip) as source_ip, replayed, occurrences
        from postback_log
        join reached using (id, received_at)
        where company_id = $1
        order by received_at, id
        """,
        company_id,
        call_uuid,
        attributed,
        limit,
    )
    return [_as_postback(row) for row in rows]


def _as_postback(row: asyncpg.Record) -> Postback:
    fields: dict[str, Any] = {**row, "tag_values": json.loads(row["tag_values"])}
    return Postback(**fields, call_uuid=row["call_uuids"][0] if row["call_uuids"] else None)
