"""What PostgreSQL holds of a caller, and its erasure there."""

import json
from datetime import datetime

import asyncpg
from msgspec import Struct

from schemas.admin.callers import Erasure
from schemas.admin.calls import Call
from schemas.admin.postback_log import Postback
from shared.postgres import ERASURE_LOCK

MOST_CALL_UUIDS = 30_000


class Blanked(Struct, frozen=True, kw_only=True):
    """How many rows no longer say whose they are."""

    calls: int
    postbacks: int
    set_aside: int


async def count_rows(db: asyncpg.Connection, company_id: int, caller_number: str) -> tuple[int, int]:
    """How many calls and postbacks of the caller there are."""
    row = await db.fetchrow(
        """
        select (select count(*) from calls where company_id = $1 and caller_number = $2),
               (select count(*) from postback_log where company_id = $1 and caller_number = $2)
        """,
        company_id,
        caller_number,
    )
    return row[0], row[1]


async def fetch_calls(db: asyncpg.Connection, company_id: int, caller_number: str, *, limit: int) -> list[Call]:
    """The caller's newest calls, in full: a caller's file is for those who may see everything."""
    rows = await db.fetch(
        """
        select call_uuid, status, hit_at, started_at, answered_at, ended_at, engine_ended_at, caller_number, dialed_number,
               campaign_id, publisher_id, routed_to, answered_by, disposition, duration_seconds, recording_url,
               revenue_cents, payout_cents, tags
        from calls
        where company_id = $1
          and caller_number = $2
        order by hit_at desc, call_uuid desc
        limit $3
        """,
        company_id,
        caller_number,
        limit,
    )
    return [Call(**{**row, "tags": json.loads(row["tags"])}) for row in rows]


async def fetch_postbacks(db: asyncpg.Connection, company_id: int, caller_number: str, *, limit: int) -> list[Postback]:
    """The newest postbacks about the caller."""
    rows = await db.fetch(
        """
        select id, received_at, publisher_id, postback_key_id, caller_number, call_uuids[1] as call_uuid, call_uuids, tag_values,
               outcome, code, expires_at, host(source_ip) as source_ip, replayed, occurrences
        from postback_log
        where company_id = $1
          and caller_number = $2
        order by received_at desc, id desc
        limit $3
        """,
        company_id,
        caller_number,
        limit,
    )
    return [Postback(**{**row, "tag_values": json.loads(row["tag_values"])}) for row in rows]


async def fetch_call_uuids(db: asyncpg.Connection, company_id: int, caller_number: str) -> list[str]:
    """The caller's calls that Redis may still hold: the longest call and what it is kept for afterwards are 16 days."""
    rows = await db.fetch(
        f"""
        select call_uuid
        from calls
        where company_id = $1
          and caller_number = $2
          and hit_at > now() - interval '17 days'
        order by hit_at desc
        limit {MOST_CALL_UUIDS}
        """,  # noqa: S608 - a number of our own
        company_id,
        caller_number,
    )
    return [row["call_uuid"] for row in rows]


async def take_turn(db: asyncpg.Connection) -> None:
    """Wait until the drain has written what it has in hand, and keep it from writing until this transaction ends."""
    await db.execute("select pg_advisory_xact_lock($1)", ERASURE_LOCK)


async def blank(db: asyncpg.Connection, company_id: int, caller_number: str, erased_at: datetime) -> Blanked:
    """Take off the logs whatever tells of the caller and was received up to `erased_at`; tags posted later stay."""
    postbacks = await db.execute(
        """
        update postback_log
        set caller_number = null,
            tag_values = '{}',
            source_ip = null
        where company_id = $1
          and caller_number = $2
          and received_at <= $3
        """,
        company_id,
        caller_number,
        erased_at,
    )
    rows = await db.fetch(
        """
        update calls
        set caller_number = null,
            recording_url = null,
            tags = tags - array(select name from jsonb_object_keys(tags) as name
                                where coalesce((attribution -> name ->> 'posted_at')::timestamptz, '-infinity') <= $3),
            attribution = attribution - array(select name from jsonb_object_keys(attribution) as name
                                              where (attribution -> name ->> 'posted_at')::timestamptz <= $3)
        where company_id = $1
          and caller_number = $2
          and hit_at <= $3
        returning call_uuid
        """,
        company_id,
        caller_number,
        erased_at,
    )
    await _blank_events(db, company_id, [row["call_uuid"] for row in rows], erased_at)
    set_aside = await db.fetchval("select blank_set_aside($1)", caller_number)
    return Blanked(calls=len(rows), postbacks=int(postbacks.rpartition(" ")[2]), set_aside=set_aside)


async def _blank_events(db: asyncpg.Connection, company_id: int, call_uuids: list[str], erased_at: datetime) -> None:
    await db.execute(
        """
        update call_events
        set detail = detail - array['recording_url', 'caller_number']
        where company_id = $1
          and call_uuid = any($2)
          and happened_at <= $3
          and detail ?| array['recording_url', 'caller_number']
        """,
        company_id,
        call_uuids,
        erased_at,
    )


async def insert_erasure(
    db: asyncpg.Connection,
    company_id: int,
    caller_number: str,
    *,
    masked: str,
    erased_at: datetime,
    asked_by: str,
    counts: dict[str, int],
) -> Erasure:
    """Remember the erasure, for what comes late, and its receipt; the audit log knows the caller as `masked`."""
    await db.execute("insert into caller_salts (company_id) values ($1) on conflict do nothing", company_id)
    receipt = {"caller_number": masked} | counts
    erasure_id = await db.fetchval(
        """
        insert into erasures (company_id, caller_hash, erased_at, asked_by, receipt)
        select company_id, sha256(salt || convert_to($2, 'UTF8')), $3, $4, $5
        from caller_salts
        where company_id = $1
        returning id
        """,
        company_id,
        caller_number,
        erased_at,
        asked_by,
        json.dumps(receipt),
    )
    await db.execute(
        """
        insert into audit_log (company_id, actor, action, object, object_id, new)
        values ($1, current_setting('callstamp.actor')::jsonb, 'erased', 'caller', $2, $3)
        """,
        company_id,
        masked,
        json.dumps(receipt),
    )
    return Erasure(id=erasure_id, erased_at=erased_at, asked_by=asked_by, caller_number=masked, **counts)


async def fetch_erasures(db: asyncpg.Connection, company_id: int, caller_number: str) -> list[Erasure]:
    """The receipts of the caller's erasures, newest first."""
    rows = await db.fetch(
        """
        select id, erased_at, asked_by, receipt
        from erasures
        where company_id = $1
          and caller_hash = (select sha256(salt || convert_to($2, 'UTF8')) from caller_salts where company_id = $1)
        order by id desc
        limit 100
        """,
        company_id,
        caller_number,
    )
    return [
        Erasure(id=row["id"], erased_at=row["erased_at"], asked_by=row["asked_by"], **json.loads(row["receipt"])) for row in rows
    ]
