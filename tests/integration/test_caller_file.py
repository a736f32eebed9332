"""A caller's file as a manager sees it, and who is let in."""

from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.manager import Manager
from tests.integration.erasing import EMAIL, OTHER, SECRET, everything_in_postgres, internal, leave_traces, manager
from tests.service_processes import PATIENT, ServiceProcesses
from tests.world import CALLER, World

__all__ = ["internal", "manager"]  # fixtures


@pytest.mark.on_cluster
async def test_a_callers_file_shows_everything_held(world: World, manager: Manager) -> None:
    await leave_traces(world, CALLER)
    await leave_traces(world, OTHER)
    await world.drain()
    file = await manager.get(f"callers/{CALLER}")
    assert file["caller_number"] == CALLER
    assert {tag["name"]: tag["value"] for tag in file["waiting_tags"]} == {"email": EMAIL, "late": EMAIL}
    assert all(tag["publisher_id"] == world.company.publisher_id and tag["expires_at"] for tag in file["waiting_tags"])
    assert {call["call_uuid"]: call["status"] for call in file["calls_of_now"]} == {
        "ended-0000": "completed",
        "open-0000": "in_progress",
    }
    assert (file["call_count"], len(file["calls"])) == (2, 2)
    assert file["postback_count"] == len(file["postbacks"]) >= 3
    assert {row["caller_number"] for row in file["calls"] + file["postbacks"]} == {CALLER}


@pytest.mark.on_cluster
async def test_a_number_may_be_spelt_as_in_the_companys_region(world: World, manager: Manager) -> None:
    await world.post({"a": "1"})
    assert (await manager.get("callers/555-123-0000"))["caller_number"] == CALLER
    assert (await manager.ask("DELETE", "callers/12")).problem == (422, "invalid_field", "number")


async def test_the_merger_lets_nobody_in_without_the_secret(world: World, internal: TestClient[Any, Any]) -> None:
    asked = {"company_id": world.company.id, "caller_number": CALLER}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {world.company.engine_key.secret}"}):
        async with internal.post("/internal/callers/look", json=asked, headers=headers) as reply:
            assert (reply.status, (await reply.json(content_type=None))["code"]) == (401, "invalid_merger_secret")
    async with internal.post("/internal/callers/look", json=asked, headers={"Authorization": f"Bearer {SECRET}"}) as reply:
        assert reply.status == 200
    async with world.merger.post("/internal/callers/look", json=asked, headers={"Authorization": "Bearer "}) as reply:
        assert reply.status == 404  # it was given no secret


@pytest.mark.on_cluster
async def test_nothing_is_pretended_while_the_merger_is_away(
    world: World, manager: Manager, internal: TestClient[Any, Any]
) -> None:
    await world.post({"email": EMAIL})
    await world.drain()
    await internal.close()
    assert (await manager.ask("DELETE", f"callers/{CALLER}")).problem == (503, "unavailable", None)
    assert (await manager.ask("GET", f"callers/{CALLER}")).problem == (503, "unavailable", None)
    assert EMAIL in await everything_in_postgres(world)
    assert await world.postgres.fetchval("select count(*) from erasures") == 0


async def test_nobody_elses_caller_can_be_erased(world: World, manager: Manager) -> None:
    other = await world.add_company(number="+18005550101")
    assert (await manager.ask("DELETE", f"/v1/companies/{other.id}/callers/{CALLER}")).status == 404


async def test_services_are_given_one_secret_for_both(world: World, services: ServiceProcesses, manager: Manager) -> None:
    """As `callstamp up` starts them; the manager's token is what is borrowed here."""
    services.start("merger", **PATIENT)
    services.start("admin", **PATIENT)
    await world.post({"email": EMAIL})
    url = f"{services.url('admin')}/v1/companies/{world.company.id}/callers/{CALLER}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {manager.token}"}) as session:
        async with session.get(url) as reply:
            assert [tag["value"] for tag in (await reply.json())["waiting_tags"]] == [EMAIL]
        async with session.delete(url) as reply:
            assert (await reply.json())["waiting_tags"] == 1
