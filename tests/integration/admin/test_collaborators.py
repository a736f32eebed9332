"""The people of a company: inviting, changing and removing them, who may do that to whom, and how their status is worked out."""

import asyncio
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import Person, add_person, visitor

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="owner")


@pytest.fixture
async def superuser(db: asyncpg.Connection, door: Door, manager: Manager) -> Person:
    return await add_person(db, door, manager.company_id, role="superuser")


async def roles(db: asyncpg.Connection, company_id: int) -> dict[int, str]:
    rows = await db.fetch("select id, role from collaborators where company_id = $1 and removed_at is null", company_id)
    return {row["id"]: row["role"] for row in rows}


# --- inviting


async def test_somebody_is_invited_for_a_week_and_a_letter_waits_to_be_sent(manager: Manager, db: asyncpg.Connection) -> None:
    publisher = await manager.create("publishers", name="Leads")
    buyer = await manager.create("buyers", name="Insurer")
    reply = await manager.ask(
        "POST",
        "collaborators",
        {"name": "Jane", "email": "Jane.Doe@Example.COM", "publisher_ids": [publisher["id"]] * 2, "buyer_ids": [buyer["id"]]},
    )
    assert reply.status == 201, reply
    made = reply.body
    assert made == {
        "id": made["id"],
        "name": "Jane",
        "email": "jane.doe@example.com",
        "role": "collaborator",
        "publisher_ids": [publisher["id"]],
        "buyer_ids": [buyer["id"]],
        "status": "invited",
        "invited_at": made["invited_at"],
        "invite_expires_at": made["invite_expires_at"],
        "accepted_at": None,
        "created_at": made["created_at"],
    }
    address = f"/v1/companies/{manager.company_id}/collaborators/{made['id']}"
    assert reply.headers["Location"] == address
    assert await manager.get(address) == made
    assert (await manager.get("collaborators"))["items"] == [made]
    row = await db.fetchrow("select invite_expires_at - invited_at as lasts, invite_hash from collaborators")
    assert (row["lasts"].days, row["invite_hash"]) == (7, None)
    assert await db.fetchval("select collaborator_id from mails where kind = 'invite' and sent_at is null") == made["id"]


async def test_only_a_name_and_an_address_are_needed(manager: Manager) -> None:
    made = await manager.create("collaborators", name="Jane", email="jane@example.com")
    assert (made["role"], made["publisher_ids"], made["buyer_ids"]) == ("collaborator", [], [])
    for field in ("name", "email"):
        body = {"name": "x", "email": "x@example.com"}
        del body[field]
        assert (await manager.ask("POST", "collaborators", body)).problem == (422, "invalid_field", field)


async def test_what_is_no_address_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for email in (
        "jane",
        "jane@",
        "@example.com",
        "jane@localhost",
        "jane@example..com",
        "jane doe@example.com",
        "jane@example.com\n",
        "jane@example.com, joe@example.com",
        "Jane <jane@example.com>",
        "jané@example.com",
        "x" * 65 + "@example.com",
        "jane@" + "x" * 250 + ".com",
        "",
        None,
        5,
    ):
        with subtests.test(str(email)[:60]):
            reply = await manager.ask("POST", "collaborators", {"name": "Jane", "email": email})
            assert reply.problem == (422, "invalid_field", "email")


async def test_an_address_is_invited_once_whatever_its_case_until_it_is_removed(manager: Manager, neighbour: Manager) -> None:
    made = await manager.create("collaborators", name="Jane", email="jane@example.com")
    again = {"name": "Jane again", "email": "JANE@example.com"}
    assert (await manager.ask("POST", "collaborators", again)).problem == (409, "collaborator_exists", "email")
    await neighbour.create("collaborators", **again)
    await manager.remove(f"collaborators/{made['id']}")
    assert (await manager.create("collaborators", **again))["id"] != made["id"]


async def test_of_twenty_invites_of_one_address_at_once_one_is_made(manager: Manager, db: asyncpg.Connection) -> None:
    body = {"name": "Jane", "email": "jane@example.com"}
    replies = await asyncio.gather(*(manager.ask("POST", "collaborators", body) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert await db.fetchval("select count(*) from mails") == 1


@pytest.mark.parametrize("noun", ["publishers", "buyers"])
async def test_nobody_acts_as_what_is_foreign_removed_or_unknown(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, noun: str
) -> None:
    field = f"{noun.removesuffix('s')}_ids"
    own, gone = await manager.create(noun, name="Own"), await manager.create(noun, name="Gone")
    foreign = await neighbour.create(noun, name="Foreign")
    await manager.remove(f"{noun}/{gone['id']}")
    made = await manager.create("collaborators", name="Joe", email="joe@example.com", **{field: [own["id"]]})
    for wrong in (foreign["id"], gone["id"], 2**63 - 1):
        body = {field: [own["id"], wrong]}
        reply = await manager.ask("POST", "collaborators", {"name": "Jane", "email": "jane@example.com"} | body)
        assert reply.problem == (404, "not_found", field)
        assert (await manager.ask("PATCH", f"collaborators/{made['id']}", body)).problem == (404, "not_found", field)
    assert await manager.get("collaborators") == {"items": [made], "next_cursor": None}
    assert await db.fetchval("select count(*) from mails") == 1
    for wrong_list in ([0], [-1], ["x"], [1.5], "1", None, [own["id"]] * 1001):
        reply = await manager.ask("PATCH", f"collaborators/{made['id']}", {field: wrong_list})
        assert reply.problem == (422, "invalid_field", field), wrong_list


async def test_what_nobody_sets_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    made = await manager.create("collaborators", name="Joe", email="joe@example.com")
    for field in ("id", "company_id", "user_id", "accepted_at", "invite_hash", "removed_at", "status", "created_at"):
        with subtests.test(field):
            body = {"name": "Jane", "email": "jane@example.com", field: 1}
            assert (await manager.ask("POST", "collaborators", body)).problem == (422, "unknown_field", field)
            reply = await manager.ask("PATCH", f"collaborators/{made['id']}", {field: 1})
            assert reply.problem == (422, "unknown_field", field)
            reply = await manager.ask("PATCH", f"collaborators/{made['id']}", {"email": "other@example.com"})
            assert reply.problem == (422, "unknown_field", "email")


# --- changing, listing


async def test_a_collaborator_is_changed_by_what_is_named(manager: Manager) -> None:
    publisher = await manager.create("publishers", name="Leads")
    made = await manager.create("collaborators", name="Jane", email="jane@example.com")
    address = f"collaborators/{made['id']}"
    assert await manager.change(address) == made
    for change in ({"name": "Jane Doe"}, {"publisher_ids": [publisher["id"]]}, {"role": "superuser"}, {"publisher_ids": []}):
        made |= change
        assert await manager.change(address, **change) == made
    await manager.remove(address)
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert (await manager.ask(method, address, body)).problem == (404, "not_found", None)


async def test_the_list_is_filtered_and_paged(manager: Manager, neighbour: Manager, owner: Person) -> None:
    publisher = await manager.create("publishers", name="Leads")
    buyer = await manager.create("buyers", name="Insurer")
    one = await manager.create("collaborators", name="One", email="one@example.com", publisher_ids=[publisher["id"]])
    two = await manager.create("collaborators", name="Two", email="two@example.com", buyer_ids=[buyer["id"]])
    expected: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [owner.id, one["id"], two["id"]]),
        ({"publisher_id": publisher["id"]}, [one["id"]]),
        ({"buyer_id": buyer["id"]}, [two["id"]]),
        ({"role": "owner"}, [owner.id]),
        ({"role": "collaborator", "status": "invited"}, [one["id"], two["id"]]),
        ({"status": "connected"}, [owner.id]),
        ({"status": "no_permissions"}, []),
    ]
    for query, ids in expected:
        for limit in (1, 50):
            assert [item["id"] for item in await manager.walk("collaborators", limit=limit, **query)] == ids, query
    foreign = await neighbour.create("publishers", name="Foreign")
    assert (await manager.ask("GET", "collaborators", publisher_id=foreign["id"])).problem == (404, "not_found", "publisher_id")
    assert (await manager.ask("GET", "collaborators", buyer_id=2**63 - 1)).problem == (404, "not_found", "buyer_id")
    assert (await manager.ask("GET", "collaborators", status="gone")).problem == (422, "invalid_field", "status")


# --- status


async def test_the_status_says_whether_somebody_accepted_and_has_anything_to_see(
    manager: Manager, db: asyncpg.Connection, door: Door
) -> None:
    """Invited until accepted; connected as a buyer, or as a publisher with a granted campaign or number; else without permissions."""
    made = await manager.create_one_of_each()
    publisher_id, buyer_id = made["publisher"]["id"], made["buyer"]["id"]
    person = await add_person(db, door, manager.company_id)

    async def status() -> str:
        return str((await manager.get(f"collaborators/{person.id}"))["status"])

    address = f"collaborators/{person.id}"
    assert await status() == "no_permissions", "acts as nobody"
    await manager.change(address, buyer_ids=[buyer_id])
    assert await status() == "connected", "a buyer needs no grant"
    await manager.change(address, buyer_ids=[], publisher_ids=[publisher_id])
    assert await status() == "no_permissions", "a publisher without grants"
    for noun, field, grantee in (("campaigns", "campaign_ids", "campaign"), ("numbers", "number_ids", "number")):
        reply = await manager.ask("PUT", f"publishers/{publisher_id}/{noun}", {field: [made[grantee]["id"]]})
        assert reply.status == 200, reply
        assert await status() == "connected", noun
        reply = await manager.ask("PUT", f"publishers/{publisher_id}/{noun}", {field: []})
        assert await status() == "no_permissions", noun
    await manager.ask("PUT", f"publishers/{publisher_id}/numbers", {"number_ids": [made["number"]["id"]]})
    await manager.remove(f"numbers/{made['number']['id']}")
    assert await status() == "no_permissions", "the granted number was removed"
    await manager.ask("PUT", f"publishers/{publisher_id}/campaigns", {"campaign_ids": [made["campaign"]["id"]]})
    assert await status() == "connected"
    await manager.change(address, buyer_ids=[buyer_id])
    await manager.remove(f"publishers/{publisher_id}")
    await manager.remove(f"buyers/{buyer_id}")
    assert await status() == "no_permissions", "whom they acted as is removed"
    shown = await manager.get(address)
    assert (shown["publisher_ids"], shown["buyer_ids"]) == ([], [])
    await manager.change(address, role="superuser")
    assert await status() == "connected", "a manager sees everything"


async def test_who_was_invited_only_is_invited_whatever_they_act_as(manager: Manager) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    for role in ("collaborator", "superuser"):
        made = await manager.create("collaborators", name="x", email=f"{role}@example.com", role=role, buyer_ids=[buyer["id"]])
        assert made["status"] == "invited"


# --- those who may none of this


async def test_a_collaborator_has_none_of_this(manager: Manager, db: asyncpg.Connection, door: Door, owner: Person) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    person = await add_person(db, door, manager.company_id, buyer_ids=[buyer["id"]])
    before = await roles(db, manager.company_id)
    for method, path, body in (
        ("GET", "collaborators", None),
        ("POST", "collaborators", {"name": "x", "email": "x@example.com"}),
        ("GET", f"collaborators/{person.id}", None),
        ("PATCH", f"collaborators/{person.id}", {"role": "owner"}),
        ("PATCH", f"collaborators/{person.id}", {"buyer_ids": []}),
        ("DELETE", f"collaborators/{person.id}", None),
        ("DELETE", f"collaborators/{owner.id}", None),
        ("POST", f"collaborators/{person.id}/invite", None),
        ("DELETE", f"collaborators/{person.id}/invite", None),
        ("GET", f"collaborators/{person.id}/effective-permissions", None),
        ("GET", f"collaborators/{person.id}/permissions", None),
        ("PATCH", f"collaborators/{person.id}/permissions", {"for_buyers": {"view_publisher": "allow"}}),
        ("GET", "permissions", None),
        ("PATCH", "permissions", {"for_buyers": {"view_publisher": "allow"}}),
        ("PATCH", f"buyers/{buyer['id']}/permissions", {"view_publisher": "allow"}),
    ):
        assert (await person.ask(method, path, body)).problem == (403, "not_permitted", None), (method, path)
        assert await visitor(door, manager.company_id).status(method, path, body) == 401
    assert await roles(db, manager.company_id) == before


async def test_removing_takes_effect_with_the_next_request(
    manager: Manager, db: asyncpg.Connection, door: Door, superuser: Person
) -> None:
    """The session stays, as it may serve other companies; here it is nobody's. Tokens of their own are revoked."""
    token = (await superuser.create("api-tokens", name="Theirs"))["token"]
    await db.execute("update api_tokens set collaborator_id = $1 where name = 'Theirs'", superuser.id)
    assert (await superuser.ask("GET", "publishers")).status == 200
    assert (await manager.ask("GET", "publishers", token=token)).status == 200
    await manager.remove(f"collaborators/{superuser.id}")
    assert (await superuser.ask("GET", "publishers")).problem == (404, "not_found", None)
    assert (await superuser.ask("GET", "/v1/me")).status == 200
    assert (await manager.ask("GET", "publishers", token=token)).status == 401
    assert await db.fetchval("select revoked_at is not null from api_tokens where name = 'Theirs'")


async def test_each_change_is_in_the_audit_log_with_who_made_it(manager: Manager, owner: Person, db: asyncpg.Connection) -> None:
    made = await owner.create("collaborators", name="Jane", email="jane@example.com")
    await owner.change(f"collaborators/{made['id']}", role="superuser")
    await owner.remove(f"collaborators/{made['id']}")
    rows = await db.fetch(
        """
        select action, actor ->> 'id' as actor_id, old::text, new::text
        from audit_log
        where object = 'collaborator' and object_id = $1
        order by id
        """,
        str(made["id"]),
    )
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        (action, str(owner.user_id)) for action in ("created", "changed", "removed")
    ]
    assert (rows[1]["old"], rows[1]["new"]) == ('{"role": "collaborator"}', '{"role": "superuser"}')
