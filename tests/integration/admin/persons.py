"""People who are signed in, for tests of what they may do once they are."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

import asyncpg

from admin.auth import COOKIE, VIEW_AS
from admin.permissions import DEFAULTS, Kind
from shared.secret import hash_secret, new_secret
from tests.integration.admin.manager import Door, Manager, Reply

_numbers = itertools.count(1)

EVERYTHING: dict[Kind, dict[str, Any]] = {
    kind: dict.fromkeys(toggles, "allow") | {"view_caller_number": "full", "tag_names": ["zip", "prequalified"]}
    for kind, toggles in DEFAULTS.items()
}
NOTHING: dict[Kind, dict[str, Any]] = {
    kind: dict.fromkeys(toggles, "deny") | {"view_caller_number": "none", "tag_names": []} for kind, toggles in DEFAULTS.items()
}


class Person(Manager):
    """Somebody's browser. Without a session, with somebody else's eyes, or with a token, as it was made."""

    def __init__(self, door: Door, company_id: int, headers: dict[str, str], *, id: int = 0, user_id: int = 0) -> None:  # noqa: A002 - as the API calls it
        super().__init__(door, company_id, "")
        self.own_headers, self.id, self.user_id = headers, id, user_id

    def headers(self, token: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"} if token else self.own_headers

    def viewing_as(self, collaborator_id: int) -> "Person":
        """The same browser with that collaborator's eyes."""
        return Person(self.door, self.company_id, self.own_headers | {VIEW_AS: str(collaborator_id)})

    async def status(self, method: str, path: str, body: Any = None, **query: Any) -> int:
        reply: Reply = await self.ask(method, path, body, **query)
        return reply.status


def visitor(door: Door, company_id: int) -> Person:
    """Nobody in particular."""
    return Person(door, company_id, {})


async def add_person(
    db: asyncpg.Connection,
    door: Door,
    company_id: int,
    *,
    role: str = "collaborator",
    publisher_ids: Iterable[int] = (),
    buyer_ids: Iterable[int] = (),
    user_id: int | None = None,
) -> Person:
    """A collaborator of the company who has accepted, and is signed in; `user_id` for one who has a login already."""
    if user_id is None:
        user_id = await add_user(db)
    collaborator_id = await db.fetchval(
        """
        insert into collaborators (company_id, user_id, role, name, email, publisher_ids, buyer_ids, accepted_at)
        select $1, id, $3, name, email, $4, $5, now()
        from users
        where id = $2
        returning id
        """,
        company_id,
        user_id,
        role,
        list(publisher_ids),
        list(buyer_ids),
    )
    return Person(door, company_id, await begin_session(db, user_id), id=collaborator_id, user_id=user_id)


async def add_user(db: asyncpg.Connection) -> int:
    """A login whose password nobody knows."""
    number = next(_numbers)
    return int(
        await db.fetchval(
            "insert into users (email, name, password_hash) values ($1, $2, 'unknown') returning id",
            f"person{number}@example.com",
            f"Person {number}",
        )
    )


async def begin_session(db: asyncpg.Connection, user_id: int) -> dict[str, str]:
    """The headers of a browser in which they are signed in."""
    secret = new_secret("se")
    await db.execute(
        """
        insert into sessions (user_id, secret_hash, ends_at, idle_at)
        values ($1, $2, now() + interval '1 day', now() + interval '1 hour')
        """,
        user_id,
        hash_secret(secret),
    )
    return {"Cookie": f"{COOKIE}={secret}"}


async def permit(
    db: asyncpg.Connection, company_id: int, level: str, subject_id: int, for_kind: Kind, settings: dict[str, Any]
) -> None:
    """Let a level say this of its permissions, and nothing else."""
    await db.execute(
        """
        insert into permission_settings (company_id, level, subject_id, for_kind, settings)
        values ($1, $2, $3, $4, $5)
        on conflict (company_id, level, subject_id, for_kind) do update
        set settings = excluded.settings
        """,
        company_id,
        level,
        subject_id,
        for_kind,
        json.dumps(settings),
    )
