"""Migrations: many at once do the work once, an edited one is found out, days get their partitions."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from callstamp.database import give_admin_its_password
from ingest.kept_tables import postback_keys
from shared import migrate as migration
from shared.embedded import EmbeddedPostgres
from shared.migrate import MigrationChanged, migrate


async def test_several_at_once_apply_each_file_once(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("create database many")
    try:
        url = postgres.url_of("many")
        fresh = await asyncio.gather(*(migrate(url) for _ in range(4)))
        assert sorted(len(names) for names in fresh) == [0, 0, 0, max(len(names) for names in fresh)]
        assert await migrate(url) == []
    finally:
        await connection.execute("drop database many with (force)")
        await connection.close()


async def test_an_edited_migration_is_found_out(postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file in migration.MIGRATIONS.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text() + "-- changed")
    monkeypatch.setattr(migration, "MIGRATIONS", tmp_path)
    with pytest.raises(MigrationChanged, match="add a new file"):
        await migrate(postgres_url)


async def test_keys_from_before_there_were_limits_go_on_without_any(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for file in sorted(migration.MIGRATIONS.glob("*.sql"))[:3]:
        (tmp_path / file.name).write_text(file.read_text())
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("create database older")
    try:
        with monkeypatch.context() as older:
            older.setattr(migration, "MIGRATIONS", tmp_path)
            await migrate(postgres.url_of("older"))
        database = await asyncpg.connect(postgres.url_of("older"))
        await database.execute(
            """
            insert into companies (name) values ('Acme');
            insert into publishers (company_id, name) values (1, 'Publisher');
            insert into postback_keys (company_id, publisher_id, name, storage_duration_seconds, end_call_cutoff_seconds)
            values (1, 1, 'Key', 60, 60)
            """
        )
        await migrate(postgres.url_of("older"))
        rows = await database.fetch(postback_keys(lambda _: None).sql.replace("$1::text", "'0'"))
        await database.close()
        assert [tuple(row)[-6:] for row in rows] == [(False, False, None, None, None, None)]
    finally:
        await connection.execute("drop database older with (force)")
        await connection.close()


async def test_a_day_whose_rows_are_in_the_rest_blocks_nothing(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(
        """
        insert into call_events (company_id, call_uuid, revision, happened_at, kind)
        values (1, 'c1', 1, now() + interval '30 days', 'hit')
        """
    )
    await connection.execute("select make_partitions((now() at time zone 'UTC')::date + 29, 3)")
    made = await connection.fetchval("select count(*) from pg_class where relname ~ '^(postback_log|calls|call_events)_[0-9]+$'")
    await connection.execute("select make_partitions((now() at time zone 'UTC')::date + 29, 3)")  # and again
    await connection.close()
    assert made == 3 * 8 + 3 * 3 - 1


async def test_admins_role_gets_the_password_that_its_url_has(postgres_url: str) -> None:
    """Whatever stands in it; and a URL of another role, or without one, changes nothing."""
    connection = await asyncpg.connect(postgres_url)
    kept = "select rolpassword from pg_authid where rolname = 'callstamp_admin'"

    def give(url: str) -> bool:
        return give_admin_its_password(postgres_url, {"ADMIN_POSTGRES_URL": url} if url else {})

    try:
        assert await asyncio.to_thread(give, "postgresql://callstamp_admin:it%27s%3B--%25@db/callstamp")
        first = await connection.fetchval(kept)
        assert first.startswith("SCRAM-SHA-256$")
        for other in ("", "postgresql://callstamp_admin@db/callstamp", "postgresql://callstamp:secret@db/callstamp"):
            assert not await asyncio.to_thread(give, other)
        assert await connection.fetchval(kept) == first
    finally:
        await connection.execute("alter role callstamp_admin password null")
        await connection.close()
