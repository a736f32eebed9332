"""Permissions as they are set on each level, and what applies in the end with where it comes from."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from admin.toggles import DEFAULTS, Kind
from tests.integration.admin.manager import Manager, add_call
from tests.integration.admin.persons import add_person

Door = TestClient[Any, Any]
INHERITED: dict[Kind, dict[str, Any]] = {kind: dict.fromkeys(toggles, "inherit") for kind, toggles in DEFAULTS.items()}
NOTHING_SAID = {"for_publishers": INHERITED["publisher"], "for_buyers": INHERITED["buyer"]}


async def rows(db: asyncpg.Connection) -> dict[tuple[str, int, str], Any]:
    """What is kept, by level, subject and kind."""
    kept = await db.fetch("select level, subject_id, for_kind, settings from permission_settings")
    return {(row["level"], row["subject_id"], row["for_kind"]): json.loads(row["settings"]) for row in kept}


async def make_collaborator(manager: Manager, **fields: Any) -> int:
    made = await manager.create("collaborators", name="Jane", email="jane@example.com", **fields)
    return int(made["id"])


@pytest.mark.parametrize("level", ["company", "collaborator"])
async def test_a_company_and_a_collaborator_have_both_kinds(manager: Manager, db: asyncpg.Connection, level: str) -> None:
    subject_id = await make_collaborator(manager) if level == "collaborator" else 0
    path = "permissions" if level == "company" else f"collaborators/{subject_id}/permissions"
    assert await manager.get(path) == NOTHING_SAID
    said = {
        "for_publishers": {"view_revenue": "allow", "tag_names": ["zip", "age"]},
        "for_buyers": {"view_caller_number": "none"},
    }
    shown = {kind: NOTHING_SAID[kind] | said[kind] for kind in NOTHING_SAID}
    assert await manager.change(path, **said) == shown
    assert await manager.get(path) == shown
    assert await rows(db) == {(level, subject_id, kind): said[f"for_{kind}s"] for kind in ("publisher", "buyer")}
    assert await manager.change(path) == shown, "a change that names nothing changes nothing"
    more = {"for_buyers": {"view_payout": "deny"}}
    assert (await manager.change(path, **more))["for_buyers"] == shown["for_buyers"] | more["for_buyers"]
    await manager.change(path, for_publishers={"view_revenue": "inherit", "tag_names": "inherit"})
    assert await rows(db) == {(level, subject_id, "buyer"): {"view_caller_number": "none", "view_payout": "deny"}}
    await manager.change(path, for_buyers={"view_caller_number": "inherit", "view_payout": "inherit", "use_api": "inherit"})
    assert await rows(db) == {}
    assert await manager.get(path) == NOTHING_SAID


@pytest.mark.parametrize("kind", DEFAULTS)
async def test_a_publisher_and_a_buyer_have_their_own_kind(manager: Manager, db: asyncpg.Connection, kind: Kind) -> None:
    made = await manager.create(f"{kind}s", name="One")
    path = f"{kind}s/{made['id']}/permissions"
    assert await manager.get(path) == INHERITED[kind]
    for toggle in DEFAULTS[kind]:
        settings = {"view_caller_number": ["full", "masked", "none"], "tag_names": [["zip"], []]}.get(toggle, ["allow", "deny"])
        for setting in settings:
            assert await manager.change(path, **{toggle: setting}) == INHERITED[kind] | {toggle: setting}
            assert await rows(db) == {(kind, made["id"], kind): {toggle: setting}}
        assert await manager.change(path, **{toggle: "inherit"}) == INHERITED[kind]
    assert await rows(db) == {}


async def test_what_cannot_be_said_is_refused_by_name_and_changes_nothing(
    manager: Manager, db: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    for body, problem in (
        ({"for_publishers": {"view_everything": "allow"}}, ("unknown_field", "view_everything")),
        ({"for_buyers": {"view_buyer": "allow"}}, ("unknown_field", "view_buyer")),
        ({"for_publishers": {"monitor_live_calls": "allow"}}, ("unknown_field", "monitor_live_calls")),
        ({"for_nobody": {}}, ("unknown_field", "for_nobody")),
        ({"view_revenue": "allow"}, ("unknown_field", "view_revenue")),
        ({"for_publishers": {"view_revenue": "maybe"}}, ("invalid_field", "for_publishers.view_revenue")),
        ({"for_publishers": {"view_revenue": None}}, ("invalid_field", "for_publishers.view_revenue")),
        ({"for_publishers": {"view_revenue": True}}, ("invalid_field", "for_publishers.view_revenue")),
        ({"for_publishers": {"view_revenue": "full"}}, ("invalid_field", "for_publishers.view_revenue")),
        ({"for_buyers": {"view_caller_number": "allow"}}, ("invalid_field", "for_buyers.view_caller_number")),
        ({"for_buyers": {"tag_names": "zip"}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": {"tag_names": [""]}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": {"tag_names": ["x" * 129]}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": {"tag_names": ["a\x00"]}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": {"tag_names": [1]}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": {"tag_names": ["zip", "zip"]}}, ("invalid_field", "tag_names")),
        ({"for_buyers": {"tag_names": [f"tag{n}" for n in range(201)]}}, ("invalid_field", "for_buyers.tag_names")),
        ({"for_buyers": "allow"}, ("invalid_field", "for_buyers")),
        ({"for_buyers": None}, ("invalid_field", "for_buyers")),
    ):
        with subtests.test(str(body)[:100]):
            whole = {"for_publishers": {"view_payout": "deny"}} | body
            if "for_publishers" in body and isinstance(body["for_publishers"], dict):
                whole["for_publishers"] = {"view_payout": "deny"} | body["for_publishers"]
            assert (await manager.ask("PATCH", "permissions", whole)).problem == (422, *problem)
            assert await rows(db) == {}


async def test_200_tag_names_of_128_characters_can_be_said(manager: Manager) -> None:
    names = [f"{n:03}" + "é" * 125 for n in range(200)]
    assert (await manager.change("permissions", for_buyers={"tag_names": names}))["for_buyers"]["tag_names"] == names


async def test_of_many_changes_at_once_none_is_lost(manager: Manager) -> None:
    toggles = [toggle for toggle in DEFAULTS["buyer"] if toggle not in ("view_caller_number", "tag_names")]
    for setting in ("deny", "allow", "inherit"):
        await asyncio.gather(*(manager.change("permissions", for_buyers={toggle: setting}) for toggle in toggles))
        shown = (await manager.get("permissions"))["for_buyers"]
        assert {shown[toggle] for toggle in toggles} == {setting}


async def test_what_is_foreign_or_removed_has_no_permissions(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection
) -> None:
    for noun, body in (
        ("publishers", {"use_api": "deny"}),
        ("buyers", {"use_api": "deny"}),
        ("collaborators", {"for_buyers": {}}),
    ):
        more = {"email": "jane@example.com"} if noun == "collaborators" else {}
        gone, foreign = await manager.create(noun, name="Gone", **more), await neighbour.create(noun, name="Foreign", **more)
        await manager.remove(f"{noun}/{gone['id']}")
        for wrong in (gone["id"], foreign["id"], 2**63 - 1):
            assert (await manager.ask("GET", f"{noun}/{wrong}/permissions")).problem == (404, "not_found", None)
            assert (await manager.ask("PATCH", f"{noun}/{wrong}/permissions", body)).problem == (404, "not_found", None)
            if noun == "collaborators":
                reply = await manager.ask("GET", f"{noun}/{wrong}/effective-permissions")
                assert reply.problem == (404, "not_found", None)
    assert await rows(db) == {}


async def test_each_change_is_one_row_of_the_audit_log(manager: Manager, db: asyncpg.Connection) -> None:
    """A change that changes nothing leaves none."""
    for setting in ("deny", "deny", "allow", "inherit", "inherit"):
        await manager.change("permissions", for_buyers={"use_api": setting})
    told = await db.fetch(
        """
        select action, object_id, old -> 'settings' as old, new -> 'settings' as new
        from audit_log
        where object = 'permissions'
        order by id
        """
    )
    assert [tuple(row) for row in told] == [
        ("created", "company/0/buyer", None, '{"use_api": "deny"}'),
        ("changed", "company/0/buyer", '{"use_api": "deny"}', '{"use_api": "allow"}'),
        ("removed", "company/0/buyer", '{"use_api": "allow"}', None),
    ]


# --- what applies


async def test_effective_permissions_say_what_applies_and_from_which_level(manager: Manager) -> None:
    publisher, buyer = await manager.create("publishers", name="Leads"), await manager.create("buyers", name="Insurer")
    other = await manager.create("publishers", name="Other")
    jane = await make_collaborator(manager, publisher_ids=[publisher["id"], other["id"]], buyer_ids=[buyer["id"]])
    await manager.change("permissions", for_publishers={"view_revenue": "allow", "view_buyer": "allow", "export_calls": "deny"})
    await manager.change(
        f"collaborators/{jane}/permissions",
        for_publishers={"view_buyer": "deny", "view_caller_number": "full", "tag_names": ["zip"]},
        for_buyers={"tag_names": []},
    )
    await manager.change(
        f"publishers/{publisher['id']}/permissions", view_buyer="allow", view_caller_number="none", export_calls="allow"
    )
    await manager.change(f"buyers/{buyer['id']}/permissions", tag_names=["zip"])
    shown = await manager.get(f"collaborators/{jane}/effective-permissions")
    assert shown["everything"] is False
    assert [(item["kind"], item["id"], item["name"]) for item in shown["items"]] == [
        ("publisher", publisher["id"], "Leads"),
        ("publisher", other["id"], "Other"),
        ("buyer", buyer["id"], "Insurer"),
    ]
    first, second, third = (item["permissions"] for item in shown["items"])
    assert [set(first), set(second), set(third)] == [set(DEFAULTS["publisher"])] * 2 + [set(DEFAULTS["buyer"])]
    expected: list[tuple[Any, str, Any, str]] = [
        (first, "view_payout", "allow", "default"),
        (first, "view_revenue", "allow", "company"),
        (first, "view_buyer", "deny", "collaborator"),
        (first, "view_caller_number", "none", "publisher"),
        (first, "export_calls", "allow", "publisher"),
        (first, "tag_names", ["zip"], "collaborator"),
        (second, "view_caller_number", "full", "collaborator"),
        (second, "export_calls", "deny", "company"),
        (third, "view_caller_number", "full", "default"),
        (third, "tag_names", [], "collaborator"),
    ]
    for permissions, toggle, setting, level in expected:
        assert permissions[toggle] == {"setting": setting, "from": level}, toggle


async def test_of_a_manager_everything_applies_and_of_nobody_nothing(manager: Manager) -> None:
    jane = await make_collaborator(manager)
    assert await manager.get(f"collaborators/{jane}/effective-permissions") == {"everything": False, "items": []}
    await manager.change(f"collaborators/{jane}", role="superuser")
    assert await manager.get(f"collaborators/{jane}/effective-permissions") == {"everything": True, "items": []}


async def test_a_permission_holds_from_the_next_request_on(manager: Manager, db: asyncpg.Connection, door: Door) -> None:
    buyer = await manager.create("buyers", name="Insurer")
    person = await add_person(db, door, manager.company_id, buyer_ids=[buyer["id"]])
    call_uuid = await add_call(db, manager.company_id, answered_by=buyer["id"], revenue_cents=5)
    for level in (f"collaborators/{person.id}", f"buyers/{buyer['id']}", ""):
        path = f"{level}/permissions".lstrip("/")

        async def say(path: str = path, level: str = level, **toggles: str) -> None:
            await manager.change(path, **(toggles if level.startswith("buyers") else {"for_buyers": toggles}))

        assert (await person.get(f"calls/{call_uuid}"))["revenue_cents"] == 5
        await say(view_revenue="deny")
        assert (await person.get(f"calls/{call_uuid}"))["revenue_cents"] is None
        await say(view_revenue="inherit", view_call_log="deny")
        assert (await person.ask("GET", f"calls/{call_uuid}")).problem == (403, "not_permitted", None)
        await say(view_call_log="inherit")
