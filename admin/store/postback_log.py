"""The postback log, as the drain wrote it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import UNSET, Struct

from admin.masks import TELLING_CODES, mask_postback
from admin.permissions import Actor, Sight
from admin.store import calls
from admin.store.conditions import Conditions
from admin.store.sight import Eyes
from schemas.admin.fields import given
from schemas.admin.postback_log import Postback, PostbacksQuery
from shared.errors import NotFound

MOST_OF_ONE_CALL = 2000

_COLUMNS = """id, received_at, publisher_id, postback_key_id, caller_number, call_uuids, tag_values, outcome, code, expires_at,
               host(source_ip) as source_ip, replayed, occurrences,
               exists (
                 select from postback_keys where company_id = $1 and postback_keys.id = postback_key_id and opaque_status
               ) as is_opaque"""


class LoggedPostback(Struct, frozen=True, kw_only=True):
    """A postback in full, and whether its key is opaque."""

    postback: Postback
    is_opaque: bool


class PostbackEyes(Struct, frozen=True, kw_only=True):
    """With what an actor looks at postbacks: as which publishers, and at the calls they reached. `call_eyes` None: at none."""

    actor: Actor
    sight: Sight
    needs: tuple[str, ...]
    call_eyes: Eyes | None


async def fetch_page(
    db: asyncpg.Connection,
    company_id: int,
    eyes: PostbackEyes,
    query: PostbacksQuery,
    *,
    caller_number: str | None,
    before: tuple[datetime, UUID] | None,
) -> list[Postback]:
    """At most `query.limit + 1` postbacks before the key `before`, the newest first."""
    where = Conditions("company_id = {}", company_id)
    where.add("received_at >= {}", query.from_)
    where.add("received_at < {}", query.to)
    where.add("publisher_id = {}", query.publisher_id)
    where.add("publisher_id = (select publisher_id from postback_keys where id = {})", query.postback_key_id)  # finds the index
    where.add("postback_key_id = {}", query.postback_key_id)
    where.add("outcome = {}", query.outcome)
    where.add("outcome = 'refused' and code = {}", query.code)
    where.add("caller_number = {}", caller_number or UNSET)
    if query.outcome not in (UNSET, "stored"):
        where.clauses.append("outcome <> 'stored'")  # as a literal, so that the planner may use the index of the rarer outcomes
    if (call_uuid := given(query.call_uuid)) is not None:
        found = await _find_of_call(db, call_uuid) if await _sees_call(db, company_id, eyes, call_uuid) else []
        where.add("id = any({})", found)
        where.add("{} = any(call_uuids)", call_uuid)
    if before:
        where.add_key("(received_at, id) < ({}, {})", before)
    if not eyes.sight.everything:
        _add_sight(where, eyes, query, caller_number)
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from {_merge_streams(where, eyes, query.limit + 1)}
        order by received_at desc, id desc
        limit {query.limit + 1}
        """,  # noqa: S608 - the conditions are literals above, what they compare with travels as arguments
        *where.arguments,
    )
    return await _show(db, company_id, eyes, [_as_logged(row) for row in rows])


def _add_sight(where: Conditions, eyes: PostbackEyes, query: PostbacksQuery, caller_number: str | None) -> None:
    """What is hidden from a publisher finds nothing: full numbers, and what its opaque keys' replies don't tell."""
    if caller_number is not None:
        sight = eyes.actor.check_shows(eyes.actor.sight(*eyes.needs, field="caller_number"), "caller_number")
        where.add("publisher_id = any({}::bigint[])", list(sight.publisher_ids))
    if query.outcome is not UNSET or query.code is not UNSET:
        where.add(
            "((outcome = 'refused' and code <> all({}::text[]))"
            " or not exists (select from postback_keys where company_id = $1 and postback_keys.id = postback_key_id and opaque_status))",
            list(TELLING_CODES),
        )


def _merge_streams(where: Conditions, eyes: PostbackEyes, limit: int) -> str:
    """The postbacks that are seen: of each publisher as many as fit on the page, from the index that has them in this order."""
    if eyes.sight.everything:
        return f"postback_log where {where}"
    publishers = where.argument(list(eyes.sight.publisher_ids))
    return f"""unnest({publishers}::bigint[]) as publisher (of_publisher)
        cross join lateral (
          select *
          from postback_log
          where {where}
            and publisher_id = of_publisher
          order by received_at desc, id desc
          limit {limit}
        ) as own"""  # noqa: S608 - as above


async def _sees_call(db: asyncpg.Connection, company_id: int, eyes: PostbackEyes, call_uuid: str) -> bool:
    """Whether it may be told which postbacks reached that call."""
    return eyes.sight.everything or call_uuid in await _find_seen(db, company_id, eyes, [call_uuid])


async def _find_of_call(db: asyncpg.Connection, call_uuid: str) -> list[UUID]:
    rows = await db.fetch("select id from find_postbacks_of_call($1, $2)", call_uuid, MOST_OF_ONE_CALL)
    return [row["id"] for row in rows]


async def _find_seen(db: asyncpg.Connection, company_id: int, eyes: PostbackEyes, call_uuids: Iterable[str]) -> frozenset[str]:
    if eyes.call_eyes is None:
        return frozenset()
    return await calls.find_seen(db, company_id, eyes.call_eyes, call_uuids)


async def _show(db: asyncpg.Connection, company_id: int, eyes: PostbackEyes, rows: Sequence[LoggedPostback]) -> list[Postback]:
    """The postbacks as they are shown to who looks."""
    if eyes.sight.everything:
        return [row.postback for row in rows]
    reached = {call_uuid for row in rows for call_uuid in row.postback.call_uuids}
    seen_calls = await _find_seen(db, company_id, eyes, reached) if reached else frozenset()
    publishers = {subject.id: subject for subject in eyes.actor.subjects if subject.kind == "publisher"}
    return [
        mask_postback(row.postback, publishers[row.postback.publisher_id], is_opaque=row.is_opaque, seen_calls=seen_calls)
        for row in rows
    ]


async def get(db: asyncpg.Connection, company_id: int, eyes: PostbackEyes, postback_id: UUID) -> Postback:
    """The postback; raises NotFound."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from postback_log
        where company_id = $1
          and id = $2
          and ($3 or publisher_id = any($4::bigint[]))
        order by received_at
        limit 1
        """,  # noqa: S608 - the columns are literals above
        company_id,
        postback_id,
        eyes.sight.everything,
        list(eyes.sight.publisher_ids),
    )
    if row is None:
        raise NotFound
    return (await _show(db, company_id, eyes, [_as_logged(row)]))[0]


async def find_publisher_of_key(db: asyncpg.Connection, company_id: int, postback_key_id: int) -> int | None:
    """Whose a postback key is, or was before it was revoked."""
    publisher_id: int | None = await db.fetchval(
        """
        select publisher_id
        from postback_keys
        where company_id = $1
          and id = $2
        """,
        company_id,
        postback_key_id,
    )
    return publisher_id


async def fetch_of_call(
    db: asyncpg.Connection, company_id: int, call: calls.SeenCall, attributed: Sequence[UUID], eyes: Eyes, *, limit: int
) -> list[Postback]:
    """The postbacks that reached a call at once, and those whose tags it got when it was merged; oldest first.

    A publisher as which the call is seen finds its own among them, others none.
    """
    call_uuid = call.call.call_uuid
    own = tuple(subject.id for subject in call.seen_as if subject.kind == "publisher" and subject.may("view_postback_log"))
    sight = Sight(everything=eyes.sight.everything, publisher_ids=own)
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from postback_log
        where company_id = $1
          and id = any($2::uuid[])
          and ($3 or publisher_id = any($4::bigint[]))
        order by received_at, id
        limit $5
        """,  # noqa: S608 - the columns are literals above
        company_id,
        [*attributed, *await _find_of_call(db, call_uuid)] if sight.everything or own else [],
        sight.everything,
        list(own),
        limit,
    )
    needs = ("view_postback_log",)
    looking = PostbackEyes(actor=eyes.actor, sight=sight, needs=needs, call_eyes=eyes)
    return await _show(db, company_id, looking, [_as_logged(row) for row in rows])


def _as_logged(row: Mapping[str, Any]) -> LoggedPostback:
    fields: dict[str, Any] = {**row, "tag_values": json.loads(row["tag_values"])}
    is_opaque = fields.pop("is_opaque")
    postback = Postback(**fields, call_uuid=row["call_uuids"][0] if row["call_uuids"] else None)
    return LoggedPostback(postback=postback, is_opaque=is_opaque)
