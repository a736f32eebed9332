"""Who asks, as what they are in a company: a collaborator's role, and what was decided for each publisher and buyer they act as."""

import json

import asyncpg
import msgspec

from admin.permissions import Actor, decide_all
from admin.store import permissions
from admin.toggles import Kind

VIEW_AS_LOCK = 0x56494557
"""An advisory lock for each collaborator: of those who view as them at once, one leaves the note."""


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
    levels = await permissions.fetch_levels(db, company_id, collaborator_id, subjects["publisher"], subjects["buyer"])
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


async def note_view_as(db: asyncpg.Connection, actor: Actor, collaborator_id: int) -> None:
    """Leave a row in the audit log that this manager looks at things as that collaborator, once an hour.

    A page asks for many things at once: whoever finds nothing noted waits for the others and looks again.
    """
    described = json.dumps(actor.described())
    if await _is_view_noted(db, actor.company_id, collaborator_id, described):
        return
    await db.execute("select pg_advisory_xact_lock($1, $2::bigint::integer)", VIEW_AS_LOCK, collaborator_id % 2**31)
    if await _is_view_noted(db, actor.company_id, collaborator_id, described):
        return
    await db.execute(
        """
        insert into audit_log (company_id, actor, action, object, object_id)
        values ($1, $2::jsonb, 'viewed_as', 'collaborator', $3)
        """,
        actor.company_id,
        described,
        str(collaborator_id),
    )


async def _is_view_noted(db: asyncpg.Connection, company_id: int | None, collaborator_id: int, described: str) -> bool:
    noted: bool = await db.fetchval(
        """
        select exists (
          select
          from audit_log
          where company_id = $1
            and object = 'collaborator'
            and object_id = $2
            and action = 'viewed_as'
            and actor = $3::jsonb
            and at > now() - interval '1 hour'
        )
        """,
        company_id,
        str(collaborator_id),
        described,
    )
    return noted
