"""`python -m loadtests.call_log_at_a_million`: pages of the call log and reports over a million calls, beside the same in plain SQL.

What is measured is the time in the database, so the stores of admin are asked here and not its door: with row-level security, the look at
the grants, and what is hidden; beside it the tables' owner asks for the same rows and knows nothing of permissions, in turn.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from admin.database import enter_company
from admin.permissions import Actor, Levels, decide_all
from admin.store import calls, reports
from admin.store.sight import open_eyes
from loadtests.many_calls import make_calls
from schemas.admin.calls import CallsQuery
from schemas.admin.reports import ReportsQuery
from shared.embedded import EmbeddedPostgres
from shared.embedded.postgres import ADMIN_USER, DATABASE
from shared.migrate import migrate

COMPANY = 1
FREQUENT, RARE, MIXED, ALL = (1, 2, 3), tuple(range(150, 160)), (1, 2, 3, 100, 120, 140), tuple(range(1, 201))
GRANTED = {"frequent": FREQUENT, "rare": RARE, "mixed": MIXED, "all": ALL}
"""Which of the 200 numbers are granted to the publishers 1 to 4, from before the first call on."""

_COLUMNS = """call_uuid, status, hit_at, started_at, answered_at, ended_at, engine_ended_at, caller_number, dialed_number, campaign_id,
              publisher_id, routed_to, answered_by, disposition, duration_seconds, recording_url, revenue_cents, payout_cents, tags"""
_PLAIN_PAGE = f"select {_COLUMNS} from calls where company_id = $1 {{}} order by hit_at desc, call_uuid desc limit 51"  # noqa: S608 - literals
_PLAIN_REPORT = """
select {}, count(*), count(*) filter (where answered_at is not null or answered_by is not null or disposition = 'answered'),
       sum(duration_seconds), sum(revenue_cents), sum(payout_cents), count(*) filter (where tags <> '{{}}')
  from calls
 where company_id = $1
   and hit_at >= now() - interval '30 days'
   and hit_at < now()
   {}
 group by 1
"""
Question = Callable[[asyncpg.Connection], Awaitable[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the call log and reports over a million calls.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is asked (default 9)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="callstamp-million-") as folder,
        EmbeddedPostgres(
            Path(folder) / "postgres", durable=False, config={"shared_buffers": "1GB", "max_wal_size": "4GB"}
        ) as server,
    ):
        asyncio.run(_measure_all(server, options.rounds))


async def _measure_all(server: EmbeddedPostgres, rounds: int) -> None:
    owner = await asyncpg.connect(server.url, command_timeout=900)
    await migrate(server.url)
    await owner.execute("insert into companies (id, name) overriding system value values (1, 'Million')")
    await make_calls(owner, 1_000_000, days=60)
    for publisher_id, numbers in enumerate(GRANTED.values(), 1):
        await owner.execute(
            """
            insert into number_grants (company_id, publisher_id, number_id, number, granted_at)
            select company_id, $1, id, number, now() - interval '90 days'
            from tracking_numbers
            where id = any($2::bigint[])
            """,
            publisher_id,
            list(numbers),
        )
    await owner.execute("vacuum analyze")
    admin = await asyncpg.connect(server.url_of(DATABASE, ADMIN_USER))
    await owner.execute("set jit = off")
    print("| who | asks for | ms | plain SQL, ms | ratio |\n|---|---|---|---|---|")
    for who, actor, condition in _people():
        for what, ask, plain in _questions(actor, condition):
            mine, others = await _measure(admin, owner, ask, plain, rounds)
            print(f"| {who} | {what} | {mine:.1f} | {others:.1f} | {mine / others:.2f} |", flush=True)


def _people() -> list[tuple[str, Actor, str]]:
    """Who asks, and what plain SQL would say in place of all permissions."""
    people = [("manager", Actor(kind="api_token", company_id=COMPANY, role="superuser"), "")]
    for publisher_id, (name, numbers) in enumerate(GRANTED.items(), 1):
        spelt = ", ".join(f"'+1800555{number:04}'" for number in numbers)
        condition = f"and dialed_number = any(array[{spelt}])"
        people.append((f"publisher of {len(numbers)} numbers, {name}", _make_actor("publisher", publisher_id), condition))
    return [*people, ("buyer", _make_actor("buyer", 1), "and answered_by = 1")]


def _make_actor(kind: Any, subject_id: int) -> Actor:
    subject = decide_all(kind, Levels(), subject_id)
    return Actor(kind="person", company_id=COMPANY, role="collaborator", subjects=(subject,))


def _questions(actor: Actor, condition: str) -> list[tuple[str, Question, Question]]:
    def page(query: CallsQuery) -> Question:
        async def ask(db: asyncpg.Connection) -> Any:
            eyes = await open_eyes(db, COMPANY, actor, "view_call_log")
            return await calls.fetch_page(db, COMPANY, eyes, query, caller_number=None, before=None)

        return ask

    def report(query: ReportsQuery) -> Question:
        async def ask(db: asyncpg.Connection) -> Any:
            eyes = await open_eyes(db, COMPANY, actor, "run_reports")
            until: datetime = await db.fetchval("select now()")
            since = until - timedelta(days=30)
            return await reports.fetch_groups(db, COMPANY, eyes, query, group_by=query.group_by, since=since, until=until)

        return ask

    def plain(sql: str) -> Question:
        async def ask(db: asyncpg.Connection) -> Any:
            await db.execute(f"set plan_cache_mode = {'auto' if is_planned_once(sql) else 'force_custom_plan'}")
            started = time.perf_counter()
            await db.fetch(sql, COMPANY)
            return time.perf_counter() - started

        return ask

    def is_planned_once(sql: str) -> bool:
        """As admin does: managers' pages may be, nothing else is."""
        return actor.is_manager and sql.endswith("limit 51")

    day = "(hit_at at time zone 'UTC')::date"
    return [
        ("first page", page(CallsQuery()), plain(_PLAIN_PAGE.format(condition))),
        ("page of a campaign", page(CallsQuery(campaign_id=3)), plain(_PLAIN_PAGE.format(condition + " and campaign_id = 3"))),
        ("30 days by day", report(ReportsQuery(group_by="day")), plain(_PLAIN_REPORT.format(day, condition))),
        ("30 days by campaign", report(ReportsQuery(group_by="campaign")), plain(_PLAIN_REPORT.format("campaign_id", condition))),
    ]


async def _measure(
    admin: asyncpg.Connection, owner: asyncpg.Connection, ask: Question, plain: Question, rounds: int
) -> tuple[float, float]:
    """The medians in milliseconds of both, asked in turn; the first round, which warms up, aside."""
    mine, others = [], []
    for _ in range(rounds + 1):
        async with admin.transaction():
            await enter_company(admin, COMPANY, None)
            started = time.perf_counter()
            await ask(admin)
            mine.append(time.perf_counter() - started)
        others.append(await plain(owner))
    return statistics.median(mine[1:]) * 1000, statistics.median(others[1:]) * 1000


if __name__ == "__main__":
    main()
