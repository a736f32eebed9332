"""Making things, and granting them to publishers."""

import random
from collections.abc import Sequence
from typing import Any

import asyncpg

from tests.integration.admin.manager import Manager

NOUNS = ("campaigns", "numbers")
Ids = Sequence[int]


async def make_things(manager: Manager, noun: str, count: int) -> list[int]:
    """The ids of new campaigns, or of new numbers."""
    made = [await manager.create("campaigns", name=f"Campaign {n}") for n in range(count if noun == "campaigns" else 1)]
    if noun == "numbers":
        first = random.randrange(10**6)
        numbers = [f"+1800{(first + n) % 10**7:07}" for n in range(count)]
        made = [await manager.create("numbers", number=number, campaign_id=made[0]["id"]) for number in numbers]
    return [thing["id"] for thing in made]


async def make_publisher(manager: Manager) -> str:
    """The address of a new publisher."""
    return f"publishers/{(await manager.create('publishers', name='Publisher'))['id']}"


async def put(manager: Manager, address: str, noun: str, ids: Ids) -> Any:
    reply = await manager.ask("PUT", f"{address}/{noun}", {id_of(noun) + "s": list(ids)})
    assert reply.status == 200, reply
    return reply.body


def id_of(noun: str) -> str:
    return f"{noun.removesuffix('s')}_id"


async def live(manager: Manager, address: str, noun: str) -> list[int]:
    return sorted(grant[id_of(noun)] for grant in await manager.walk(f"{address}/{noun}"))


async def spans(db: asyncpg.Connection, noun: str) -> list[asyncpg.Record]:
    return list(
        await db.fetch(f"select *, {id_of(noun)} as thing from {noun.removesuffix('s')}_grants order by publisher_id, thing, id")
    )
