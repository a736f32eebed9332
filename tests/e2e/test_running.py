"""What a newcomer meets when all runs: the addresses, a link that works, the demo, the doctor."""

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import redis

from callstamp.http_call import call
from tests.e2e.conftest import PROJECT, Running
from tests.waiting import WAIT_SECONDS, wait_for_sync

READY_FIELDS = [
    *("ingest_url", "admin_url", "merger_url", "company_id", "campaign_id", "publisher_id", "buyer_id", "tracking_number"),
    *("postback_key", "engine_key", "api_token", "owner_email", "owner_password", "redis_url", "postgres_url"),
]


def fetch(url: str, bearer: str | None = None) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as reply:  # noqa: S310 - ours
        return json.load(reply)


def test_ready_json_says_where_everything_is_and_is_for_its_owner_alone(running: Running) -> None:
    file = running.data / "ready.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(running.ready) == READY_FIELDS
    assert None not in running.ready.values()
    assert (running.data / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_publisher_may_post_with_the_key_and_the_engine_sees_the_tag(running: Running) -> None:
    ready = running.ready
    link = f"{ready['ingest_url']}/data_writing?key={ready['postback_key']}&caller_number=%2B15551230000&prequalified=true"
    assert fetch(link) == {
        "tag_values": {"prequalified": "true"},
        "caller_number": "+15551230000",
        "status": "call not found, tags stored",
    }
    seen = fetch(f"{ready['merger_url']}/v1/lookup?caller_number=%2B15551230000", ready["engine_key"])
    assert seen["tags"] == {"prequalified": "true"}


def test_the_company_is_in_the_us_and_its_key_has_all_defaults(running: Running) -> None:
    ready = running.ready
    company = fetch(f"{ready['admin_url']}/v1/companies/{ready['company_id']}", ready["api_token"])
    assert company["default_region"] == "US"
    keys = f"{ready['admin_url']}/v1/companies/{ready['company_id']}/publishers/{ready['publisher_id']}/postback-keys"
    (key,) = fetch(keys, ready["api_token"])["items"]
    assert (key["storage_duration_seconds"], key["end_call_cutoff_seconds"]) == (172_800, 3_600)
    assert (key["apply_once"], key["also_store"], key["paused"]) == (False, False, False)


def test_the_demo_company_has_something_in_every_room_and_is_filled_once(running: Running) -> None:
    ready = running.ready
    company = f"{ready['admin_url']}/v1/companies/{ready['company_id']}"
    for room in ("publishers", "buyers", "campaigns", "numbers", "engine-keys", "postback-log", "reports", "audit-log"):
        assert len(fetch(f"{company}/{room}", ready["api_token"])["items"]) > (room != "engine-keys"), room
    people = fetch(f"{company}/collaborators", ready["api_token"])["items"]
    assert {one["status"] for one in people} == {"connected", "no_permissions", "invited"}
    ringing = f"{company}/calls?status=in_progress"  # since a moment before all was ready
    wait_for_sync(lambda: fetch(ringing, ready["api_token"])["items"], lambda calls: len(calls) >= 2, "calls in progress")

    def count_past() -> int:
        calls = fetch(f"{company}/reports?group_by=day&from={week_ago}", ready["api_token"])["totals"]["calls"]
        return int(calls)

    week_ago = (datetime.now(UTC) - timedelta(days=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = count_past()
    again = [sys.executable, "-m", "admin.demo_past", "--company-id", str(ready["company_id"])]
    environ = running.environ | {"ADMIN_POSTGRES_URL": ready["postgres_url"]}
    assert subprocess.run(again, env=environ, cwd=PROJECT, check=False).returncode == 0
    assert count_past() == before > 200


def test_the_servers_addresses_work_for_their_usual_clients(running: Running) -> None:
    with redis.Redis.from_url(running.ready["redis_url"], protocol=2) as client:
        assert client.ping()

    async def list_demo_companies() -> list[int]:
        connection = await asyncpg.connect(running.ready["postgres_url"])
        try:
            return [row["id"] for row in await connection.fetch("select id from companies where name = 'Demo company'")]
        finally:
            await connection.close()

    assert asyncio.run(list_demo_companies()) == [running.ready["company_id"]]


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.long)])
def test_the_demo_tells_the_whole_story_again_and_again(running: Running, times: int) -> None:
    """The number is granted in the first run: from the second on, the publisher sees the first act's call, too."""
    revoke_number(running.ready)
    for n in range(times):
        told = running.run("demo")
        assert told.returncode == 0, told.stdout + told.stderr
        first, _, second = told.stdout.partition("The second act:")
        outcomes = re.findall(r" (stored|stored_for_call|applied) *$", first, re.MULTILINE)
        assert outcomes == ["stored", "stored_for_call", "applied"], told.stdout
        assert ("there is no such call" in second, "in an earlier run" in second) == (n == 0, n > 0), told.stdout
        assert re.search(r"\+\*{7}\d{4} +95 +- +- ", second), "the publisher's view of the call"
        assert re.search(r"\+1555\d{7} +95 +4500 +https://", second), "the buyer's"
        for field in ("postback_key", "owner_password", "api_token", "engine_key"):
            assert running.ready[field] not in told.stdout
        assert not re.findall(r"cs_(?:iv|se)_\w", told.stdout)


def revoke_number(ready: dict[str, Any]) -> None:
    """Bring the demo publisher's grants back to how they were before the demo was run for the first time."""
    company = f"{ready['admin_url']}/v1/companies/{ready['company_id']}"
    numbers = fetch(f"{company}/numbers?limit=200", ready["api_token"])["items"]
    (number_id,) = [number["id"] for number in numbers if number["number"] == ready["tracking_number"]]
    grants = f"{company}/publishers/{ready['publisher_id']}/numbers"
    assert call("PATCH", grants, body={"revoke": [number_id]}, bearer=ready["api_token"]).status == 200


def test_the_demo_fails_when_a_reply_is_not_what_was_promised(running: Running) -> None:
    """The control of the one above: a company that shows publishers whole caller numbers."""
    permissions = f"{running.ready['admin_url']}/v1/companies/{running.ready['company_id']}/permissions"
    change = {"for_publishers": {"view_caller_number": "full"}}
    assert call("PATCH", permissions, body=change, bearer=running.ready["api_token"]).status == 200
    try:
        told = running.run("demo")
    finally:
        change["for_publishers"]["view_caller_number"] = "inherit"
        assert call("PATCH", permissions, body=change, bearer=running.ready["api_token"]).status == 200
    assert told.returncode == 1
    assert "the caller number should be +*******" in told.stderr


def test_the_doctor_finds_nothing_wrong(running: Running) -> None:
    found = running.run("doctor")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "appendfsync: always" in found.stdout
    assert "tables: up to date" in found.stdout


def test_migrating_again_changes_nothing(running: Running) -> None:
    assert running.run("migrate").stdout == "the tables are up to date\n"


def test_another_company_can_be_made_and_its_token_works(running: Running) -> None:
    made = json.loads(running.run("new-company", "Second company").stdout)
    company = fetch(f"{running.ready['admin_url']}/v1/companies/{made['company_id']}", made["api_token"])
    assert company["name"] == "Second company"


def test_the_owner_of_the_demo_company_signs_in(running: Running) -> None:
    ready = running.ready
    reply = call(
        "POST", f"{ready['admin_url']}/v1/sessions", body={"email": ready["owner_email"], "password": ready["owner_password"]}
    )
    assert reply.status == 201
    assert [(mine["id"], mine["role"]) for mine in reply.body["companies"]] == [(ready["company_id"], "owner")]


def test_another_company_has_the_owner_that_was_named(running: Running) -> None:
    owner = ("--owner-email", "Jane@third.example", "--owner-name", "Jane Roe")
    made = json.loads(running.run("new-company", "Third company", *owner).stdout)
    assert made["owner_email"] == "jane@third.example"
    url = f"{running.ready['admin_url']}/v1/sessions"
    reply = call("POST", url, body={"email": made["owner_email"], "password": made["owner_password"]})
    assert (reply.body["name"], [mine["id"] for mine in reply.body["companies"]]) == ("Jane Roe", [made["company_id"]])
    refused = running.run("new-company", "Fourth company", "--owner-email", "nobody")
    assert (refused.returncode, refused.stdout) == (1, "")


def find_links(running: Running, what: str) -> list[str]:
    letters = [file.read_text() for file in (running.data / "mail").glob("*.eml")]
    return re.findall(rf"^({running.ready['admin_url']}/{what}/\S+)$", "\n".join(letters), re.MULTILINE)


def test_a_letter_is_a_file_in_the_data_folder_and_its_link_is_in_the_log(running: Running) -> None:
    ready = running.ready
    assert call("POST", f"{ready['admin_url']}/v1/password-resets", body={"email": ready["owner_email"]}).status == 202
    (link,) = wait_for_sync(lambda: find_links(running, "password-resets"), what="the links in letters about passwords")
    wait_for_sync(lambda: link in (running.data / "logs" / "admin.log").read_text(), what="the link in admin.log")


def test_a_second_start_on_the_same_data_is_refused_and_harms_nothing(running: Running) -> None:
    second = running.run("up")
    assert second.returncode == 1
    assert "runs already on" in second.stderr
    assert (running.data / "ready.json").exists()


def test_a_taken_port_is_named_with_the_variable_to_change(running: Running, tmp_path: Any) -> None:
    port = running.ready["admin_url"].rpartition(":")[2]
    refused = running.run(
        "up",
        CALLSTAMP_INGEST_PORT="0",
        CALLSTAMP_ADMIN_PORT=port,
        CALLSTAMP_MERGER_PORT="0",
        CALLSTAMP_DATA_DIR=str(tmp_path / "var"),
    )
    assert refused.returncode == 1
    assert f"port {port} can't be used (Address already in use): set CALLSTAMP_ADMIN_PORT" in refused.stderr


def test_nothing_secret_is_in_the_logs_or_in_the_list_of_processes(running: Running) -> None:
    processes = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    logs = "".join(log.read_text(errors="replace") for log in (running.data / "logs").iterdir())
    for name in ("postback_key", "engine_key", "api_token", "owner_password"):
        assert running.ready[name] not in processes
        assert running.ready[name] not in logs
