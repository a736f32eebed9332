"""Collaborators: the people of a company, whatever their role, and their invites."""

from collections.abc import Sequence

import asyncpg

from admin.errors import CollaboratorExists
from admin.roles import Standing
from admin.store.conditions import Conditions, holding
from admin.toggles import Kind
from schemas.admin.collaborators import Collaborator, CollaboratorChange, CollaboratorsQuery, NewCollaborator
from schemas.admin.fields import given
from shared.errors import NotFound

INVITE_DAYS = 7

_PEOPLE = """
select id,
       name,
       email,
       role,
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
       ) as buyer_ids,
       case
         when accepted_at is null then 'invited'
         when role <> 'collaborator' then 'connected'
         when exists (
           select
           from buyers
           where company_id = $1
             and id = any(buyer_ids)
             and removed_at is null
         ) then 'connected'
         when exists (
           select
           from campaign_grants
           where company_id = $1
             and publisher_id = any(publisher_ids)
             and revoked_at is null
         ) then 'connected'
         when exists (
           select
           from number_grants
           where company_id = $1
             and publisher_id = any(publisher_ids)
             and revoked_at is null
         ) then 'connected'
         else 'no_permissions'
       end as status,
       invited_at,
       invite_expires_at,
       accepted_at,
       created_at
from collaborators
where company_id = $1
  and removed_at is null
"""
"""Everybody, with the status that is worked out here and nowhere else. The grants of what was removed are revoked already."""


async def fetch_page(db: asyncpg.Connection, company_id: int, query: CollaboratorsQuery, *, after_id: int) -> list[Collaborator]:
    """At most `query.limit + 1` collaborators after `after_id`, the oldest first."""
    where = Conditions("{}::bigint is not null", company_id)
    where.add("id > {}", after_id)
    where.add("{} = any(publisher_ids)", query.publisher_id)
    where.add("{} = any(buyer_ids)", query.buyer_id)
    where.add("role = {}", query.role)
    where.add("status = {}", query.status)
    where.add("name || e'\\n' || email ilike {}", holding(query.search))
    rows = await db.fetch(
        f"""
        select id, name, email, role, publisher_ids, buyer_ids, status, invited_at, invite_expires_at, accepted_at, created_at
        from ({_PEOPLE}) as people
        where {where}
        order by id
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [Collaborator(**row) for row in rows]


async def get(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> Collaborator:
    """The collaborator; raises NotFound."""
    row = await db.fetchrow(f"{_PEOPLE} and id = $2", company_id, collaborator_id)
    if row is None:
        raise NotFound
    return Collaborator(**row)


async def insert(db: asyncpg.Connection, company_id: int, new: NewCollaborator) -> int:
    """Make a collaborator who is invited for a week; their publishers and buyers are held by then. Raises CollaboratorExists."""
    try:
        made: int = await db.fetchval(
            """
            insert into collaborators (company_id, name, email, role, publisher_ids, buyer_ids, invite_expires_at)
            values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))
            returning id
            """,
            company_id,
            new.name,
            new.email.lower(),
            new.role,
            sorted(set(new.publisher_ids)),
            sorted(set(new.buyer_ids)),
            INVITE_DAYS,
        )
    except asyncpg.UniqueViolationError:
        raise CollaboratorExists(field="email") from None
    return made


async def change(db: asyncpg.Connection, company_id: int, collaborator_id: int, change: CollaboratorChange) -> None:
    """Make the change; new publishers and buyers are held by then. Raises NotFound."""
    publisher_ids, buyer_ids = given(change.publisher_ids), given(change.buyer_ids)
    changed = await db.fetchval(
        """
        update collaborators
        set name = coalesce($3, name),
            role = coalesce($4, role),
            publisher_ids = coalesce($5, publisher_ids),
            buyer_ids = coalesce($6, buyer_ids)
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        collaborator_id,
        given(change.name),
        given(change.role),
        None if publisher_ids is None else sorted(set(publisher_ids)),
        None if buyer_ids is None else sorted(set(buyer_ids)),
    )
    if changed is None:
        raise NotFound


async def remove(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> None:
    """Remove the collaborator and revoke their own API tokens; raises NotFound."""
    removed = await db.fetchval(
        """
        update collaborators
        set removed_at = now()
        where company_id = $1
          and id = $2
          and removed_at is null
        returning id
        """,
        company_id,
        collaborator_id,
    )
    if removed is None:
        raise NotFound
    await db.execute(
        """
        update api_tokens
        set revoked_at = now()
        where company_id = $1
          and collaborator_id = $2
          and revoked_at is null
        """,
        company_id,
        collaborator_id,
    )


async def hold_standings(db: asyncpg.Connection, company_id: int, collaborator_id: int | None = None) -> dict[int, Standing]:
    """The role of each owner and superuser, and of this collaborator, which nobody else changes until the transaction ends.

    They are locked in one order: of two owners who remove each other at once, the second finds that they are removed.
    """
    rows = await db.fetch(
        """
        select id, role, accepted_at is not null as has_accepted
        from collaborators
        where company_id = $1
          and removed_at is null
          and (role <> 'collaborator' or id = $2)
        order by id
        for no key update
        """,
        company_id,
        collaborator_id,
    )
    return {row["id"]: Standing(row["role"], row["has_accepted"]) for row in rows}


async def hold_subjects(
    db: asyncpg.Connection, company_id: int, *, publisher_ids: Sequence[int] = (), buyer_ids: Sequence[int] = ()
) -> None:
    """Keep these from being removed until the transaction ends; raises NotFound, naming the field, if one isn't there."""
    for noun, ids in (("publisher", publisher_ids), ("buyer", buyer_ids)):
        held = await db.fetch(
            f"""
            select id
            from {noun}s
            where company_id = $1
              and id = any($2::bigint[])
              and removed_at is null
            order by id
            for share
            """,  # noqa: S608 - one of two tables
            company_id,
            ids,
        )
        if len(held) < len(set(ids)):
            raise NotFound(f"There is no such {noun}.", field=f"{noun}_ids")


async def fetch_subjects(db: asyncpg.Connection, company_id: int, collaborator: Collaborator) -> list[tuple[Kind, int, str]]:
    """Kind, id and name of those as whom a collaborator acts."""
    rows = await db.fetch(
        """
        select 'publisher' as kind, id, name
        from publishers
        where company_id = $1
          and id = any($2::bigint[])
        union all
        select 'buyer' as kind, id, name
        from buyers
        where company_id = $1
          and id = any($3::bigint[])
        order by kind desc, id
        """,
        company_id,
        collaborator.publisher_ids,
        collaborator.buyer_ids,
    )
    return [(row["kind"], row["id"], row["name"]) for row in rows]
