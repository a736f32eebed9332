"""People are let in by clicks, and see what they are granted: from the manager's forms to the publisher's and buyer's pages."""

from collections.abc import Callable

from tests.browser.desk import Desk
from tests.e2e.companies import CALLER, MASKED, PASSWORD, Company, Market, Person, new_number, wait_for_secret


def accept(desk: Desk, company: Company, email: str) -> None:
    """Open the letter's link and accept with a new login."""
    desk.go(f"/invites/{wait_for_secret(company.callstamp.mail, email)}")
    desk.page.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.do("Accept")


def status_of(manager: Desk, company: Company, person_id: int) -> str:
    """As the page of the collaborator says it."""
    manager.go(f"/companies/{company.id}/collaborators/{person_id}")
    return manager.page.locator("dl.facts .word").first.inner_text()


def grant(manager: Desk, company: Company, publisher_id: int, what: str, name: str, button: str = "Grant") -> None:
    manager.go(f"/companies/{company.id}/publishers/{publisher_id}/{what}")
    manager.page.get_by_label(name).check()
    with manager.page.expect_navigation():
        manager.page.get_by_role("button", name=f"{button} what is ticked (1)").click()


def test_a_publisher_is_invited_and_goes_from_invited_to_no_permissions_to_connected(
    manager: Desk, desk: Desk, company: Company, market: Market
) -> None:
    page = manager.page
    manager.go(f"/companies/{company.id}/collaborators")
    page.get_by_role("link", name="+ Invite").first.click()
    page.get_by_label("Name", exact=True).fill("Jane")
    page.get_by_label("E-mail address").fill("jane.browser@leads.example")
    page.get_by_label("Leads").check()
    manager.do("Send the invite")
    (jane,) = company.manager.get("collaborators", status="invited")["items"]
    assert jane["publisher_ids"] == [market.publisher_id]
    assert status_of(manager, company, jane["id"]) == "Invited"

    accept(desk, company, jane["email"])
    assert status_of(manager, company, jane["id"]) == "No Permissions"
    desk.go(f"/companies/{company.id}")
    assert desk.page.locator(".wrong").count() == 0, "nothing to see yet is no fault"
    assert desk.page.locator(".empty, .panel").count() > 0

    before = company.phone(market.number)
    grant(manager, company, market.publisher_id, "numbers", market.number["number"])
    assert status_of(manager, company, jane["id"]) == "Connected"
    company.post(company.add_postback_key(market.publisher_id), zip="94110")
    seen = company.phone(market.number, revenue_cents=777)
    desk.go(f"/companies/{company.id}/calls")
    assert desk.page.locator("main tbody tr").count() == 1
    assert MASKED in desk.text()
    desk.page.locator("main tbody a").first.click()
    desk.page.wait_for_url(f"**/calls/{seen}")
    said = desk.text()
    assert "hidden" in said
    assert [word for word in (CALLER, "7.77", "94110") if word in said] == [], "only the fields it may see"
    assert desk.go(f"/companies/{company.id}/calls/{before}").status == 404
    assert desk.go(f"/companies/{company.id}/settings").status == 403

    grant(manager, company, market.publisher_id, "numbers", market.number["number"], "Revoke")
    company.phone(market.number)
    desk.go(f"/companies/{company.id}/calls")
    assert desk.page.locator("main tbody tr").count() == 1, "what started while it was granted stays seen, what came later isn't"


def test_an_invite_opened_while_signed_in_as_somebody_else_says_so_and_leads_out(
    manager: Desk, company: Company, market: Market
) -> None:
    jane = company.invite(publisher_ids=[market.publisher_id])
    manager.go(f"/invites/{wait_for_secret(company.callstamp.mail, jane.email)}")
    assert f"You are signed in as {company.owner_email}" in manager.text()
    assert company.status_of(jane) == "invited"
    manager.do("Sign out and come back here")
    manager.page.get_by_label("Password", exact=True).fill(PASSWORD)
    manager.do("Accept")
    assert company.status_of(jane) == "no_permissions"
    manager.go("/me")
    assert jane.email in manager.text(), "and is signed in as who was invited"


def test_a_publisher_makes_numbers_in_granted_campaigns_until_the_cap_stops_it(
    manager: Desk, sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    company.make("campaigns", "Home insurance")
    jane = company.let_in(publisher_ids=[market.publisher_id])
    desk = sit_down()
    desk.take_session(jane.email, PASSWORD)
    assert desk.go(f"/companies/{company.id}/numbers/new").status == 403

    manager.go(f"/companies/{company.id}/publishers/{market.publisher_id}")
    manager.page.get_by_label("Number cap").fill("2")
    manager.do("Save")
    grant(manager, company, market.publisher_id, "campaigns", "Auto insurance")
    manager.go(f"/companies/{company.id}/publishers/{market.publisher_id}/permissions")
    manager.page.locator("input[name=create_numbers][value=allow]").check()
    manager.do("Save")

    desk.go(f"/companies/{company.id}/numbers/new")
    assert "1 of 2 used" in desk.text()
    assert "Home insurance" not in desk.text()
    number = new_number()
    desk.page.get_by_label("Number", exact=True).fill(number)
    desk.do("Make the number")
    company.engine_key = company.add_engine_key()
    call_uuid = company.phone({"number": number})
    assert jane.calls() == [call_uuid]

    desk.go(f"/companies/{company.id}/numbers/new")
    assert "2 of 2 used" in desk.text()
    refused = new_number()
    desk.page.get_by_label("Number", exact=True).fill(refused)
    desk.do("Make the number")
    assert "number cap is 2, and it holds 2" in desk.text()
    assert desk.page.get_by_label("Number", exact=True).input_value() == refused

    manager.go(f"/companies/{company.id}/numbers/new")
    manager.page.get_by_label("Number", exact=True).fill(refused)
    manager.page.get_by_label("Campaign").select_option(label="Auto insurance")
    manager.page.get_by_label("Publisher").select_option(label="Leads")
    manager.do("Make the number")
    assert company.manager.get(f"publishers/{market.publisher_id}")["numbers_held"] == 3, "a manager goes beyond it"


def test_a_buyer_sees_the_calls_it_answered_and_pauses_itself_once_it_may(
    manager: Desk, sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    other_id = company.make("buyers", "Another insurer")
    company.engine_key = company.add_engine_key()
    jane = company.let_in(buyer_ids=[market.buyer_id])
    company.phone(market.number, answered_by=other_id)
    own = company.phone(market.number, answered_by=market.buyer_id, recording_url="https://recordings.example/1.mp3")
    desk = sit_down()
    desk.take_session(jane.email, PASSWORD)
    desk.go(f"/companies/{company.id}/calls")
    assert desk.page.locator("main tbody tr").count() == 1
    assert CALLER in desk.text()
    desk.go(f"/companies/{company.id}/calls/{own}")
    assert desk.page.get_by_role("link", name="Recording").get_attribute("href") == "https://recordings.example/1.mp3"
    buyer = f"/companies/{company.id}/buyers/{market.buyer_id}"
    desk.go(buyer)
    assert desk.page.get_by_role("button", name="Save").count() == 0
    manager.go(f"{buyer}/permissions")
    manager.page.locator("input[name=pause_buyer][value=allow]").check()
    manager.do("Save")
    desk.go(buyer)
    desk.page.get_by_label("Paused: calls aren't to be routed here").check()
    desk.do("Save")
    assert company.manager.get(f"buyers/{market.buyer_id}")["paused"] is True
    assert company.manager.get(f"buyers/{market.buyer_id}")["name"] == "Insurer"


def test_permissions_are_overridden_level_by_level_and_the_page_says_from_where(
    manager: Desk, sit_down: Callable[..., Desk], company: Company, market: Market
) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id])
    company.phone(market.number)
    desk = sit_down()
    desk.take_session(jane.email, PASSWORD)

    def change(path: str, kind: str, value: str) -> None:
        manager.go(f"/companies/{company.id}/{path}")
        form = manager.page.locator("form.permissions").filter(has=manager.page.locator(f"input[name={kind}]")).first
        form.locator(f"input[name={kind}][value={value}]").check()
        with manager.page.expect_navigation():
            form.locator("button.first").click()

    def shown() -> str:
        desk.go(f"/companies/{company.id}/calls")
        return desk.page.locator("main tbody tr").inner_text()

    assert MASKED in shown()
    change("permissions", "view_caller_number", "full")
    assert CALLER in shown()
    change(f"collaborators/{jane.id}/permissions", "view_caller_number", "masked")
    assert MASKED in shown()
    change(f"publishers/{market.publisher_id}/permissions", "view_caller_number", "full")
    assert CALLER in shown()
    change(f"collaborators/{jane.id}/permissions", "view_caller_number", "none")
    assert "hidden" in shown(), "what a collaborator is denied stays denied"
    manager.go(f"/companies/{company.id}/collaborators/{jane.id}/effective-permissions")
    assert "collaborator" in manager.text()
    company.permit("", for_publishers={"view_call_log": "deny"})
    assert desk.go(f"/companies/{company.id}/calls").status == 403


def test_a_manager_looks_as_a_collaborator_and_changes_nothing_meanwhile(manager: Desk, company: Company, market: Market) -> None:
    market.grant()
    jane: Person = company.let_in(publisher_ids=[market.publisher_id])
    company.phone(market.number)
    manager.go(f"/companies/{company.id}/collaborators/{jane.id}")
    manager.do("View as")
    manager.go(f"/companies/{company.id}/calls")
    assert MASKED in manager.text()
    assert manager.page.locator(".banner").is_visible()
    assert manager.go(f"/companies/{company.id}/settings").status == 403
    manager.do("Stop")
    manager.go(f"/companies/{company.id}/calls")
    assert CALLER in manager.text()
