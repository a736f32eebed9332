"""What a manager sets up: the company's defaults, publishers, buyers, campaigns and tracking numbers."""

import asyncio

import asyncpg
import pytest

from tests.integration.admin.manager import JsonObject, Manager


async def test_the_token_says_whose_it_is(manager: Manager) -> None:
    me = await manager.get("/v1/me")
    mine = {"id": manager.company_id, "name": "Acme", "role": "superuser", "collaborator_id": None}
    of_people = {"user_id": None, "email": None, "totp": None}
    assert (
        me
        == {
            "kind": "api_token",
            "name": "first token",
            "api_token_id": me["api_token_id"],
            "company_id": manager.company_id,
            "companies": [mine],
        }
        | of_people
    )
    companies = await manager.get("/v1/companies")
    assert [company["id"] for company in companies["items"]] == [manager.company_id]
    assert companies["next_cursor"] is None


async def test_a_company_starts_with_the_published_defaults_and_they_can_be_changed(manager: Manager) -> None:
    company = await manager.get("")
    assert company == {
        "id": manager.company_id,
        "name": "Acme",
        "default_region": "US",
        "default_number_cap": 10,
        "default_storage_duration_seconds": 172_800,
        "default_end_call_cutoff_seconds": 3_600,
        "rate_limit_per_second": None,
        "retention": company["retention"],
        "created_at": company["created_at"],
    }
    assert company["created_at"].endswith("Z")
    wanted = {"name": "Acme Ltd", "default_region": "GB", "default_number_cap": 0, "default_storage_duration_seconds": 0}
    assert await manager.change("", **wanted) == company | wanted
    assert await manager.change("", default_end_call_cutoff_seconds=604_800) == company | wanted | {
        "default_end_call_cutoff_seconds": 604_800
    }
    for rate in (1, 1_000_000, None):
        assert (await manager.change("", rate_limit_per_second=rate))["rate_limit_per_second"] == rate


async def test_a_default_that_cannot_be_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    for field, value in (
        ("default_region", "ZZ"),
        ("default_region", "us"),
        ("default_region", "US\n"),
        ("default_region", None),
        ("default_number_cap", -1),
        ("default_storage_duration_seconds", 7_776_001),
        ("default_end_call_cutoff_seconds", 604_801),
        ("default_end_call_cutoff_seconds", "60"),
        ("rate_limit_per_second", 0),
        ("rate_limit_per_second", 1_000_001),
    ):
        with subtests.test(field, value=value):
            reply = await manager.ask("PATCH", "", {field: value})
            assert reply.problem == (422, "invalid_field", field)


FULL = {
    "publishers": {"name": "Leads", "afid": "A-77", "number_cap": 3},
    "buyers": {"name": "Insurer", "price_cents": 2_500, "paused": True},
    "campaigns": {"name": "Auto", "payout_cents": 1_200},
}
CHANGED = {
    "publishers": {"name": "Ñandú 📞", "afid": None, "number_cap": None},
    "buyers": {"name": "Ñandú 📞", "price_cents": None, "paused": False},
    "campaigns": {"name": "Ñandú 📞", "payout_cents": None},
}
SHOWN: dict[str, JsonObject] = {
    "publishers": {"effective_number_cap": 3, "numbers_held": 0},
    "buyers": {"hidden": []},
    "campaigns": {"hidden": []},
}
"""What else is answered."""


async def test_it_is_made_read_changed_and_removed(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun in FULL:
        with subtests.test(noun):
            reply = await manager.ask("POST", noun, FULL[noun])
            assert reply.status == 201
            made = reply.body
            assert made == {**FULL[noun], **SHOWN[noun], "id": made["id"], "created_at": made["created_at"]}
            address = f"/v1/companies/{manager.company_id}/{noun}/{made['id']}"
            assert reply.headers["Location"] == address
            assert await manager.get(address) == made
            assert (await manager.get(noun))["items"] == [made]
            assert await manager.change(address) == made, "a change that names nothing changes nothing"
            for field, value in CHANGED[noun].items():
                made |= {field: value} | ({"effective_number_cap": 10} if field == "number_cap" else {})
                assert await manager.change(address, **{field: value}) == made
            await manager.remove(address)
            for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
                assert (await manager.ask(method, address, body)).problem == (404, "not_found", None)
            assert (await manager.get(noun))["items"] == []


async def test_only_a_name_is_needed(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun in FULL:
        with subtests.test(noun):
            await manager.create(noun, name="x")
            assert (await manager.ask("POST", noun, {})).problem == (422, "invalid_field", "name")


async def test_a_name_that_cannot_be_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for noun in ("publishers", "buyers", "campaigns", "engine-keys", "api-tokens"):
        with subtests.test(noun):
            for name in ("", " x", "x ", "x\n", "a\x00b", "a\tb", "a\u0085b", "x" * 201, None, 5, ["x"], {}):
                assert (await manager.ask("POST", noun, {"name": name})).problem == (422, "invalid_field", "name"), name


async def test_an_afid_belongs_to_one_publisher_until_that_is_removed(manager: Manager, neighbour: Manager) -> None:
    first = await manager.create("publishers", name="First", afid="77")
    assert (await manager.ask("POST", "publishers", {"name": "Second", "afid": "77"})).problem == (409, "afid_taken", "afid")
    second = await manager.create("publishers", name="Second")
    assert (await manager.ask("PATCH", f"publishers/{second['id']}", {"afid": "77"})).problem == (409, "afid_taken", "afid")
    await neighbour.create("publishers", name="Elsewhere", afid="77")
    await manager.remove(f"publishers/{first['id']}")
    assert (await manager.change(f"publishers/{second['id']}", afid="77"))["afid"] == "77"


async def test_money_fits_a_bigint_and_is_never_negative(manager: Manager) -> None:
    assert (await manager.create("buyers", name="Rich", price_cents=2**63 - 1))["price_cents"] == 2**63 - 1
    for cents in (-1, 2**63, 10**30, 1.5, "5", True):
        reply = await manager.ask("POST", "campaigns", {"name": "x", "payout_cents": cents})
        assert reply.problem == (422, "invalid_field", "payout_cents"), cents


async def test_a_tracking_number_is_kept_in_e164_and_moves_between_campaigns_and_publishers(manager: Manager) -> None:
    world = await manager.create_one_of_each()
    campaign_id, publisher_id = world["campaign"]["id"], world["publisher"]["id"]
    number = await manager.create("numbers", number="(202) 555-0199", campaign_id=campaign_id)
    assert number | {"created_at": ""} == {
        "id": number["id"],
        "number": "+12025550199",
        "campaign_id": campaign_id,
        "publisher_id": None,
        "pool": False,
        "created_at": "",
        "hidden": [],
    }
    other = await manager.create("campaigns", name="Other")
    changed = await manager.change(f"numbers/{number['id']}", campaign_id=other["id"], publisher_id=publisher_id, pool=True)
    assert changed == number | {"campaign_id": other["id"], "publisher_id": publisher_id, "pool": True}
    assert (await manager.change(f"numbers/{number['id']}", publisher_id=None))["publisher_id"] is None
    assert (await manager.ask("PATCH", f"numbers/{number['id']}", {"campaign_id": None})).problem == (
        422,
        "invalid_field",
        "campaign_id",
    )
    assert (await manager.ask("PATCH", f"numbers/{number['id']}", {"number": "+12025550111"})).problem == (
        422,
        "unknown_field",
        "number",
    )


async def test_a_tracking_number_exists_once_in_a_company_until_it_is_removed(manager: Manager, neighbour: Manager) -> None:
    ours, theirs = await manager.create_one_of_each(), await neighbour.create_one_of_each()
    fields = {"number": ours["number"]["number"], "campaign_id": ours["campaign"]["id"]}
    assert (await manager.ask("POST", "numbers", fields)).problem == (409, "number_taken", "number")
    await neighbour.create("numbers", number=fields["number"], campaign_id=theirs["campaign"]["id"])
    await manager.remove(f"numbers/{ours['number']['id']}")
    await manager.create("numbers", **fields)


async def test_what_is_no_number_is_refused(manager: Manager) -> None:
    campaign = await manager.create("campaigns", name="Campaign")
    for number in (
        "",
        "x",
        "555-0100",
        "+1202",
        "+" + "9" * 16,
        "12025550100 ext 5",
        "٢٠٢٥٥٥٠١٠٠",
        "+1202\x005550100",
        None,
        12025550100,
    ):
        reply = await manager.ask("POST", "numbers", {"number": number, "campaign_id": campaign["id"]})
        assert reply.problem == (422, "invalid_field", "number"), number


async def test_numbers_can_be_listed_by_campaign_and_by_publisher(manager: Manager) -> None:
    first, second = await manager.create_one_of_each(), await manager.create_one_of_each()
    await manager.create("numbers", number="+12025550177", campaign_id=first["campaign"]["id"])
    by_campaign = await manager.get("numbers", campaign_id=first["campaign"]["id"])
    assert [number["number"] for number in by_campaign["items"]] == [first["number"]["number"], "+12025550177"]
    by_publisher = await manager.get("numbers", publisher_id=second["publisher"]["id"])
    assert [number["id"] for number in by_publisher["items"]] == [second["number"]["id"]]


async def test_a_campaign_with_numbers_cannot_be_removed(manager: Manager) -> None:
    world = await manager.create_one_of_each()
    address = f"campaigns/{world['campaign']['id']}"
    assert (await manager.ask("DELETE", address)).problem == (409, "campaign_in_use", None)
    await manager.get(address)
    await manager.remove(f"numbers/{world['number']['id']}")
    await manager.remove(address)


async def test_a_number_made_while_its_campaign_is_removed_never_ends_up_without_one(
    manager: Manager, db: asyncpg.Connection
) -> None:
    for round_number in range(10):
        campaign = await manager.create("campaigns", name="Contested")
        fields = {"number": f"+1202555{round_number:04}", "campaign_id": campaign["id"]}
        made, removed = await asyncio.gather(
            manager.ask("POST", "numbers", fields), manager.ask("DELETE", f"campaigns/{campaign['id']}")
        )
        assert (made.status, removed.status) in {(201, 409), (404, 204)}
    stranded = """
        select count(*)
        from tracking_numbers n
        join campaigns c on c.id = n.campaign_id
        where n.removed_at is null
          and c.removed_at is not null
        """
    assert await db.fetchval(stranded) == 0


@pytest.mark.parametrize("field", ["campaign_id", "publisher_id"])
async def test_a_number_needs_a_campaign_and_publisher_that_are_there(manager: Manager, field: str) -> None:
    world = await manager.create_one_of_each()
    await manager.remove(f"numbers/{world['number']['id']}")
    noun = field.removesuffix("_id")
    await manager.remove(f"{noun}s/{world[noun]['id']}")
    fields = {"campaign_id": world["campaign"]["id"], "publisher_id": world["publisher"]["id"]}
    reply = await manager.ask("POST", "numbers", {"number": "+12025550188", **fields})
    assert reply.problem == (404, "not_found", field)


async def test_removing_a_publisher_revokes_its_postback_keys_and_leaves_its_numbers(manager: Manager) -> None:
    world, other = await manager.create_one_of_each(), await manager.create_one_of_each()
    await manager.remove(f"publishers/{world['publisher']['id']}")
    assert [key["id"] for key in (await manager.get("postback-keys"))["items"]] == [other["postback_key"]["id"]]
    assert (await manager.ask("GET", f"postback-keys/{world['postback_key']['id']}")).problem == (404, "not_found", None)
    assert (await manager.get(f"numbers/{world['number']['id']}"))["publisher_id"] == world["publisher"]["id"]
    reply = await manager.ask("POST", f"publishers/{world['publisher']['id']}/postback-keys", {"name": "Late"})
    assert reply.status == 404
