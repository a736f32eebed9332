"""The number cap: who may make tracking numbers, for which publisher, in which campaigns, and how many."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from admin.app import create_app
from admin.settings import AdminSettings
from admin.store import numbers, publishers
from tests.integration.admin.manager import Manager, Reply
from tests.integration.admin.persons import Person, add_person, permit
from tests.service_processes import PATIENT_MS, as_admin
from tests.waiting import WAIT_SECONDS
from tests.world import DoorServer

MAY: dict[str, Any] = {"create_numbers": "allow"}


class Desk(Person):
    """A collaborator who acts as one publisher, with a campaign granted to it; the cap is the company's, 10, unless told otherwise."""

    publisher_id: int
    campaign_id: int

    async def make(self, n: int, **more: Any) -> Reply:
        return await self.ask("POST", "numbers", {"number": f"+1800556{n:04}", "campaign_id": self.campaign_id} | more)


@pytest.fixture
async def desk(manager: Manager, db: asyncpg.Connection) -> Desk:
    return await open_desk(manager, db)


async def open_desk(manager: Manager, db: asyncpg.Connection) -> Desk:
    publisher_id = (await manager.create("publishers", name="Publisher"))["id"]
    campaign_id = (await manager.create("campaigns", name="Campaign"))["id"]
    await manager.change(f"publishers/{publisher_id}/campaigns", grant=[campaign_id])
    await permit(db, manager.company_id, "publisher", publisher_id, "publisher", MAY)
    person = await add_person(db, manager.door, manager.company_id, publisher_ids=[publisher_id])
    desk = Desk(person.door, person.company_id, person.own_headers, id=person.id, user_id=person.user_id)
    desk.publisher_id, desk.campaign_id = publisher_id, campaign_id
    return desk


async def set_cap(manager: Manager, desk: Desk, cap: int | None) -> None:
    await manager.change(f"publishers/{desk.publisher_id}", number_cap=cap)


async def test_a_number_that_a_publisher_makes_is_its_own_and_granted_to_it_from_then_on(manager: Manager, desk: Desk) -> None:
    made = (await desk.make(1)).body
    assert (made["publisher_id"], made["campaign_id"], made["pool"]) == (desk.publisher_id, desk.campaign_id, False)
    (grant,) = (await manager.get(f"publishers/{desk.publisher_id}/numbers"))["items"]
    assert (grant["number_id"], grant["granted_at"], grant["revoked_at"]) == (made["id"], made["created_at"], None)
    assert (await desk.get("numbers"))["items"] == [made]
    assert await desk.get(f"numbers/{made['id']}") == made


async def test_a_number_that_a_manager_makes_for_a_publisher_must_be_granted(manager: Manager, desk: Desk) -> None:
    fields = {"number": "+18005570001", "campaign_id": desk.campaign_id, "publisher_id": desk.publisher_id}
    made = await manager.create("numbers", **fields)
    assert (await desk.get("numbers"))["items"] == []
    assert (await desk.ask("GET", f"numbers/{made['id']}")).problem == (404, "not_found", None)
    await manager.change(f"publishers/{desk.publisher_id}/numbers", grant=[made["id"]])
    assert (await desk.get("numbers"))["items"] == [made]


async def test_at_the_cap_the_publisher_is_told_and_a_manager_goes_on(manager: Manager, desk: Desk) -> None:
    await set_cap(manager, desk, 2)
    for n in (1, 2):
        assert (await desk.make(n)).status == 201
    reply = await desk.make(3)
    assert reply.problem == (409, "number_cap_reached", None)
    assert "number cap is 2" in reply.body["detail"]
    more = {"campaign_id": desk.campaign_id, "publisher_id": desk.publisher_id}
    third = await manager.create("numbers", number="+18005560003", **more)
    fourth = await manager.create("numbers", number="+18005560004", campaign_id=desk.campaign_id)
    await manager.change(f"numbers/{fourth['id']}", publisher_id=desk.publisher_id)
    publisher = await manager.get(f"publishers/{desk.publisher_id}")
    assert (publisher["number_cap"], publisher["effective_number_cap"], publisher["numbers_held"]) == (2, 2, 4)
    assert await desk.get(f"publishers/{desk.publisher_id}") == publisher
    for gone in (third, fourth):
        await manager.remove(f"numbers/{gone['id']}")
        assert (await desk.make(5)).status == 409
    await manager.remove(f"numbers/{(await desk.get('numbers'))['items'][0]['id']}")
    assert (await desk.make(5)).status == 201, "what was removed doesn't count"


async def test_a_cap_of_nothing_blocks_and_none_of_its_own_is_the_companys(manager: Manager, desk: Desk) -> None:
    await set_cap(manager, desk, 0)
    assert (await desk.make(1)).problem == (409, "number_cap_reached", None)
    await set_cap(manager, desk, None)
    await manager.change("", default_number_cap=0)
    assert (await desk.make(1)).problem == (409, "number_cap_reached", None)
    await manager.change("", default_number_cap=1)
    assert (await desk.get(f"publishers/{desk.publisher_id}"))["effective_number_cap"] == 1
    assert [(await desk.make(n)).status for n in (1, 2)] == [201, 409]


async def test_numbers_of_pools_and_of_others_do_not_count(manager: Manager, desk: Desk, db: asyncpg.Connection) -> None:
    await set_cap(manager, desk, 1)
    other = await open_desk(manager, db)
    fields = {"campaign_id": desk.campaign_id, "publisher_id": desk.publisher_id}
    for n in range(3):
        await manager.create("numbers", number=f"+1800558{n:04}", pool=True, **fields)
        await manager.create("numbers", number=f"+1800559{n:04}", campaign_id=desk.campaign_id, publisher_id=other.publisher_id)
        lent = await manager.create("numbers", number=f"+1800557{n:04}", campaign_id=desk.campaign_id)
        await manager.change(f"publishers/{desk.publisher_id}/numbers", grant=[lent["id"]])
    assert [(await desk.make(n)).status for n in (1, 2)] == [201, 409]


async def test_a_publisher_makes_no_numbers_for_pools(desk: Desk) -> None:
    assert (await desk.make(1, pool=True)).problem == (403, "not_permitted", "pool")


async def test_only_in_campaigns_granted_to_that_publisher(
    manager: Manager, neighbour: Manager, desk: Desk, db: asyncpg.Connection
) -> None:
    other = await open_desk(manager, db)
    foreign = await neighbour.create("campaigns", name="Foreign")
    revoked = await manager.create("campaigns", name="Revoked")
    await manager.change(f"publishers/{desk.publisher_id}/campaigns", grant=[revoked["id"]])
    await manager.change(f"publishers/{desk.publisher_id}/campaigns", revoke=[revoked["id"]])
    replies = [await desk.make(1, campaign_id=campaign) for campaign in (other.campaign_id, foreign["id"], revoked["id"], 10**15)]
    assert [reply.problem for reply in replies] == [(404, "not_found", "campaign_id")] * 4
    assert len({reply.text for reply in replies}) == 1, "what isn't granted can't be told from what isn't there"
    both = [desk.publisher_id, other.publisher_id]
    person = await add_person(db, manager.door, manager.company_id, publisher_ids=both)
    fields = {"number": "+18005560001", "campaign_id": other.campaign_id, "publisher_id": desk.publisher_id}
    assert (await person.ask("POST", "numbers", fields)).problem == (404, "not_found", "campaign_id")


async def test_who_acts_as_several_publishers_says_for_which(manager: Manager, desk: Desk, db: asyncpg.Connection) -> None:
    other, third = await open_desk(manager, db), await open_desk(manager, db)
    buyer = await manager.create("buyers", name="Buyer")
    person = await add_person(
        db, manager.door, manager.company_id, publisher_ids=[desk.publisher_id, other.publisher_id], buyer_ids=[buyer["id"]]
    )
    fields = {"number": "+18005560001", "campaign_id": other.campaign_id}
    assert (await person.ask("POST", "numbers", fields)).problem == (422, "invalid_field", "publisher_id")
    for stranger in (third.publisher_id, 10**15):
        reply = await person.ask("POST", "numbers", fields | {"publisher_id": stranger})
        assert reply.problem == (404, "not_found", "publisher_id")
    await permit(db, manager.company_id, "publisher", desk.publisher_id, "publisher", {"create_numbers": "deny"})
    refused = await person.ask("POST", "numbers", fields | {"publisher_id": desk.publisher_id})
    assert refused.problem == (403, "not_permitted", "publisher_id")
    made = await person.create("numbers", **fields)
    assert made["publisher_id"] == other.publisher_id, "only one is left for which they may"


async def test_who_may_not_make_numbers_makes_none(manager: Manager, desk: Desk, db: asyncpg.Connection) -> None:
    await permit(db, manager.company_id, "collaborator", desk.id, "publisher", {"create_numbers": "deny"})
    assert (await desk.make(1)).problem == (403, "not_permitted", None)
    for method, path, body in (("PATCH", "numbers/1", {"pool": True}), ("DELETE", "numbers/1", None)):
        assert (await desk.ask(method, path, body)).problem == (403, "not_permitted", None)


async def test_a_refused_number_leaves_nothing_behind(manager: Manager, desk: Desk, db: asyncpg.Connection) -> None:
    await manager.create("numbers", number="+18005560001", campaign_id=desk.campaign_id)
    rows = (
        "select (select count(*) from tracking_numbers), (select count(*) from number_grants), (select count(*) from audit_log)"
    )
    before = await db.fetchrow(rows)
    assert (await desk.make(1)).problem == (409, "number_taken", "number")
    assert await db.fetchrow(rows) == before


# --- at once

AT_ONCE = 200


@pytest.fixture
async def wide_desk(postgres_url: str, desk: Desk, aiohttp_client: Any, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk at a door with more connections to the database, where counting and making are far enough apart to race."""
    insert = numbers.insert

    async def insert_late(*said: Any) -> Any:
        await asyncio.sleep(0.05)
        return await insert(*said)

    monkeypatch.setattr(numbers, "insert", insert_late)
    settings = AdminSettings(postgres_url=as_admin(postgres_url), postgres_connections=20, database_timeout_ms=PATIENT_MS)
    desk.door = await aiohttp_client(DoorServer(create_app(settings)))
    return desk


async def make_at_once(desk: Desk) -> Counter[int]:
    """How many of so many creations are answered with which status."""
    await asyncio.gather(*(desk.get("numbers") for _ in range(100)))  # opens all connections, so that nobody is ahead
    replies = await asyncio.gather(*(desk.make(n) for n in range(1, AT_ONCE + 1)))
    return Counter(reply.status for reply in replies)


async def test_of_two_hundred_made_at_once_below_the_cap_by_one_exactly_one_is(manager: Manager, wide_desk: Desk) -> None:
    await set_cap(manager, wide_desk, 3)
    for n in (501, 502):
        assert (await wide_desk.make(n)).status == 201
    assert await make_at_once(wide_desk) == {201: 1, 409: AT_ONCE - 1}
    assert (await manager.get(f"publishers/{wide_desk.publisher_id}"))["numbers_held"] == 3


async def test_without_holding_the_publisher_alone_more_would_be_made(
    manager: Manager, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    await set_cap(manager, desk, 1)
    both_counted = asyncio.Barrier(2)
    insert = numbers.insert

    async def insert_once_both_counted(*said: Any) -> Any:
        await both_counted.wait()
        return await insert(*said)

    monkeypatch.setattr(publishers, "hold_alone", publishers.hold)
    monkeypatch.setattr(numbers, "insert", insert_once_both_counted)
    async with asyncio.timeout(WAIT_SECONDS):
        replies = await asyncio.gather(desk.make(1), desk.make(2))
    assert [reply.status for reply in replies] == [201, 201]
