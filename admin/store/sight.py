"""What an actor sees of the calls, as SQL: through which numbers in which spans of time, and as which buyers.

The rule itself, in one place: a publisher sees the calls to numbers while they are granted to it, a buyer those that it answered, and
those in progress only where it may listen in.
"""

from collections.abc import Iterable
from datetime import datetime

import asyncpg
from msgspec import Struct

from admin.errors import NotPermitted
from admin.permissions import Actor, Sight, Subject
from admin.store.conditions import Conditions
from shared.errors import NotFound


class Span(Struct, frozen=True):
    """A time in which the calls to a number are seen by the same publishers; until None: still."""

    number: str
    since: datetime
    until: datetime | None
    publisher_ids: list[int]


class Eyes(Struct, frozen=True, kw_only=True):
    """With what an actor looks at calls: the toggles that it needs, through whom it has them, and their spans, which never overlap."""

    actor: Actor
    needs: tuple[str, ...]
    sight: Sight
    spans: tuple[Span, ...]

    def through(self, field: str) -> Sight:
        """Through whom this field of a call is seen whole."""
        return self.actor.sight(*self.needs, field=field)

    def through_tag(self, name: str) -> Sight:
        """Through whom this tag is seen."""
        return self.actor.sight_of_tag(name, *self.needs)

    def spans_of(self, sight: Sight) -> tuple[Span, ...]:
        if sight.publisher_ids == self.sight.publisher_ids:
            return self.spans
        return tuple(span for span in self.spans if not set(span.publisher_ids).isdisjoint(sight.publisher_ids))

    def add_to(self, where: Conditions, sight: Sight | None = None) -> None:
        """And: the call is seen, through this sight where one is named."""
        if sight is None or not self.is_whole(sight):
            where.clauses.append(self.condition(where, self.sight if sight is None else sight))

    def is_whole(self, sight: Sight) -> bool:
        """Whether whoever sees a call at all sees it through this."""
        return sight.everything or sight == self.sight

    def condition(self, where: Conditions, sight: Sight) -> str:
        """Whether a row of `calls` is seen through this sight."""
        if sight.everything:
            return "true"
        ways = []
        if spans := self.spans_of(sight):
            numbers, since, until = (where.argument(part) for part in columns_of(spans)[:3])
            ways.append(
                f"(calls.dialed_number = any({numbers}::text[]) and exists (select from {_span_rows(numbers, since, until)}"
                " where span.number = calls.dialed_number and span.since <= calls.started_at"
                " and (span.until is null or calls.started_at < span.until)) is true)"  # as a mere `exists` it would become a join
            )
        if sight.buyer_ids:
            ways.append(f"(calls.answered_by = any({where.argument(list(sight.buyer_ids))}::bigint[])")
            ways[-1] += f" and {live_condition(where, sight)})"
        return f"({' or '.join(ways)})" if ways else "false"

    def subjects_of(self, publisher_ids: Iterable[int] | None, buyer_id: int | None) -> tuple[Subject, ...]:
        """As whom a call is seen that these publishers and this buyer see."""
        publishers, buyers = frozenset(publisher_ids or ()).intersection(self.sight.publisher_ids), self.sight.buyer_ids
        return tuple(
            subject
            for subject in self.actor.subjects
            if (subject.id in publishers if subject.kind == "publisher" else subject.id == buyer_id and subject.id in buyers)
        )


def _span_rows(numbers: str, since: str, until: str) -> str:
    return f"unnest({numbers}::text[], {since}::timestamptz[], {until}::timestamptz[]) as span (number, since, until)"


def live_condition(where: Conditions, sight: Sight) -> str:
    """Calls in progress are for buyers who may listen in."""
    if sight.live_buyer_ids == sight.buyer_ids:
        return "true"
    return f"(calls.status <> 'in_progress' or calls.answered_by = any({where.argument(list(sight.live_buyer_ids))}::bigint[]))"


def columns_of(spans: tuple[Span, ...]) -> tuple[list[str], list[datetime], list[datetime | None], list[str]]:
    """The spans as arrays, for unnest; the publishers as text, since PostgreSQL has no arrays of arrays of different lengths."""
    return (
        [span.number for span in spans],
        [span.since for span in spans],
        [span.until for span in spans],
        ["{" + ",".join(map(str, span.publisher_ids)) + "}" for span in spans],
    )


def seen_as_columns(where: Conditions, eyes: Eyes) -> str:
    """The columns that say as whom a row of `calls` is seen: an array of publishers, and a buyer."""
    if eyes.sight.everything:
        return "null::bigint[] as seen_by_publishers, null::bigint as seen_by_buyer"
    numbers, since, until, publisher_ids = (where.argument(part) for part in columns_of(eyes.spans))
    buyers = where.argument(list(eyes.sight.buyer_ids))
    return f"""(
                 select span.publisher_ids::bigint[]
                 from unnest({numbers}::text[], {since}::timestamptz[], {until}::timestamptz[], {publisher_ids}::text[])
                      as span (number, since, until, publisher_ids)
                 where span.number = calls.dialed_number
                   and span.since <= calls.started_at
                   and (span.until is null or calls.started_at < span.until)
               ) as seen_by_publishers,
               case
                 when calls.answered_by = any({buyers}::bigint[]) and {live_condition(where, eyes.sight)} then calls.answered_by
               end as seen_by_buyer"""  # noqa: S608 - put together of literals; what they compare with travels as arguments


async def open_eyes(db: asyncpg.Connection, company_id: int, actor: Actor, *needs: str) -> Eyes:
    """With what the actor looks at calls where that needs these toggles. Raises NotPermitted for who has them as nobody."""
    sight = actor.sight(*needs)
    if sight.is_empty:
        raise NotPermitted
    if not sight.everything:
        await plan_anew(db)
    spans = await fetch_spans(db, company_id, sight.publisher_ids) if sight.publisher_ids else ()
    return Eyes(actor=actor, needs=needs, sight=sight, spans=spans)


async def plan_anew(db: asyncpg.Connection) -> None:
    """Let each statement of the rest of the transaction have a plan of its own, not compiled.

    What is seen of a company, and how long a time is, differ by orders of magnitude: a plan that was good for others may be a hundred times
    too slow. Planning over all days' partitions takes some milliseconds, which managers' pages needn't spend.
    """
    await db.execute("select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")


async def fetch_spans(db: asyncpg.Connection, company_id: int, publisher_ids: Iterable[int]) -> tuple[Span, ...]:
    """When which numbers were granted to these publishers, cut so that spans of a number never overlap."""
    rows = await db.fetch(
        """
        with granted as (
          select number, publisher_id, granted_at, coalesce(revoked_at, 'infinity') as revoked_at
          from number_grants
          where company_id = $1
            and publisher_id = any($2::bigint[])
        ),
        moments as (
          select number, granted_at as at
          from granted
          union
          select number, revoked_at
          from granted
        ),
        pieces as (
          select number, at as since, lead(at) over (partition by number order by at) as until
          from moments
        )
        select number, since, nullif(until, 'infinity') as until, array_agg(distinct publisher_id) as publisher_ids
        from pieces
        join granted using (number)
        where granted_at <= since
          and since < revoked_at
        group by number, since, until
        order by number, since
        """,
        company_id,
        list(publisher_ids),
    )
    return tuple(Span(**row) for row in rows)


def narrow_to_publisher(sight: Sight, publisher_id: int) -> Sight:
    """Through whom a call is seen to be of this publisher: a publisher knows its own. Raises NotFound where there is no such call."""
    if sight.everything:
        return sight
    own = tuple(seen for seen in sight.publisher_ids if seen == publisher_id)
    narrowed = Sight(publisher_ids=own, buyer_ids=sight.buyer_ids, live_buyer_ids=sight.live_buyer_ids)
    if narrowed.is_empty:
        raise NotFound("There is nothing with this id here.", field="publisher_id")
    return narrowed


def narrow_to_buyer(sight: Sight, buyer_id: int) -> Sight:
    """Through whom a call is seen to be answered by this buyer: a buyer knows its own. Raises NotFound where there is no such call."""
    if sight.everything or sight.publisher_ids or buyer_id in sight.buyer_ids:
        return sight
    raise NotFound("There is nothing with this id here.", field="answered_by")
