"""The audit log, which triggers write (schemas/postgres/0007_audit_log.sql)."""

import json
from collections.abc import Collection
from datetime import datetime

import asyncpg

from admin.store.conditions import Conditions
from schemas.admin.audit_log import AuditActor, AuditEntry, AuditLogQuery

Thing = tuple[str, int]
"""What was changed: its kind, as the log calls it, and its id."""

_GRANTED = "join publishers as publisher on publisher.id = thing.publisher_id join {} as granted on granted.id = thing.{}"
_NAMED = {
    "publisher": ("publishers as thing", "thing.name"),
    "buyer": ("buyers as thing", "thing.name"),
    "campaign": ("campaigns as thing", "thing.name"),
    "number": ("tracking_numbers as thing", "thing.number"),
    "postback_key": ("postback_keys as thing", "thing.name"),
    "engine_key": ("engine_keys as thing", "thing.name"),
    "api_token": ("api_tokens as thing", "thing.name"),
    "collaborator": ("collaborators as thing", "thing.name"),
    "campaign_grant": (
        "campaign_grants as thing " + _GRANTED.format("campaigns", "campaign_id"),
        "granted.name || ' to ' || publisher.name",
    ),
    "number_grant": (
        "number_grants as thing " + _GRANTED.format("tracking_numbers", "number_id"),
        "granted.number || ' to ' || publisher.name",
    ),
}
"""Where things of each kind are, and what they are called."""


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


async def fetch_names(db: asyncpg.Connection, company_id: int, things: Collection[Thing]) -> dict[Thing, str]:
    """What the things are called, those that were removed, too; a grant by what was granted to whom."""
    questions = (
        f"""
        select '{kind}' as kind, thing.id, {name} as name
        from {tables}
        where thing.company_id = $1
          and thing.id = any(${n}::bigint[])
        """  # noqa: S608 - the literals above
        for n, (kind, (tables, name)) in enumerate(_NAMED.items(), 2)
    )
    ids = ([number for of, number in things if of == kind] for kind in _NAMED)
    rows = await db.fetch("union all".join(questions), company_id, *ids)
    return {(row["kind"], row["id"]): row["name"] for row in rows}
