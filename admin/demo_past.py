"""`python -m admin.demo_past --company-id ID`: gives the demo company people, and a week of postbacks and calls.

What happened before can't be said through the doors, which know only now. So it is written here, by the operator, once, and told apart
for ever: the names of these calls begin with `demo-`, callers have numbers that are kept for stories (555-01xx), sources are 192.0.2.x.
The numbers that are granted count as granted for as long, or publishers would see nothing of it.
"""

import asyncio
import sys

import asyncpg
import click

from admin.database import enter_company
from admin.demo_week import invent_week
from admin.settings import AdminSettings
from shared.errors import Unavailable
from shared.postgres import open_pool, transaction
from shared.start import begin

PEOPLE = (
    ("publisher@demo.example", "Pat Publisher", "Northwind Calls", None, True),
    ("buyer@demo.example", "Bo Buyer", None, "Harbor Insurance", True),
    ("newcomer@demo.example", "Nel Newcomer", "Blue Ridge Media", None, True),
    ("invited@demo.example", "Ira Invited", None, "Summit Home Services", False),
)
"""E-mail address, name, acts as this publisher or buyer, has come in. Whoever has signs in with the owner's password."""


async def write_past(postgres_url: str, company_id: int) -> bool:
    """All of it in one transaction; False if it is there already. Raises Unavailable."""
    pool = await open_pool(postgres_url, size=1, statement_seconds=30)
    try:
        async with transaction(pool, acquire_seconds=5) as db:
            await enter_company(db, company_id, None)
            if await db.fetchval(
                "select exists (select from calls where company_id = $1 and call_uuid like 'demo-%')", company_id
            ):
                return False
            await _let_people_in(db, company_id)
            await _grant_long_ago(db, company_id)
            for table, rows in (await invent_week(db, company_id)).items():
                await db.copy_records_to_table(table, records=[tuple(row.values()) for row in rows], columns=list(rows[0]))
    finally:
        await pool.close()
    return True


async def _let_people_in(db: asyncpg.Connection, company_id: int) -> None:
    for email, name, publisher, buyer, has_come_in in PEOPLE:
        if has_come_in:
            await db.execute(
                """
                insert into users (email, name, password_hash)
                select $2, $3, owner.password_hash
                from collaborators
                join users as owner on owner.id = user_id
                where company_id = $1
                  and role = 'owner'
                order by collaborators.id
                limit 1
                on conflict do nothing
                """,
                company_id,
                email,
                name,
            )
        await db.execute(
            """
            insert into collaborators (company_id, user_id, role, name, email, publisher_ids, buyer_ids, accepted_at, invite_expires_at)
            select $1, users.id, 'collaborator', $3, $2,
                   array(select id from publishers where company_id = $1 and name = $4 and removed_at is null),
                   array(select id from buyers where company_id = $1 and name = $5 and removed_at is null),
                   case when users.id is not null then now() end,
                   case when users.id is null then now() + interval '7 days' end
            from (values (1)) as one
            left join users on users.email = $2 and $6
            on conflict do nothing
            """,
            company_id,
            email,
            name,
            publisher,
            buyer,
            has_come_in,
        )


async def _grant_long_ago(db: asyncpg.Connection, company_id: int) -> None:
    for table in ("number_grants", "campaign_grants"):
        await db.execute(
            f"update {table} set granted_at = granted_at - interval '8 days' where company_id = $1",  # noqa: S608 - named here
            company_id,
        )


@click.command()
@click.option("--company-id", type=int, required=True, help="The demo company.")
def main(company_id: int) -> None:
    """Give the demo company its people and a week that has been. Needs the database's owner, for admin writes no calls."""
    settings = begin("admin", AdminSettings, "ADMIN_")
    try:
        asyncio.run(write_past(settings.postgres_url, company_id))
    except Unavailable as away:
        sys.exit(f"cannot write it: {away.detail}")
    click.echo("{}")


if __name__ == "__main__":
    main()
