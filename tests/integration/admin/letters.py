"""Invites and their links, for tests of accepting them."""

from typing import Any

import asyncpg
from argon2 import PasswordHasher

from admin.auth import COOKIE
from shared.secret import hash_secret, new_secret
from tests.integration.admin.manager import Manager, Reply
from tests.integration.admin.persons import Person, visitor

PASSWORD = "a horse that staples"
EMAIL = "jane@example.com"


class Letter:
    """An invite and its link, as whoever sends it has made it."""

    def __init__(self, manager: Manager, db: asyncpg.Connection, collaborator_id: int) -> None:
        self.manager, self.db, self.id = manager, db, collaborator_id
        self.link = ""

    async def send(self) -> "Letter":
        secret = new_secret("in")
        await self.db.execute("update collaborators set invite_hash = $2 where id = $1", self.id, hash_secret(secret))
        self.link = f"/v1/invites/{secret}"
        return self

    async def age(self, interval: str) -> None:
        await self.db.execute(
            f"update collaborators set invite_expires_at = invite_expires_at - interval '{interval}' where id = $1", self.id
        )

    async def look(self, person: Person | None = None) -> Reply:
        return await self._visitor(person).ask("GET", self.link)

    async def accept(self, person: Person | None = None, **said: Any) -> Reply:
        return await self._visitor(person).ask("POST", f"{self.link}/accept", said)

    def _visitor(self, person: Person | None) -> Person:
        return person or visitor(self.manager.door, self.manager.company_id)


async def invite(manager: Manager, db: asyncpg.Connection, email: str = EMAIL, **fields: Any) -> Letter:
    made = await manager.create("collaborators", name="Jane", email=email, **fields)
    return await Letter(manager, db, made["id"]).send()


def cookie_of(reply: Reply) -> dict[str, str]:
    """The headers of the browser that got this answer."""
    cookies = [value for value in reply.headers.getall("Set-Cookie", []) if value.startswith(f"{COOKIE}=")]
    assert len(cookies) == 1, reply
    assert "HttpOnly" in cookies[0]
    return {"Cookie": cookies[0].partition(";")[0]}


async def give_password(db: asyncpg.Connection, person: Person, password: str = PASSWORD) -> str:
    """Have the person sign in with it; their e-mail address."""
    kept = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(password)
    return str(await db.fetchval("update users set password_hash = $2 where id = $1 returning email", person.user_id, kept))


async def state(db: asyncpg.Connection) -> list[Any]:
    """All that accepting changes."""
    return [
        [tuple(row) for row in await db.fetch(f"select * from {table} order by id")]
        for table in ("collaborators", "users", "audit_log", "mails")
    ]
