"""The second wall: whatever a statement forgets, PostgreSQL shows and changes rows of one company only (guarantee 32)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from admin.database import Database, enter_company
from admin.permissions import Actor
from admin.settings import AdminSettings
from tests.integration.admin.manager import Manager, add_call, add_event, add_postback
from tests.service_processes import PATIENT_MS, as_admin

OF_NO_COMPANY = {"users", "sessions", "password_resets", "sign_in_tries", "migrations", "set_aside", "drain_state"}
"""Tables that belong to no company. What the admin service may not read at all needs no wall."""

FILLED_LATER = {"erasures", "caller_salts", "tags_blanked"}
"""Tables that stay empty until somebody is erased, or something is too old."""


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """As the admin service has it, with two connections that are used again and again."""
    database = Database(
        AdminSettings(postgres_url=as_admin(postgres_url), postgres_connections=2, database_timeout_ms=PATIENT_MS)
    )
    await database.start()
    yield database
    await database.stop()


async def tables(db: asyncpg.Connection) -> list[str]:
    rows = await db.fetch(
        """
        select relname
        from pg_class
        where relnamespace = 'public'::regnamespace
          and relkind in ('r', 'p')
          and not relispartition
        order by relname
        """
    )
    return [row["relname"] for row in rows]


async def fill(manager: Manager, db: asyncpg.Connection) -> None:
    """A row of this company in every table that can have one."""
    made = await manager.create_one_of_each()
    company_id, publisher_id = manager.company_id, made["publisher"]["id"]
    call_uuid = await add_call(db, company_id)
    await add_event(db, company_id, call_uuid, "hit")
    await add_postback(db, company_id)
    person = await db.fetchval(
        """
        insert into collaborators (company_id, role, name, email, invite_hash)
        values ($1, 'collaborator', 'Somebody', 'somebody@example.com', $2)
        returning id
        """,
        company_id,
        company_id.to_bytes(32),
    )
    await db.execute(
        "insert into campaign_grants (company_id, publisher_id, campaign_id) values ($1, $2, $3) on conflict do nothing",
        company_id,
        publisher_id,
        made["campaign"]["id"],
    )
    await db.execute(
        "insert into number_grants (company_id, publisher_id, number_id, number) values ($1, $2, $3, $4) on conflict do nothing",
        company_id,
        publisher_id,
        made["number"]["id"],
        made["number"]["number"],
    )
    await db.execute(
        "insert into permission_settings (company_id, level, subject_id, for_kind) values ($1, 'company', 0, 'buyer')", company_id
    )
    await db.execute(
        "insert into done_once (company_id, asker, name_hash, fingerprint) values ($1, 'api_token 1', '', '')", company_id
    )
    await db.execute("insert into mails (kind, company_id, collaborator_id) values ('invite', $1, $2)", company_id, person)


async def count(db: asyncpg.Connection, table: str) -> int:
    return int(await db.fetchval(f"select count(*) from {table}"))


async def can_read(db: asyncpg.Connection, table: str) -> bool:
    return bool(await db.fetchval("select has_table_privilege('callstamp_admin', $1, 'select')", table))


async def test_a_statement_without_any_condition_sees_one_company_or_none(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, database: Database
) -> None:
    for one in (manager, neighbour):
        await fill(one, db)
    walled = [table for table in await tables(db) if table not in OF_NO_COMPANY and await can_read(db, table)]
    assert len(walled) >= 20
    for table in walled:
        whole = await count(db, table)
        async with database.of_company(manager.company_id) as mine:
            own = await count(mine, table)
        async with database.of_company(neighbour.company_id) as theirs:
            other = await count(theirs, table)
        async with database.of_nobody() as nobody:
            assert await count(nobody, table) == 0, table
        assert own + other == whole, f"{table}: each row is seen by one company"
        if table not in FILLED_LATER:
            assert own > 0, f"{table} is empty here, so nothing is shown"
            assert other > 0, table


async def test_every_table_of_a_company_has_its_wall(db: asyncpg.Connection) -> None:
    bare = []
    for table in await tables(db):
        if table in OF_NO_COMPANY:
            continue
        has_wall = await db.fetchval("select relrowsecurity from pg_class where relname = $1", table)
        policies = await db.fetchval("select count(*) from pg_policies where tablename = $1", table)
        if not (has_wall and policies):
            bare.append(table)
    assert bare == []


async def test_a_dropped_policy_and_a_wall_that_is_off_are_noticed(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, database: Database
) -> None:
    await fill(manager, db)
    await fill(neighbour, db)
    await db.execute("alter table calls disable row level security")
    async with database.of_company(manager.company_id) as mine:
        assert await count(mine, "calls") == 2
    with pytest.raises(AssertionError):
        await test_every_table_of_a_company_has_its_wall(db)
    await db.execute("alter table calls enable row level security")
    await db.execute("drop policy of_company on calls")
    async with database.of_company(manager.company_id) as mine:
        assert await count(mine, "calls") == 0
    with pytest.raises(AssertionError):
        await test_every_table_of_a_company_has_its_wall(db)


async def test_rows_of_another_company_are_neither_changed_nor_made(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, database: Database
) -> None:
    await fill(neighbour, db)
    async with database.of_company(manager.company_id) as mine:
        assert await mine.execute("update publishers set name = 'Taken over'") == "UPDATE 0"
        assert await mine.execute("update companies set name = 'Taken over' where id = $1", neighbour.company_id) == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.of_company(manager.company_id) as mine:
            await mine.execute("insert into publishers (company_id, name) values ($1, 'Planted')", neighbour.company_id)


async def test_a_connection_used_again_has_forgotten_the_company_before(
    manager: Manager, neighbour: Manager, database: Database
) -> None:
    """Also after an error and after a query that was cancelled on its way."""
    for _ in range(20):
        async with database.of_company(manager.company_id) as mine:
            assert await mine.fetchval("select id from companies") == manager.company_id
        with pytest.raises(asyncpg.UndefinedTableError):
            async with database.of_company(manager.company_id) as mine:
                await mine.execute("select * from nothing_of_the_kind")
        asleep = asyncio.create_task(hold(database, manager.company_id))
        await asyncio.sleep(0)
        asleep.cancel()
        await asyncio.gather(asleep, return_exceptions=True)
        async with database.of_nobody() as nobody:
            assert await nobody.fetchval("select current_company()") is None
            assert await nobody.fetch("select id from companies") == []
        async with database.of_company(neighbour.company_id) as theirs:
            assert await theirs.fetchval("select id from companies") == neighbour.company_id


async def hold(database: Database, company_id: int) -> None:
    async with database.of_company(company_id) as mine:
        await mine.execute("select pg_sleep(5)")


async def test_the_narrow_doors_answer_only_to_who_has_the_secret(manager: Manager, database: Database) -> None:
    async with database.of_nobody() as nobody:
        assert await nobody.fetch("select * from find_api_token($1)", b"x" * 32) == []
        assert await nobody.fetch("select * from find_invite($1)", b"x" * 32) == []
        assert await nobody.fetch("select * from find_collaborations($1)", 4_000_000) == []


async def test_the_service_owns_nothing_and_cannot_become_who_does(database: Database) -> None:
    for forbidden in (
        "set role callstamp",
        "set session authorization callstamp",
        "alter table calls disable row level security",
        "drop policy of_company on calls",
        "truncate calls",
        "delete from audit_log",
        "update audit_log set action = 'nothing'",
        "create table public.mine (id int)",
    ):
        with pytest.raises(asyncpg.PostgresError):
            async with database.of_nobody() as nobody:
                await nobody.execute(forbidden)


class Careless:
    """A connection whose statements have lost every condition on the company."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self._db = db

    def __getattr__(self, method: str) -> Any:
        return lambda sql, *arguments: getattr(self._db, method)(
            sql.replace("company_id = $1", "$1::bigint is not null"), *arguments
        )


@asynccontextmanager
async def of_company_carelessly(self: Database, company_id: int, actor: Actor | None = None) -> AsyncIterator[Careless]:
    """In place of Database.of_company."""
    async with self.of_nobody() as db:
        await enter_company(db, company_id, actor)
        yield Careless(db)


@asynccontextmanager
async def without_walls(db: asyncpg.Connection) -> AsyncIterator[None]:
    """No row-level security meanwhile, to see what the statements hold apart by themselves."""
    await db.execute("alter role callstamp_admin bypassrls")
    try:
        yield
    finally:
        await db.execute("alter role callstamp_admin nobypassrls")
