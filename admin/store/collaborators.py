"""Collaborators: the people of a company, whatever their role."""

import json
from typing import Any

import asyncpg
import msgspec

from admin.permissions import Actor, Kind, Levels, Settings, decide_all
from shared.errors import NotFound


async def find_id_of_user(db: asyncpg.Connection, user_id: int | None, company_id: int) -> int | None:
    """Which collaborator of the company a person is."""
    rows = await db.fetch("select collaborator_id, company_id from find_collaborations($1)", user_id)
    return next((row["collaborator_id"] for row in rows if row["company_id"] == company_id), None)


async def load_actor(
    db: asyncpg.Connection, actor: Actor, company_id: int, collaborator_id: int, *, viewing: bool = False
) -> Actor | None:
    """The actor as this collaborator: role, and all that was decided for each publisher and buyer they act as. None: removed.

    A token of a collaborator's own acts only as those as whom `use_api` is allowed.
    """
    row = await db.fetchrow(
        """
        select role,
               array(
                 select id
                 from publishers
                 where company_id = $1
                   and id = any(publisher_ids)
                   and removed_at is null
                 order by id
               ) as publisher_ids,
               array(
                 select id
                 from buyers
                 where company_id = $1
                   and id = any(buyer_ids)
                   and removed_at is null
                 order by id
               ) as buyer_ids
        from collaborators
        where company_id = $1
          and id = $2
          and removed_at is null
        """,
        company_id,
        collaborator_id,
    )
    if row is None or (viewing and row["role"] != "collaborator"):
        return None
    subjects: dict[Kind, list[int]] = {"publisher": row["publisher_ids"], "buyer": row["buyer_ids"]}
    levels = await fetch_levels(db, company_id, collaborator_id, subjects["publisher"], subjects["buyer"])
    decided = tuple(decide_all(kind, levels, subject_id) for kind, ids in subjects.items() for subject_id in ids)
    if actor.kind == "api_token" and not viewing:
        decided = tuple(subject for subject in decided if subject.may("use_api"))
    return msgspec.structs.replace(
        actor,
        company_id=company_id,
        role=row["role"],
        collaborator_id=collaborator_id,
        subjects=decided,
        viewing_as=collaborator_id if viewing else None,
    )


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


async def note_view_as(db: asyncpg.Connection, actor: Actor, collaborator_id: int) -> None:
    """Leave a row in the audit log that this manager looks at things as that collaborator, once an hour."""
    await db.execute(
        """
        insert into audit_log (company_id, actor, action, object, object_id)
        select $1, $2::jsonb, 'viewed_as', 'collaborator', $3
        where not exists (
          select from audit_log
          where company_id = $1
            and object = 'collaborator'
            and object_id = $3
            and action = 'viewed_as'
            and actor = $2::jsonb
            and at > now() - interval '1 hour'
        )
        """,
        actor.company_id,
        json.dumps(actor.described()),
        str(collaborator_id),
    )


async def get_role(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> str:
    """The role of somebody of the company; raises NotFound."""
    role: str | None = await db.fetchval(
        """
        select role
        from collaborators
        where company_id = $1
          and id = $2
          and removed_at is null
        """,
        company_id,
        collaborator_id,
    )
    if role is None:
        raise NotFound
    return role
