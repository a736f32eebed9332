"""What is past its time in the logs of one company: found and removed a few thousand rows at a time.

A step answers how many rows it removed or blanked, or None once nothing is left for it to do.
"""

from collections.abc import Awaitable, Callable

import asyncpg

from schemas.admin.fields import given, said
from schemas.admin.retention import Retention, RetentionChange
from shared.errors import NotFound

RETENTION_LOCK = 0x52455441
AT_ONCE = 2000
ALL_AGAIN_DAYS = 7
"""How often what was blanked already is looked through again, for rows that came late."""

Step = Callable[[asyncpg.Connection, int, Retention], Awaitable[int | None]]


async def fetch_company_ids(db: asyncpg.Connection) -> list[int]:
    """The companies that don't keep all for ever."""
    return [row[0] for row in await db.fetch("select find_retaining_companies()")]


async def take_turn(db: asyncpg.Connection) -> bool:
    """Whether nobody else is at it; until the transaction ends nobody will be."""
    return bool(await db.fetchval("select pg_try_advisory_xact_lock($1)", RETENTION_LOCK))


async def get(db: asyncpg.Connection, company_id: int) -> Retention:
    """How long the company keeps what; raises NotFound."""
    row = await db.fetchrow(
        """
        select postback_log_days, calls_days, tags_days, certificate_tags_days, certificate_tag_names, legal_hold
        from companies
        where id = $1
        """,
        company_id,
    )
    if row is None:
        raise NotFound
    return Retention(**row)


async def change(db: asyncpg.Connection, company_id: int, change: RetentionChange) -> None:
    """Keep what `change` names so long from now on; all tags are looked at again."""
    await db.execute(
        """
        update companies
        set postback_log_days = case when $2 then $3 else postback_log_days end,
            calls_days = case when $4 then $5 else calls_days end,
            tags_days = case when $6 then $7 else tags_days end,
            certificate_tags_days = case when $8 then $9 else certificate_tags_days end,
            certificate_tag_names = coalesce($10, certificate_tag_names),
            legal_hold = coalesce($11, legal_hold)
        where id = $1
        """,
        company_id,
        *said(change.postback_log_days),
        *said(change.calls_days),
        *said(change.tags_days),
        *said(change.certificate_tags_days),
        given(change.certificate_tag_names),
        given(change.legal_hold),
    )
    await db.execute("delete from tags_blanked where company_id = $1", company_id)


# --- rows


async def remove_postbacks(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """Postbacks past their time, those with certificate tags once these are, too."""
    if kept.postback_log_days is None:
        return None
    done = await db.execute(
        """
        delete from postback_log
        where company_id = $1
          and (id, received_at) in (
            select id, received_at
            from postback_log
            where company_id = $1
              and received_at < now() - $2 * interval '1 day'
              and (received_at < now() - $4::int * interval '1 day'
                   or not exists (select from json_object_keys(tag_values) as name where name = any($3)))
            order by received_at
            limit $5
          )
        """,
        company_id,
        kept.postback_log_days,
        kept.certificate_tag_names,
        _days_of_certificates(kept),
        AT_ONCE,
    )
    return _count(done) or None


async def remove_calls(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """Calls past their time with their events, unless they are in progress; those with certificate tags once these are, too."""
    if kept.calls_days is None:
        return None
    done = await db.execute(
        """
        with gone as (
          delete from calls
          where company_id = $1
            and (hit_at, call_uuid) in (
              select hit_at, call_uuid
              from calls
              where company_id = $1
                and hit_at < now() - $2 * interval '1 day'
                and status <> 'in_progress'
                and (hit_at < now() - $4::int * interval '1 day' or not tags ?| $3)
              order by hit_at
              limit $5
            )
          returning hit_at, call_uuid
        ), gone_events as (
          delete from call_events
          using gone
          where call_events.company_id = $1
            and call_events.call_uuid = gone.call_uuid
            and happened_at between hit_at and hit_at + interval '16 days' -- the uuid may be another call's later
        )
        select from gone
        """,
        company_id,
        kept.calls_days,
        kept.certificate_tag_names,
        _days_of_certificates(kept),
        AT_ONCE,
    )
    return _count(done) or None


# --- tags


async def blank_tags_of_calls(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """All but the certificate tags."""
    return await _blank(db, company_id, kept, "calls_tags", _BLANK_CALLS)


async def blank_certificates_of_calls(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """The certificate tags."""
    return await _blank(db, company_id, kept, "calls_certificates", _BLANK_CALLS)


async def blank_tags_of_postbacks(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """All but the certificate tags."""
    return await _blank(db, company_id, kept, "postbacks_tags", _BLANK_POSTBACKS)


async def blank_certificates_of_postbacks(db: asyncpg.Connection, company_id: int, kept: Retention) -> int | None:
    """The certificate tags."""
    return await _blank(db, company_id, kept, "postbacks_certificates", _BLANK_POSTBACKS)


STEPS: tuple[Step, ...] = (
    remove_postbacks,
    remove_calls,
    blank_tags_of_calls,
    blank_certificates_of_calls,
    blank_tags_of_postbacks,
    blank_certificates_of_postbacks,
)


async def _blank(db: asyncpg.Connection, company_id: int, kept: Retention, kind: str, sql: str) -> int | None:
    """Look at the next rows past their time, and go on from there the next time."""
    certificates = kind.endswith("certificates")
    days = _days_of_certificates(kept) if certificates else kept.tags_days
    if days is None:
        return None
    span = await db.fetchrow(_SPAN, company_id, kind, days, ALL_AGAIN_DAYS)
    looked_at, blanked, until = await db.fetchrow(
        sql, company_id, span["begin"], span["until"], kept.certificate_tag_names, certificates, AT_ONCE
    )
    is_last = looked_at < AT_ONCE
    await db.execute(_NOTE_PROGRESS, company_id, kind, span["until"] if is_last else until, span["is_anew"])
    return None if is_last and not blanked else blanked


# What is to be looked at: from where it was left, or from the beginning, until what is past its time now.
_SPAN = """
select coalesce(blanked_until, 'epoch') as begin,
       now() - $3 * interval '1 day' as until,
       blanked_until is null as is_anew
from (select $2::text as kind) as asked
left join tags_blanked on tags_blanked.company_id = $1
                      and tags_blanked.kind = asked.kind
                      and begun_at > now() - $4 * interval '1 day'
"""

_NOTE_PROGRESS = """
insert into tags_blanked (company_id, kind, blanked_until)
values ($1, $2, $3)
on conflict (company_id, kind) do update
set blanked_until = excluded.blanked_until,
    begun_at = case when $4 then now() else tags_blanked.begun_at end
"""

# Each looks at the rows of one span of time, oldest first, and answers how many it looked at, how many it blanked, and how far it came.
# Arguments: company, after when, until when, certificate tag names, whether these are to go or all others, how many rows at once.

_BLANK_CALLS = """
with looked_at as (
  select hit_at as at, call_uuid, tags
  from calls
  where company_id = $1
    and hit_at > $2
    and hit_at <= $3
  order by hit_at
  fetch first $6 rows with ties
), blanked as (
  update calls
  set tags = calls.tags - array(select name from jsonb_object_keys(calls.tags) as name where (name = any($4)) = $5),
      attribution = attribution - array(select name from jsonb_object_keys(attribution) as name where (name = any($4)) = $5)
  from looked_at
  where calls.company_id = $1
    and calls.hit_at = looked_at.at
    and calls.call_uuid = looked_at.call_uuid
    and exists (select from jsonb_object_keys(looked_at.tags) as name where (name = any($4)) = $5)
  returning 1
)
select (select count(*) from looked_at), (select count(*) from blanked), (select max(at) from looked_at)
"""

_BLANK_POSTBACKS = """
with looked_at as (
  select received_at as at, id, tag_values
  from postback_log
  where company_id = $1
    and received_at > $2
    and received_at <= $3
  order by received_at
  fetch first $6 rows with ties
), blanked as (
  update postback_log
  set tag_values = (
    select coalesce(json_object_agg(name, value order by place), '{}')
    from json_each(postback_log.tag_values) with ordinality as tag (name, value, place)
    where (name = any($4)) <> $5
  )
  from looked_at
  where postback_log.company_id = $1
    and postback_log.received_at = looked_at.at
    and postback_log.id = looked_at.id
    and exists (select from json_object_keys(looked_at.tag_values) as name where (name = any($4)) = $5)
  returning 1
)
select (select count(*) from looked_at), (select count(*) from blanked), (select max(at) from looked_at)
"""


def _days_of_certificates(kept: Retention) -> int | None:
    """How long certificate tags are kept; None for ever."""
    return None if kept.legal_hold else kept.certificate_tags_days


def _count(done: str) -> int:
    """How many rows a command tag speaks of."""
    return int(done.rpartition(" ")[2])
