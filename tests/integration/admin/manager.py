"""An account manager who speaks to the admin API, and what the drain would have written for their company."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
from aiohttp.test_utils import TestClient

from admin.new_company import make_company

JsonObject = dict[str, Any]
Door = TestClient[Any, Any] | aiohttp.ClientSession

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALLER = "+12025550100"

_numbers = itertools.count(1)


class Reply:
    """What the API answered."""

    def __init__(self, status: int, headers: Any, text: str) -> None:
        self.status, self.headers, self.text = status, headers, text
        self.body: Any = json.loads(text) if text.startswith(("{", "[")) else text

    @property
    def problem(self) -> tuple[int, str, str | None]:
        """Status, code and the field to blame."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        assert self.body["status"] == self.status
        return self.status, self.body["code"], self.body.get("field")

    def __repr__(self) -> str:
        return f"{self.status} {self.text}"


class Manager:
    """One company's API token at work."""

    def __init__(self, door: Door, company_id: int, token: str) -> None:
        self.door, self.company_id, self.token = door, company_id, token

    async def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any) -> Reply:
        """Send a request; a path without a leading slash is one under the company."""
        url = path if path.startswith("/") else f"/v1/companies/{self.company_id}/{path}".rstrip("/")
        async with self.door.request(method, url, json=body, params=query, headers=self.headers(token)) as reply:
            return Reply(reply.status, reply.headers, await reply.text())

    def headers(self, token: str | None) -> dict[str, str]:
        """Who it is that asks."""
        return {"Authorization": f"Bearer {token or self.token}"}

    async def get(self, path: str, **query: Any) -> Any:
        reply = await self.ask("GET", path, **query)
        assert reply.status == 200, reply
        return reply.body

    async def create(self, path: str, **fields: Any) -> Any:
        reply = await self.ask("POST", path, fields)
        assert reply.status == 201, reply
        return reply.body

    async def change(self, path: str, **fields: Any) -> Any:
        reply = await self.ask("PATCH", path, fields)
        assert reply.status == 200, reply
        return reply.body

    async def remove(self, path: str) -> None:
        reply = await self.ask("DELETE", path)
        assert (reply.status, reply.text) == (204, ""), reply

    async def walk(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page by page."""
        items: list[Any] = []
        page = await self.get(path, **query)
        while page["next_cursor"]:
            items += page["items"]
            page = await self.get(path, **query | {"cursor": page["next_cursor"]})
        return items + page["items"]

    async def create_one_of_each(self) -> dict[str, JsonObject]:
        """A publisher, buyer, campaign, number, key of each kind and API token, by the name that their ids have in paths."""
        publisher = await self.create("publishers", name="Publisher")
        campaign = await self.create("campaigns", name="Campaign")
        fields = {"number": f"+1800555{next(_numbers):04}", "campaign_id": campaign["id"], "publisher_id": publisher["id"]}
        return {
            "publisher": publisher,
            "buyer": await self.create("buyers", name="Buyer"),
            "campaign": campaign,
            "number": await self.create("numbers", **fields),
            "postback_key": await self.create(f"publishers/{publisher['id']}/postback-keys", name="Postback key"),
            "engine_key": await self.create("engine-keys", name="Engine key"),
            "api_token": await self.create("api-tokens", name="Another token"),
        }


async def make_manager(postgres_url: str, door: Door, name: str) -> Manager:
    made: Any = await make_company(postgres_url, name, "US")
    return Manager(door, made["company_id"], made["api_token"])


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


async def add_call(db: asyncpg.Connection, company_id: int, **fields: Any) -> str:
    """A call as the drain writes it; its call_uuid."""
    row = {
        "call_uuid": str(uuid4()),
        "hit_at": NOON,
        "company_id": company_id,
        "caller_number": CALLER,
        "status": "completed",
        "started_at": NOON,
        "tags": {},
        "attribution": {},
        "revision": 1,
    } | fields
    row |= {"tags": json.dumps(row["tags"]), "attribution": json.dumps(row["attribution"])}
    await _insert(db, "calls", row)
    return str(row["call_uuid"])


async def add_event(db: asyncpg.Connection, company_id: int, call_uuid: str, kind: str, **fields: Any) -> None:
    row = {
        "company_id": company_id,
        "call_uuid": call_uuid,
        "kind": kind,
        "revision": 1,
        "happened_at": NOON,
        "detail": {},
    } | fields
    await _insert(db, "call_events", row | {"detail": json.dumps(row["detail"])})


async def add_postback(db: asyncpg.Connection, company_id: int, **fields: Any) -> UUID:
    """A row of the postback log as the drain writes it; its id."""
    row = {
        "id": uuid4(),
        "received_at": NOON,
        "company_id": company_id,
        "publisher_id": 1,
        "postback_key_id": 1,
        "caller_number": CALLER,
        "tag_values": {"zeta": "1", "alpha": "2"},
        "outcome": "stored",
    } | fields
    await _insert(db, "postback_log", row | {"tag_values": json.dumps(row["tag_values"])})
    return UUID(str(row["id"]))


async def _insert(db: asyncpg.Connection, table: str, row: JsonObject) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await db.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())
