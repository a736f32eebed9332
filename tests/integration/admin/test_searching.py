"""`?search=` finds what was set up by a part of its name, and numbers by some of their digits."""

from tests.integration.admin.manager import Manager


async def names(manager: Manager, noun: str, search: str) -> list[str]:
    return [thing["name"] for thing in await manager.walk(noun, search=search, limit=1)]


async def test_a_part_of_the_name_finds_it_in_small_or_capital_letters(manager: Manager, neighbour: Manager) -> None:
    for noun in ("publishers", "buyers", "campaigns"):
        for name in ("Lead forms", "Leads by mail", "Radio", "50%_off"):
            await manager.create(noun, name=name)
        await neighbour.create(noun, name="Lead of another company")
        assert await names(manager, noun, "LEAD") == ["Lead forms", "Leads by mail"]
        assert await names(manager, noun, "forms ") == ["Lead forms"]
        assert await names(manager, noun, "nobody") == []
        assert len(await names(manager, noun, " ")) == 4


async def test_what_means_something_in_a_pattern_means_itself(manager: Manager) -> None:
    for name in ("50%_off", "50 off", "back\\slash"):
        await manager.create("publishers", name=name)
    assert await names(manager, "publishers", "%") == ["50%_off"]
    assert await names(manager, "publishers", "_") == ["50%_off"]
    assert await names(manager, "publishers", "\\") == ["back\\slash"]


async def test_numbers_are_found_by_their_digits_however_they_are_written(manager: Manager) -> None:
    campaign = await manager.create("campaigns", name="Campaign")
    for number in ("+18005550123", "+18005550124", "+13035550123"):
        await manager.create("numbers", number=number, campaign_id=campaign["id"])
    assert len(await manager.walk("numbers", search="(800) 555")) == 2
    assert [item["number"] for item in await manager.walk("numbers", search="0124")] == ["+18005550124"]
    assert await manager.walk("numbers", search="no digits") == []


async def test_collaborators_are_found_by_name_and_by_address(manager: Manager) -> None:
    for name, email in (
        ("Jane Roe", "jane@leads.example"),
        ("John Doe", "office@leads.example"),
        ("Ann Lee", "ann@buyer.example"),
    ):
        await manager.create("collaborators", name=name, email=email)
    assert await names(manager, "collaborators", "ROE") == ["Jane Roe"]
    assert await names(manager, "collaborators", "leads.") == ["Jane Roe", "John Doe"]
    assert await names(manager, "collaborators", "e j") == [], "a part of one of them, not of both together"


async def test_both_sides_of_grants_are_searched(manager: Manager) -> None:
    publisher = await manager.create("publishers", name="Publisher")
    ids = [(await manager.create("campaigns", name=name))["id"] for name in ("Auto one", "Auto two", "Home")]
    path = f"publishers/{publisher['id']}/campaigns"
    await manager.change(path, grant=[ids[0], ids[2]])
    assert [item["name"] for item in await manager.walk(path, search="auto")] == ["Auto one"]
    assert [item["name"] for item in await manager.walk(path, search="auto", available="true")] == ["Auto two"]


async def test_a_search_is_bounded(manager: Manager) -> None:
    reply = await manager.ask("GET", "publishers", search="x" * 101)
    assert reply.problem == (422, "invalid_field", "search")
