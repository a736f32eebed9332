"""A company with what it needs, and the services in process on real stores, spoken to as publishers and engines do."""

import json
from typing import Any

import asyncpg
import msgspec
import redis.asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from ingest.merger.drain import Drain
from ingest.redis_keys import call_key, caller_calls_key, waiting_key
from shared.runner import DoorRunner
from shared.secret import hash_secret, new_secret
from tests.waiting import wait_for

CALLER = "+15551230000"
JsonObject = dict[str, Any]
DURATIONS = {"storage_duration_seconds": 172_800, "end_call_cutoff_seconds": 3600}
"""What a postback key says unless a test has it say otherwise."""


class ClusterClient(redis.asyncio.RedisCluster):
    """A client of all servers: what a test configures or flushes, it does to each."""

    async def config_set(self, name: str, value: Any, *more: Any, **options: Any) -> Any:
        return await super().config_set(name, value, *more, target_nodes=self.ALL_NODES)

    async def function_flush(self, mode: str = "SYNC") -> Any:
        return await self.execute_command("FUNCTION FLUSH", mode, target_nodes=self.PRIMARIES)

    async def keys(self, pattern: str = "*", **options: Any) -> list[bytes]:
        return [name async for name in self.scan_iter(pattern, count=1000)]


def open_client(redis_url: str) -> Any:
    """A client for a test that looks into the store, one server or a cluster; close it."""
    if redis_url.startswith("redis+cluster://"):
        return ClusterClient.from_url("redis://" + redis_url.partition("://")[2].partition(",")[0], protocol=2, driver_info=None)
    return redis.asyncio.from_url(redis_url, protocol=2, driver_info=None)


class DoorServer(TestServer):
    """A test server with the connection handling that is run in production."""

    async def _make_runner(self, **options: Any) -> DoorRunner:
        assert isinstance(self.app, web.Application)
        return DoorRunner(self.app, **options)


class Key(msgspec.Struct):
    """A postback key or engine key in the database."""

    id: int
    secret: str
    publisher_id: int = 0


class Company(msgspec.Struct):
    """A company with a publisher, a campaign, a buyer, a tracking number and a key of each kind."""

    id: int
    publisher_id: int
    campaign_id: int
    buyer_id: int
    number: str
    key: Key
    engine_key: Key


class World:
    """Two doors and a drain. What a method answers is the reply's JSON, unless it says otherwise."""

    def __init__(
        self,
        postgres: asyncpg.Connection,
        store: Any,
        ingest: TestClient[Any, Any],
        merger: TestClient[Any, Any],
        drain: Drain,
    ) -> None:
        self.postgres = postgres
        self.store = store
        self.ingest = ingest
        self.merger = merger
        self.drain_loop = drain
        self.company: Company

    # what a manager sets up

    async def add_company(self, region: str = "US", number: str = "+18005550100") -> Company:
        """Adds a company and all that it needs, in one statement, as nearly every test begins with it."""
        secret, engine_secret = new_secret("pk"), new_secret("ek")
        row = await self.postgres.fetchrow(
            _ADD_COMPANY, region, number, *DURATIONS.values(), hash_secret(secret), hash_secret(engine_secret)
        )
        company_id, publisher_id, campaign_id, buyer_id, key_id, engine_key_id = row
        key, engine_key = Key(key_id, secret, publisher_id), Key(engine_key_id, engine_secret)
        return Company(company_id, publisher_id, campaign_id, buyer_id, number, key, engine_key)

    async def add_publisher(self, company_id: int | None = None) -> int:
        return await self._insert("publishers", company_id=company_id or self.company.id, name="Another publisher")

    async def add_key(self, company_id: int | None = None, publisher_id: int | None = None, **options: Any) -> Key:
        publisher_id = publisher_id or self.company.publisher_id
        key_id = await self._insert(
            "postback_keys",
            company_id=company_id or self.company.id,
            publisher_id=publisher_id,
            name="Key",
            **DURATIONS | options,
        )
        return Key(key_id, await self._add_secret("postback_key", "pk", key_id), publisher_id)

    async def add_engine_key(self, company_id: int, **options: Any) -> Key:
        key_id = await self._insert("engine_keys", company_id=company_id, name="Engine", **options)
        return Key(key_id, await self._add_secret("engine_key", "ek", key_id))

    async def _add_secret(self, table: str, kind: str, key_id: int) -> str:
        secret = new_secret(kind)
        await self.postgres.execute(
            f"insert into {table}_secrets (secret_hash, {table}_id) values ($1, $2)", hash_secret(secret), key_id
        )
        return secret

    async def _insert(self, table: str, **values: Any) -> int:
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        sql = f"insert into {table} ({', '.join(values)}) values ({places}) returning id"
        return int(await self.postgres.fetchval(sql, *values.values()))

    async def eventually_known(self, key: Key) -> None:
        """Waits until ingest knows the key and has its store. Each look is a postback without tags, which is refused."""

        async def look() -> int:
            async with self.ingest.get("/data_writing", params={"key": key.secret, "caller_number": CALLER}) as reply:
                return reply.status

        await wait_for(look, lambda status: status not in (401, 503), f"postback key {key.id} known to ingest")

    async def engine_key_known(self, key: Key) -> None:
        """Waits until merger knows the engine key."""

        async def look() -> int:
            return (await self.engine("GET", "/v1/lookup", key=key))[0]

        await wait_for(look, lambda status: status not in (401, 503), f"engine key {key.id} known to merger")

    # what a publisher does

    async def post(self, tags: JsonObject, caller: str = CALLER, key: Key | None = None, **more: Any) -> JsonObject:
        """Post tags about a caller; the reply with its outcome added."""
        parameters = {"key": (key or self.company.key).secret, "caller_number": caller, **tags, **more}
        async with self.ingest.get("/data_writing", params=parameters) as reply:
            body = await reply.json(content_type=None)
            return body | {"http": reply.status, "outcome": reply.headers.get("Callstamp-Outcome"), "headers": reply.headers}

    async def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: str | bytes | None = None
    ) -> tuple[int, Any, Any]:
        """Send a request exactly as spelt to ingest; status, headers, body."""
        data = body.encode() if isinstance(body, str) else body
        skip = () if headers and "Content-Type" in headers else ("Content-Type",)
        async with self.ingest.request(
            method, URL(path, encoded=True), headers=headers, data=data, skip_auto_headers=skip
        ) as reply:
            text = await reply.text()
            return reply.status, reply.headers, json.loads(text) if text else None

    # what an engine does

    async def engine(
        self, method: str, path: str, body: Any = None, key: Key | None = None, **parameters: str
    ) -> tuple[int, Any]:
        """One request of the call routing engine; status and JSON."""
        headers = {"Authorization": f"Bearer {(key or self.company.engine_key).secret}"}
        async with self.merger.request(method, path, json=body, params=parameters, headers=headers) as reply:
            return reply.status, await reply.json(content_type=None)

    async def look_up(self, caller: str = CALLER, key: Key | None = None) -> dict[str, str]:
        """The tags that a call of this number would get now."""
        status, body = await self.engine("GET", "/v1/lookup", key=key, caller_number=caller)
        assert status == 200, body
        return dict(body["tags"])

    async def hit(self, call_uuid: str, caller: str | None = CALLER, key: Key | None = None, **said: Any) -> JsonObject:
        said = {"dialed_number": self.company.number} | said
        status, body = await self.engine("POST", "/v1/calls", {"call_uuid": call_uuid, "caller_number": caller} | said, key)
        assert status in (200, 201), body
        return dict(body)

    async def event(self, call_uuid: str, kind: str, **said: Any) -> JsonObject:
        status, body = await self.engine("POST", f"/v1/calls/{call_uuid}/{kind}", said)
        assert status in (200, 202), body
        return dict(body)

    async def call(self, call_uuid: str) -> JsonObject:
        status, body = await self.engine("GET", f"/v1/calls/{call_uuid}")
        assert status == 200, body
        return dict(body)

    # what time does

    async def age_waiting(self, milliseconds: int, caller: str = CALLER, company_id: int | None = None) -> None:
        """Make all that waits for the caller that much older."""
        key = waiting_key(company_id or self.company.id, caller)
        await self.store.eval(_AGE_WAITING, 1, key, milliseconds)

    async def age_call(self, call_uuid: str, milliseconds: int, caller: str = CALLER) -> None:
        """Make a call of this caller, and what the caller has seen, that much older."""
        company_id = self.company.id
        keys = [call_key(company_id, caller, call_uuid), caller_calls_key(company_id, caller)]
        await self.store.eval(_AGE_CALL, 2, *keys, milliseconds, call_uuid)

    # what PostgreSQL is told

    async def drain(self) -> None:
        """Bring over all that is in the streams."""
        while await self.drain_loop.drain_once(self.postgres):
            pass

    async def log(self, **where: Any) -> list[asyncpg.Record]:
        await self.drain()
        conditions = " and ".join(f"{name} = ${number}" for number, name in enumerate(where, 1)) or "true"
        return list(
            await self.postgres.fetch(f"select * from postback_log where {conditions} order by received_at, id", *where.values())
        )


_ADD_COMPANY = """
with
  company as (insert into companies (name, default_region) values ('Acme', $1) returning id),
  publisher as (insert into publishers (company_id, name) select id, 'Publisher' from company returning id),
  campaign as (
    insert into campaigns (company_id, name, payout_cents) select id, 'Campaign', 700 from company returning id
  ),
  buyer as (insert into buyers (company_id, name, price_cents) select id, 'Buyer', 1500 from company returning id),
  number as (
    insert into tracking_numbers (company_id, campaign_id, publisher_id, number)
    select company.id, campaign.id, publisher.id, $2 from company, campaign, publisher
  ),
  key as (
    insert into postback_keys (company_id, publisher_id, name, storage_duration_seconds, end_call_cutoff_seconds)
    select company.id, publisher.id, 'Key', $3, $4 from company, publisher
    returning id
  ),
  secret as (insert into postback_key_secrets (secret_hash, postback_key_id) select $5, id from key),
  engine_key as (insert into engine_keys (company_id, name) select id, 'Engine' from company returning id),
  engine_secret as (insert into engine_key_secrets (secret_hash, engine_key_id) select $6, id from engine_key)
select company.id, publisher.id, campaign.id, buyer.id, key.id, engine_key.id
from company, publisher, campaign, buyer, key, engine_key
"""

_AGE_WAITING = """
local flat = {cmsgpack.unpack(redis.call('GET', KEYS[1]))}
local parts = {}
for i = 1, #flat, 3 do parts[#parts + 1] = cmsgpack.pack(flat[i] - ARGV[1], flat[i + 1], flat[i + 2]) end
redis.call('SET', KEYS[1], table.concat(parts), 'KEEPTTL')
"""

_AGE_CALL = """
local call = cmsgpack.unpack(redis.call('GET', KEYS[1]))
for _, field in ipairs({'hit_at', 'deadline', 'ended_at'}) do
  if call[field] then call[field] = call[field] - ARGV[1] end
end
redis.call('SET', KEYS[1], cmsgpack.pack(call), 'KEEPTTL')
local packed = redis.call('GET', KEYS[2])
if packed then
  local calls = cmsgpack.unpack(packed)
  calls[1] = calls[1] - ARGV[1]
  if calls[2] == ARGV[2] then calls[3] = calls[3] - ARGV[1] end
  for i = 1, #calls[4], 2 do
    if calls[4][i] == ARGV[2] then calls[4][i + 1] = calls[4][i + 1] - ARGV[1] end
  end
  redis.call('SET', KEYS[2], cmsgpack.pack(calls), 'KEEPTTL')
end
"""
