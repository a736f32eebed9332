"""The outbox: letters to be sent, each put there in the transaction that gives the reason for it."""

import asyncpg


async def enqueue_invite(db: asyncpg.Connection, company_id: int, collaborator_id: int) -> None:
    """Have the collaborator's invite sent; whoever sends it makes its link."""
    await db.execute(
        """
        insert into mails (kind, company_id, collaborator_id)
        values ('invite', $1, $2)
        """,
        company_id,
        collaborator_id,
    )
