"""Two panes: what could be granted to a publisher, and what is; ticks and buttons move between them without a script."""

from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from tests.integration.admin.html_page import ConsoleBrowser
from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person

Door = TestClient[Any, Any]


@pytest.fixture
async def owner(db: asyncpg.Connection, door: Door, manager: Manager) -> ConsoleBrowser:
    return ConsoleBrowser(door, (await add_person(db, door, manager.company_id, role="owner")).own_headers)


@pytest.fixture
async def publisher_id(manager: Manager) -> int:
    return int((await manager.create("publishers", name="Publisher", number_cap=0))["id"])


async def make_campaigns(manager: Manager, *names: str) -> list[int]:
    return [(await manager.create("campaigns", name=name))["id"] for name in names]


async def granted(manager: Manager, publisher_id: int, kind: str) -> list[int]:
    noun = {"campaigns": "campaign_id", "numbers": "number_id"}[kind]
    return [grant[noun] for grant in await manager.walk(f"publishers/{publisher_id}/{kind}")]


async def test_what_is_ticked_is_granted_and_revoked_and_the_other_side_stays(
    owner: ConsoleBrowser, manager: Manager, publisher_id: int
) -> None:
    ids = await make_campaigns(manager, "Auto", "Home", "Debt")
    path = f"/companies/{manager.company_id}/publishers/{publisher_id}/campaigns"
    done = await owner.send(f"{path}?do=grant", {"grant": [str(ids[0]), str(ids[1])], "find_available": "o"})
    assert done.leads_to == f"{path}?find_available=o"
    assert owner.notice == "2 granted."
    done = await owner.send(f"{path}?do=revoke", {"grant": [str(ids[2])], "revoke": [str(ids[0])]})
    assert await granted(manager, publisher_id, "campaigns") == [ids[1]]
    page = await owner.open(done.leads_to)
    assert "1 revoked." in page.text
    assert "counts now" in page.text
    assert page.body.count("since <time") == 1


async def test_each_pane_is_searched_for_itself(owner: ConsoleBrowser, manager: Manager, publisher_id: int) -> None:
    ids = await make_campaigns(manager, "Auto one", "Auto two", "Home")
    await manager.change(f"publishers/{publisher_id}/campaigns", grant=[ids[0], ids[2]])
    path = f"/companies/{manager.company_id}/publishers/{publisher_id}/campaigns"
    page = await owner.open(f"{path}?find_granted=auto")
    assert f'id="granted-{ids[0]}"' in page.body
    assert f'id="granted-{ids[2]}"' not in page.body
    assert f'id="available-{ids[1]}"' in page.body
    assert "Nothing here is like “x”" in (await owner.open(f"{path}?find_available=x")).text


async def test_nothing_ticked_and_what_is_gone_are_said(owner: ConsoleBrowser, manager: Manager, publisher_id: int) -> None:
    ids = await make_campaigns(manager, "Auto", "Home")
    path = f"/companies/{manager.company_id}/publishers/{publisher_id}/campaigns"
    page = await owner.send(f"{path}?do=grant", {})
    assert page.status == 422
    assert "Tick what you want to grant first." in page.text
    await manager.remove(f"campaigns/{ids[1]}")
    page = await owner.send(f"{path}?do=grant", {"grant": [str(ids[0]), str(ids[1])]})
    assert page.status == 404
    assert f"There is nothing with the id {ids[1]} here." in page.text
    assert str(ids[0]) in page.form("grant").fields["grant"]
    assert await granted(manager, publisher_id, "campaigns") == []


async def test_numbers_are_granted_beyond_the_cap_which_the_page_says(
    owner: ConsoleBrowser, manager: Manager, publisher_id: int
) -> None:
    [campaign_id] = await make_campaigns(manager, "Auto insurance")
    number = await manager.create("numbers", number="+18005550123", campaign_id=campaign_id)
    path = f"/companies/{manager.company_id}/publishers/{publisher_id}/numbers"
    page = await owner.open(path)
    assert "its number cap is 0" in page.text
    assert "You may grant beyond the cap." in page.text
    assert "Auto insurance" in page.text
    await owner.send(f"{path}?do=grant", {"grant": str(number["id"])})
    assert await granted(manager, publisher_id, "numbers") == [number["id"]]
    assert f'id="granted-{number["id"]}"' in (await owner.open(f"{path}?find_granted=800-555")).body
