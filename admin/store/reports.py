"""What calls came to, added up in the database. A sum counts only the calls of which somebody may see the figure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from msgspec import Struct

from admin.permissions import Sight
from admin.store.call_filters import add_id_filters
from admin.store.conditions import Conditions
from admin.store.sight import Eyes, columns_of, live_condition, plan_anew
from schemas.admin.fields import given
from schemas.admin.reports import Figures, GroupBy, ReportRow, ReportsQuery
from shared.errors import InvalidField

MOST_GROUPS = 1000
FIRST = datetime(1, 1, 1, tzinfo=UTC)
SUMS = ("duration_seconds", "revenue_cents", "payout_cents")
_NAMED_IN = {"campaign": "campaigns", "publisher": "publishers", "buyer": "buyers"}


class Groups(Struct, frozen=True, kw_only=True):
    """The groups that are shown, how many there are, all of them together, and the sums that are hidden."""

    rows: list[ReportRow]
    count: int
    totals: Figures
    hidden: list[str]


async def read_times(
    db: asyncpg.Connection, since: datetime | None, until: datetime | None, *, usual: timedelta, most: timedelta
) -> tuple[datetime, datetime]:
    """From when until when, by the database's clock where it isn't said. Raises InvalidField for more than `most`."""
    if until is None:
        now: datetime = await db.fetchval("select now()")
        until = max(now, since or now)
    since = since or max(until, FIRST + usual) - usual
    if until < since:
        raise InvalidField("It is before `from`.", field="to")
    if until - since > most:
        raise InvalidField(f"At most {most.days} days are added up.", field="from")
    return since, until


async def check_time_zone(db: asyncpg.Connection, time_zone: str) -> None:
    """Raise InvalidField for a time zone that the database doesn't know."""
    try:
        async with db.transaction():  # what comes after a refusal still works
            await db.fetchval("select now() at time zone $1", time_zone)
    except asyncpg.InvalidParameterValueError:
        raise InvalidField("There is no such time zone.", field="time_zone") from None


async def fetch_groups(
    db: asyncpg.Connection,
    company_id: int,
    eyes: Eyes,
    query: ReportsQuery,
    *,
    group_by: GroupBy | None,
    since: datetime,
    until: datetime,
    limit: int = MOST_GROUPS,
) -> Groups:
    """The calls of a time, added up by group; by None, all of them are one. Raises FieldHidden for what they can't be grouped by."""
    await plan_anew(db)
    await _plan_to_add_up(db)
    where = Conditions("company_id = {}", company_id)
    where.add("calls.hit_at >= {}", since)
    where.add("calls.hit_at < {}", until)
    add_id_filters(where, eyes, query)
    shown = _Shown(where, eyes)
    key = _key_of(group_by, where, eyes, shown, query)
    sums = {field: shown.of(eyes.through(field)) for field in SUMS}
    columns = ",\n                 ".join(
        "null::bigint as " + field if condition == "false" else f"sum({field}) filter (where {condition}) as {field}"
        for field, condition in sums.items()
    )
    counted = f"""
          select {key} as key,
                 count(*) as calls,
                 count(*) filter (where is_answered) as answered,
                 {columns},
                 count(*) filter (where has_tags) as calls_with_tags
          from {shown.source()}
          where {where}
          group by 1"""  # noqa: S608 - put together of literals; what they compare with travels as arguments
    rows = await db.fetch(
        f"""
        with grouped as ({_in_days(counted, where.argument(query.time_zone)) if group_by == "day" else counted}
        ),
        totals as (
          select null::text as key, true as is_total, count(*) as groups, sum(calls) as calls, sum(answered) as answered,
                 sum(duration_seconds) as duration_seconds, sum(revenue_cents) as revenue_cents, sum(payout_cents) as payout_cents,
                 sum(calls_with_tags) as calls_with_tags
          from grouped
        ),
        largest as (
          select key::text, false, null::bigint, calls, answered, duration_seconds, revenue_cents, payout_cents, calls_with_tags
          from grouped
          order by {"key" if group_by == "day" else "calls desc, key"}
          limit {limit}
        )
        select *
        from totals
        union all
        select *
        from largest
        """,  # noqa: S608 - put together of literals; what they compare with travels as arguments
        *where.arguments,
    )
    names = await _fetch_names(db, company_id, group_by, [row["key"] for row in rows])
    (total,) = (row for row in rows if row["is_total"])
    shown_rows = [_as_row(row, group_by, names) for row in rows if not row["is_total"]]
    return Groups(
        rows=sorted(shown_rows, key=lambda row: str(row.key) if group_by == "day" else (-row.calls, str(row.key))),
        count=total["groups"],
        totals=Figures(**_figures(total)),
        hidden=[field for field, condition in sums.items() if condition != "true"],
    )


async def _plan_to_add_up(db: asyncpg.Connection) -> None:
    """Let the rest of the transaction read the figures in their index alone (0015_figures.sql), and add them up without sorting.

    PostgreSQL's own settings are of a time of spinning disks and little memory: by them it would rather read whole rows.
    """
    await db.execute("select set_config('random_page_cost', '1.1', true), set_config('work_mem', '32MB', true)")


class _Shown:
    """Joins each call with the one span it is in, if any, so that what is shown of it is known without another look."""

    def __init__(self, where: Conditions, eyes: Eyes) -> None:
        self.where, self.eyes = where, eyes
        self._flags: list[str] = []
        self._spans = [where.argument(part) for part in columns_of(eyes.spans)] if eyes.spans else []
        if not eyes.sight.everything:
            where.clauses.append(self._through(eyes.sight, "span.number is not null"))
            if self._spans and not eyes.sight.buyer_ids:
                where.clauses.append(f"calls.dialed_number = any({self._spans[0]}::text[])")  # finds the index of rare numbers

    def of(self, sight: Sight, *, own_publisher: bool = False) -> str:
        """Whether a call is seen through this sight; a publisher sees of which publisher it is only where it is its own."""
        if sight.everything or (self.eyes.is_whole(sight) and not own_publisher):
            return "true"
        if own_publisher:
            return self._through(
                sight, "span.number is not null and (calls.publisher_id is null or calls.publisher_id = any(span.publisher_ids))"
            )
        shows = [not set(span.publisher_ids).isdisjoint(sight.publisher_ids) for span in self.eyes.spans]
        if not any(shows):
            return self._through(sight, "false")
        self._flags.append(self.where.argument(shows))
        return self._through(sight, f"span.flag_{len(self._flags)}")

    def _through(self, sight: Sight, as_publisher: str) -> str:
        ways = [f"({as_publisher})"] if self._spans and as_publisher != "false" else []
        if sight.buyer_ids:
            buyers = self.where.argument(list(sight.buyer_ids))
            ways.append(f"(calls.answered_by = any({buyers}::bigint[]) and {live_condition(self.where, sight)})")
        return f"({' or '.join(ways)})" if ways else "false"

    def source(self) -> str:
        """The calls, each beside its span."""
        if not self._spans:
            return "calls"
        flags = [f"flag_{n}" for n in range(1, len(self._flags) + 1)]
        kinds = ["text[]", "timestamptz[]", "timestamptz[]", "text[]", *["boolean[]"] * len(flags)]
        arrays = ", ".join(f"{place}::{kind}" for place, kind in zip([*self._spans, *self._flags], kinds, strict=True))
        names = ", ".join(["number", "since", "until", "publisher_ids", *flags])
        flag_columns = "".join(f", {flag}" for flag in flags)
        return f"""calls
          left join (
            select number, since, coalesce(until, 'infinity') as until, publisher_ids::bigint[] as publisher_ids{flag_columns}
            from unnest({arrays}) as span ({names})
          ) as span
            on span.number = calls.dialed_number
           and span.since <= calls.started_at
           and calls.started_at < span.until"""  # noqa: S608 - put together of literals


def _key_of(group_by: GroupBy | None, where: Conditions, eyes: Eyes, shown: _Shown, query: ReportsQuery) -> str:
    """What calls are grouped by; those of which it is hidden aren't in the report."""
    match group_by:
        case "day":
            return "date_bin('15 minutes', calls.hit_at, timestamptz '2000-01-01 00:00:00+00')"
        case "campaign":
            return "calls.campaign_id"
        case "publisher":
            sight = eyes.actor.check_shows(eyes.through("publisher_id"), "group_by")
            where.clauses.append(shown.of(sight, own_publisher=not sight.everything))
            return "calls.publisher_id"
        case "buyer":
            where.clauses.append(shown.of(eyes.actor.check_shows(eyes.through("answered_by"), "group_by")))
            return "calls.answered_by"
        case "tag":
            if (name := given(query.tag_name)) is None:
                raise InvalidField("This field is needed to group by a tag.", field="tag_name")
            where.clauses.append(shown.of(eyes.actor.check_shows(eyes.through_tag(name), "tag_name")))
            return f"calls.tags ->> {where.argument(name)}::text"
        case None:
            return "null::text"


def _in_days(counted: str, time_zone: str) -> str:
    """Quarters of an hour added up to days: in which day a quarter lies is asked once, not for each of its calls.

    In every time zone days begin with a quarter of an hour; the last that had another offset from UTC gave it up in 1972 (tz database).
    """
    sums = ", ".join(f"sum({figure}) as {figure}" for figure in ("calls", "answered", *SUMS, "calls_with_tags"))
    return f"""
          select (key at time zone {time_zone}::text)::date as key, {sums}
          from ({counted}
          ) as quarters
          group by 1"""  # noqa: S608 - put together of literals


async def _fetch_names(
    db: asyncpg.Connection, company_id: int, group_by: GroupBy | None, keys: list[str | None]
) -> dict[int, str]:
    if group_by not in _NAMED_IN:
        return {}
    rows = await db.fetch(
        f"""
        select id, name
        from {_NAMED_IN[group_by]}
        where company_id = $1
          and id = any($2::bigint[])
        """,  # noqa: S608 - one of three tables
        company_id,
        [int(key) for key in keys if key is not None],
    )
    return {row["id"]: row["name"] for row in rows}


def _as_row(row: Mapping[str, Any], group_by: GroupBy | None, names: Mapping[int, str]) -> ReportRow:
    key = int(row["key"]) if group_by in _NAMED_IN and row["key"] is not None else row["key"]
    return ReportRow(key=key, name=names.get(key), **_figures(row))


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    calls, tagged = int(row["calls"] or 0), int(row["calls_with_tags"] or 0)
    return {
        "calls": calls,
        "answered": int(row["answered"] or 0),
        **{field: None if row[field] is None else int(row[field]) for field in SUMS},
        "calls_with_tags": tagged,
        "attach_rate": round(tagged / calls, 4) if calls else None,
    }
