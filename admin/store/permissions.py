"""What each level says of permissions; what it says nothing of isn't kept."""

import json
from typing import Any

import asyncpg

from admin.permissions import Levels
from admin.toggles import Kind, Level, Settings


async def fetch_levels(
    db: asyncpg.Connection, company_id: int, collaborator_id: int | None, publisher_ids: list[int], buyer_ids: list[int]
) -> Levels:
    """What is said on each level that concerns a collaborator who acts as these."""
    rows = await db.fetch(
        """
        select level, subject_id, for_kind, settings
        from permission_settings
        where company_id = $1
          and (
            level = 'company'
            or (level = 'collaborator' and subject_id = $2)
            or (level = 'publisher' and subject_id = any($3::bigint[]))
            or (level = 'buyer' and subject_id = any($4::bigint[]))
          )
        """,
        company_id,
        collaborator_id,
        publisher_ids,
        buyer_ids,
    )
    said: dict[str, dict[Any, Settings]] = {"company": {}, "collaborator": {}, "publisher": {}, "buyer": {}}
    for row in rows:
        key = row["subject_id"] if row["level"] in ("publisher", "buyer") else row["for_kind"]
        said[row["level"]][key] = read_settings(row["settings"])
    return Levels(company=said["company"], collaborator=said["collaborator"], publishers=said["publisher"], buyers=said["buyer"])


def read_settings(stored: str) -> Settings:
    """What a level says, as the table keeps it."""
    return {name: tuple(setting) if isinstance(setting, list) else setting for name, setting in json.loads(stored).items()}


async def fetch_settings(db: asyncpg.Connection, company_id: int, level: Level, subject_id: int) -> dict[Kind, Settings]:
    """What one level says of the permissions of publishers and of buyers; `subject_id` is 0 for the company."""
    rows = await db.fetch(
        """
        select for_kind, settings
        from permission_settings
        where company_id = $1
          and level = $2
          and subject_id = $3
        """,
        company_id,
        level,
        subject_id,
    )
    return {row["for_kind"]: read_settings(row["settings"]) for row in rows}


async def change(
    db: asyncpg.Connection, company_id: int, level: Level, subject_id: int, for_kind: Kind, said: Settings, inherited: set[str]
) -> None:
    """Have a level say what is `said`, and nothing of what is `inherited`. Of two changes at once neither undoes the other."""
    place = (company_id, level, subject_id, for_kind)
    before = await _hold(db, place)
    kept = {name: setting for name, setting in ({**(before or {}), **said}).items() if name not in inherited}
    if before is None and kept:
        await _insert(db, place, kept)
    elif before and not kept:
        await _delete(db, place)
    elif before is not None and kept != before:
        await _update(db, place, kept)


Place = tuple[int, Level, int, Kind]
"""Company, level, subject and kind: of what something is said."""


async def _hold(db: asyncpg.Connection, place: Place) -> Settings | None:
    """What is said there, which nobody else changes until the transaction ends; None: nothing."""
    stored = await db.fetchval(
        """
        select settings
        from permission_settings
        where company_id = $1
          and level = $2
          and subject_id = $3
          and for_kind = $4
        for update
        """,
        *place,
    )
    return None if stored is None else read_settings(stored)


async def _insert(db: asyncpg.Connection, place: Place, settings: Settings) -> None:
    """Begin to say something there; together with what somebody else has begun to say meanwhile."""
    await db.execute(
        """
        insert into permission_settings (company_id, level, subject_id, for_kind, settings)
        values ($1, $2, $3, $4, $5::jsonb)
        on conflict (company_id, level, subject_id, for_kind) do update
        set settings = permission_settings.settings || excluded.settings
        """,
        *place,
        json.dumps(settings),
    )


async def _update(db: asyncpg.Connection, place: Place, settings: Settings) -> None:
    await db.execute(
        """
        update permission_settings
        set settings = $5::jsonb
        where company_id = $1
          and level = $2
          and subject_id = $3
          and for_kind = $4
        """,
        *place,
        json.dumps(settings),
    )


async def _delete(db: asyncpg.Connection, place: Place) -> None:
    await db.execute(
        """
        delete from permission_settings
        where company_id = $1
          and level = $2
          and subject_id = $3
          and for_kind = $4
        """,
        *place,
    )
