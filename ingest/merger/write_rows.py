"""Rows of the drain to PostgreSQL, many a statement. What PostgreSQL won't take is found by halving, set aside, and holds up nothing."""

import hashlib
from typing import Any

import asyncpg
import structlog

from ingest.merger.drain_rows import Batch
from ingest.merger.erased_callers import ErasedCaller, ErasedCallers, earliest_in
from shared.postgres import ERASURE_LOCK

log = structlog.get_logger()

_REFUSED_ROW = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)

_INSERT_POSTBACKS = """
insert into postback_log (
         id, received_at, company_id, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code, expires_at,
         source_ip, occurrences)
select id, timestamptz 'epoch' + received_at_ms * interval '1 millisecond', company_id, publisher_id, postback_key_id, caller_number,
       string_to_array(call_uuids, ' '), tag_values::json, outcome, code,
       timestamptz 'epoch' + expires_at_ms * interval '1 millisecond', source_ip::inet, occurrences
  from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::text[], $11::bigint[], $12::text[], $13::int[])
       as t (id, received_at_ms, company_id, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code,
             expires_at_ms, source_ip, occurrences)
    on conflict do nothing
"""

_INSERT_EVENTS = """
insert into call_events (company_id, call_uuid, revision, happened_at, kind, detail)
select company_id, call_uuid, revision, happened_at, kind, detail::jsonb
  from unnest($1::bigint[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[])
       as t (company_id, call_uuid, revision, happened_at, kind, detail)
    on conflict do nothing
"""

_UPSERT_CALLS = """
insert into calls as held (
         call_uuid, hit_at, company_id, caller_number, dialed_number, campaign_id, publisher_id, status, started_at, answered_at, ended_at,
         engine_ended_at, routed_to, answered_by, disposition, duration_seconds, recording_url, revenue_cents, payout_cents, tags,
         attribution, revision)
select call_uuid, hit_at, company_id, caller_number, dialed_number, campaign_id, publisher_id, status, started_at, answered_at, ended_at,
       engine_ended_at, routed_to, answered_by, disposition, duration_seconds, recording_url, revenue_cents, payout_cents, tags::jsonb,
       attribution::jsonb, revision
  from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
              $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bigint[], $14::bigint[], $15::text[],
              $16::int[], $17::text[], $18::bigint[], $19::bigint[], $20::text[], $21::text[], $22::bigint[])
       as t (call_uuid, hit_at, company_id, caller_number, dialed_number, campaign_id, publisher_id, status, started_at, answered_at,
             ended_at, engine_ended_at, routed_to, answered_by, disposition, duration_seconds, recording_url, revenue_cents, payout_cents,
             tags, attribution, revision)
    on conflict (hit_at, company_id, call_uuid) do update
   set status = excluded.status,
       started_at = excluded.started_at,
       answered_at = excluded.answered_at,
       ended_at = excluded.ended_at,
       engine_ended_at = excluded.engine_ended_at,
       routed_to = excluded.routed_to,
       answered_by = excluded.answered_by,
       disposition = excluded.disposition,
       duration_seconds = excluded.duration_seconds,
       recording_url = excluded.recording_url,
       revenue_cents = excluded.revenue_cents,
       payout_cents = excluded.payout_cents,
       tags = excluded.tags,
       attribution = excluded.attribution,
       revision = excluded.revision
 where held.revision < excluded.revision
"""

_MARK_REACHED = """
update postback_log as p
   set call_uuids = p.call_uuids || array(select new from unnest(t.call_uuids) as new where new <> all (p.call_uuids))
  from (
         select id, received_at, array_agg(call_uuid order by call_uuid) as call_uuids
           from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as reached (id, received_at, call_uuid)
          group by id, received_at
       ) as t
 where p.id = t.id
   and p.received_at = t.received_at
   and not p.call_uuids @> t.call_uuids
"""

_MARK_REPLAYED = """
update postback_log as p
   set replayed = true
  from unnest($1::uuid[], $2::timestamptz[]) as t (id, received_at)
 where p.id = t.id
   and p.received_at = t.received_at
   and not p.replayed
"""

_ERASURES = """
select company_id, salt, caller_hash, round(extract(epoch from erased_at) * 1000)::bigint
  from erasures
  join caller_salts using (company_id)
 where erased_at >= $1
"""

_SET_ASIDE = """
insert into set_aside (stream, entry_id, payload, reason)
select stream, entry_id, payload, reason
  from unnest($1::text[], $2::text[], $3::bytea[], $4::text[])
       as t (stream, entry_id, payload, reason)
    on conflict do nothing
"""


async def write_batch(connection: asyncpg.Connection, batch: Batch) -> int:
    """Write all of it in one transaction; answers how many rows had to be set aside."""
    async with connection.transaction():
        await _blank_erased(connection, batch)
        set_aside = [(bad.stream, bad.entry_id, bad.payload, bad.reason) for bad in batch.unreadable]
        for table, sql, rows in (
            ("postback_log", _INSERT_POSTBACKS, batch.postbacks),
            ("call_events", _INSERT_EVENTS, batch.events),
            ("calls", _UPSERT_CALLS, batch.calls),
            ("postback_log", _MARK_REACHED, batch.reached),
            ("postback_log", _MARK_REPLAYED, batch.replayed),
        ):
            set_aside += await _write(connection, table, sql, rows)
        if set_aside:
            await connection.execute(_SET_ASIDE, *zip(*set_aside, strict=True))
            log.error("entries_set_aside", count=len(set_aside), reason=set_aside[0][3])
    return len(set_aside)


async def _blank_erased(connection: asyncpg.Connection, batch: Batch) -> None:
    """Take callers out of the batch that were erased since.

    An erasure holds the lock alone: it either finds these rows in the tables, or is found here.
    """
    if (earliest := earliest_in(batch)) is None:
        return
    await connection.execute("select pg_advisory_xact_lock_shared($1)", ERASURE_LOCK)
    rows = await connection.fetch(_ERASURES, earliest)
    ErasedCallers(ErasedCaller(*row) for row in rows).blank(batch)


async def _write(
    connection: asyncpg.Connection, table: str, sql: str, rows: list[tuple[Any, ...]]
) -> list[tuple[str, str, bytes, str]]:
    """Write rows in one statement; of a refused statement the halves, down to the row that is to blame, which is answered."""
    if not rows:
        return []
    try:
        async with connection.transaction():
            await connection.execute(sql, *zip(*rows, strict=True))
    except _REFUSED_ROW as error:
        if len(rows) == 1:
            row = repr(rows[0]).encode("utf-8", "backslashreplace")
            return [(table, hashlib.sha256(row).hexdigest(), row, str(error))]
        middle = len(rows) // 2
        return await _write(connection, table, sql, rows[:middle]) + await _write(connection, table, sql, rows[middle:])
    return []
