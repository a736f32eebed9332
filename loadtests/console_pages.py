"""`python -m loadtests.console_pages`: how long the server takes for each page of the console over 100,000 calls, and how large it is.

All calls, and as many postbacks, lie within the last week, so that whoever asks for a week asks for all. The pages are asked for one at a
time, signed in as the company's owner; their client works in the same process, which is counted, too.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from aiohttp.test_utils import TestClient, TestServer

from admin.app import create_app
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.pages.console import PAGES
from admin.settings import AdminSettings
from loadtests.many_calls import make_calls
from shared.embedded import EmbeddedPostgres
from shared.embedded.postgres import ADMIN_USER, DATABASE
from shared.migrate import migrate

GOAL_MS, GOAL_BYTES = 50.0, 100_000
CALLS, DAYS = 100_000, 7
MORE = ("/companies/{company_id}?within=week", "/companies/{company_id}/reports?group_by=publisher&within=month")
"""Pages that are asked for otherwise than they come first."""

_POSTBACKS = """
insert into postback_log (id, received_at, company_id, publisher_id, postback_key_id, caller_number, tag_values, outcome, source_ip)
select md5('p' || n)::uuid, now() - n * interval '7 days' / 100000, 1, 1 + n % 20, 1, '+1212' || lpad((n * 31 % 300000)::text, 7, '0'),
       '{"zip": "10001", "prequalified": "true", "source": "search"}',
       (array['stored', 'stored', 'stored', 'stored_for_call', 'applied', 'refused'])[1 + n % 6], '203.0.113.9'
from generate_series(1, 100000) as n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the console's pages over a hundred thousand calls.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is asked for (default 9)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="callstamp-console-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server,
    ):
        asyncio.run(_measure_all(server, options.rounds))


async def _measure_all(server: EmbeddedPostgres, rounds: int) -> None:
    await migrate(server.url)
    made = await make_company(server.url, "Many", "US", Owner(email="owner@many.example", name="Owner"))
    owner = await asyncpg.connect(server.url, command_timeout=900)
    await make_calls(owner, CALLS, days=DAYS)
    await owner.execute(_POSTBACKS)
    settings = AdminSettings(postgres_url=server.url_of(DATABASE, ADMIN_USER))
    async with TestClient(TestServer(create_app(settings))) as client:
        ids = await _make_things(client, owner, made)
        await owner.execute("vacuum analyze")
        print("| page | ms, median | ms, slowest | bytes |\n|---|---|---|---|")
        paths = [page.path for page in PAGES if "{token}" not in page.path and not page.path.endswith(("view-as", "sign-out"))]
        for path in [*paths, *MORE]:
            await _measure(client, path, ids, rounds)
    await owner.close()


async def _make_things(client: TestClient, owner: asyncpg.Connection, made: Mapping[str, object]) -> dict[str, object]:
    """Sign in; ids of one of each, by the names that they have in paths."""
    reply = await client.post("/v1/sessions", json={"email": made["owner_email"], "password": made["owner_password"]})
    assert reply.status == 201, await reply.text()
    root = f"/v1/companies/{made['company_id']}"

    async def make(path: str, **fields: object) -> object:
        reply = await client.post(f"{root}/{path}", json=fields)
        assert reply.status == 201, await reply.text()
        return (await reply.json())["id"]

    return {
        "company_id": made["company_id"],
        "publisher_id": 1,
        "buyer_id": 1,
        "campaign_id": 1,
        "number_id": 1,
        "postback_key_id": await make("publishers/1/postback-keys", name="Web form"),
        "engine_key_id": await make("engine-keys", name="Engine"),
        "api_token_id": await make("api-tokens", name="Token"),
        "collaborator_id": await make("collaborators", name="Jane", email="jane@many.example", publisher_ids=[1]),
        "call_uuid": await owner.fetchval("select call_uuid from calls order by hit_at desc limit 1"),
        "postback_id": await owner.fetchval("select id from postback_log order by received_at desc limit 1"),
    }


async def _measure(client: TestClient, path: str, ids: Mapping[str, object], rounds: int) -> None:
    took, size = [], 0
    for _ in range(rounds + 1):
        began = time.perf_counter()
        reply = await client.get(path.format_map(ids), allow_redirects=False)
        size = len(await reply.read())
        took.append((time.perf_counter() - began) * 1000)
        assert reply.status in (200, 303), (path, reply.status)
    middle = statistics.median(took[1:])
    missed = " **missed**" if middle > GOAL_MS or size > GOAL_BYTES else ""
    print(f"| {path} | {middle:.1f}{missed} | {max(took[1:]):.1f} | {size} |", flush=True)


if __name__ == "__main__":
    main()
