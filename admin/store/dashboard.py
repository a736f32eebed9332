"""What the dashboard counts besides the figures of reports."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from admin.masks import TELLING_CODES
from admin.permissions import Sight
from admin.store.conditions import Conditions
from admin.store.sight import Eyes
from schemas.admin.dashboard import CallBucket, CallsOverTime, PostbackBucket, PostbackFigures


async def count_in_progress(db: asyncpg.Connection, company_id: int, eyes: Eyes) -> int:
    """How many of the calls that are seen are in progress."""
    where = Conditions("company_id = {}", company_id)
    where.clauses.append(
        "calls.status = 'in_progress' and calls.status <> 'completed'"
    )  # the second finds the index of the rarer statuses
    eyes.add_to(where)
    count: int = await db.fetchval(
        f"select count(*) from calls where {where}",  # noqa: S608 - the conditions are literals here and in sight.py
        *where.arguments,
    )
    return count


async def count_calls(
    db: asyncpg.Connection, company_id: int, eyes: Eyes, *, since: datetime, until: datetime, bucket_seconds: int
) -> CallsOverTime:
    """The calls that are seen, and those with tags, by time."""
    where = Conditions("company_id = {}", company_id)
    where.add("calls.hit_at >= {}", since)
    where.add("calls.hit_at < {}", until)
    eyes.add_to(where)
    rows = await db.fetch(
        f"""
        select date_bin({where.argument(bucket_seconds)} * interval '1 second', calls.hit_at, timestamptz '2000-01-01 00:00:00+00') as at,
               count(*) as calls,
               count(*) filter (where has_tags) as calls_with_tags
        from calls
        where {where}
        group by 1
        order by 1
        """,  # noqa: S608 - the conditions are literals here and in sight.py
        *where.arguments,
    )
    return CallsOverTime(bucket_seconds=bucket_seconds, buckets=[CallBucket(**row) for row in rows])


async def count_postbacks(
    db: asyncpg.Connection, company_id: int, sight: Sight, *, since: datetime, until: datetime, bucket_seconds: int
) -> PostbackFigures:
    """The postbacks that are seen, by outcome and time; a publisher isn't told more of an opaque key's than its replies tell."""
    rows = await db.fetch(
        """
        with opaque as (
          select id
          from postback_keys
          where company_id = $1
            and opaque_status
            and not $2
        )
        select date_bin($6 * interval '1 second', received_at, timestamptz '2000-01-01 00:00:00+00') as at,
               case
                 when postback_key_id in (select id from opaque) and (outcome <> 'refused' or code = any($7::text[])) then 'accepted'
                 else outcome
               end as told,
               sum(occurrences) as count
        from postback_log
        where company_id = $1
          and ($2 or publisher_id = any($3::bigint[]))
          and received_at >= $4
          and received_at < $5
        group by 1, 2
        order by 1, 2
        """,
        company_id,
        sight.everything,
        list(sight.publisher_ids),
        since,
        until,
        bucket_seconds,
        list(TELLING_CODES),
    )
    return _as_figures(rows, bucket_seconds)


def _as_figures(rows: Sequence[asyncpg.Record], bucket_seconds: int) -> PostbackFigures:
    outcomes: Counter[str] = Counter()
    buckets: dict[datetime, dict[str, int]] = {}
    for row in rows:
        outcomes[row["told"]] += row["count"]
        buckets.setdefault(row["at"], {})[row["told"]] = row["count"]
    return PostbackFigures(
        outcomes=dict(outcomes),
        bucket_seconds=bucket_seconds,
        buckets=[PostbackBucket(at=at, outcomes=counts) for at, counts in buckets.items()],
    )
