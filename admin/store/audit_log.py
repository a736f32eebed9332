"""The audit log, which triggers write (schemas/postgres/0007_audit_log.sql)."""

import json
from datetime import datetime

import asyncpg

from admin.store.conditions import Conditions
from schemas.admin.audit_log import AuditActor, AuditEntry, AuditLogQuery


async def fetch_page(
    db: asyncpg.Connection, company_id: int, query: AuditLogQuery, *, before: tuple[datetime, int] | None
) -> list[AuditEntry]:
    """At most `query.limit + 1` changes before `before`, the newest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("at >= {}", query.from_)
    where.add("at < {}", query.to)
    where.add("object = {}", query.object)
    where.add("object_id = {}", query.object_id)
    where.add("action = {}", query.action)
    where.add("actor_kind = {}", query.actor_kind)
    where.add("actor_id = {}", query.actor_id)
    if before:
        where.add_key("(at, id) < ({}, {})", before)
    rows = await db.fetch(
        f"""
        select id, at, actor, action, object, object_id, old, new
        from audit_log
        where {where}
        order by at desc, id desc
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return [_read(row) for row in rows]


def _read(row: asyncpg.Record) -> AuditEntry:
    """A row with what it keeps as JSON."""
    old, new = (json.loads(row[column]) if row[column] else None for column in ("old", "new"))
    fields = dict(row) | {"actor": AuditActor(**json.loads(row["actor"])), "old": old, "new": new}
    return AuditEntry(**fields)
