"""How people are let in, and out: the letters that come by mail, statuses, several companies; on running services, over HTTP alone."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.e2e.companies import CALLER, MASKED, PASSWORD, Callstamp, Company, Market, Person
from tests.waiting import wait_for_sync

NOT_FOUND = (404, "not_found", None)


def test_one_person_acts_as_two_publishers_and_a_buyer(company: Company, market: Market) -> None:
    second = Market(company)
    company.add_engine_key()
    for one in (market, second):
        one.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id, second.publisher_id], buyer_ids=[market.buyer_id])
    company.permit(f"publishers/{second.publisher_id}", view_caller_number="none", view_revenue="allow")
    of_first, of_second = company.phone(market.number), company.phone(second.number, revenue_cents=100)
    as_buyer = company.phone(company.add_number(market.campaign_id), answered_by=market.buyer_id)
    as_both = company.phone(second.number, answered_by=market.buyer_id)
    company.phone(second.number, hit={"started_at": "2020-01-01T00:00:00Z"})
    assert jane.calls() == [as_both, as_buyer, of_second, of_first], "rows are the union"
    seen = {name: jane.see(call_uuid)["caller_number"] for name, call_uuid in (("first", of_first), ("second", of_second))}
    assert seen == {"first": MASKED, "second": None}, "and each is masked as whom it is seen as"
    assert jane.see(of_second)["revenue_cents"] == 100
    assert jane.see(of_first)["revenue_cents"] is None
    assert jane.see(as_buyer)["caller_number"] == jane.see(as_both)["caller_number"] == CALLER, "what any of them may see"
    assert jane.calls(caller_number=CALLER) == [as_both, as_buyer], "a filter goes through those who may see the field"


def test_statuses_go_from_invited_to_no_permissions_to_connected(company: Company, market: Market) -> None:
    jane = company.invite(publisher_ids=[market.publisher_id])
    assert company.status_of(jane) == "invited"
    jane.create(f"{company.link_of(jane)}/accept", password=PASSWORD)
    assert company.status_of(jane) == "no_permissions"
    market.grant()
    assert company.status_of(jane) == "connected"
    market.revoke()
    assert company.status_of(jane) == "no_permissions"
    company.grant(market.publisher_id, "campaigns", market.campaign_id)
    assert company.status_of(jane) == "connected"
    nobody, buyer = company.let_in(), company.let_in(buyer_ids=[market.buyer_id])
    assert (company.status_of(nobody), company.status_of(buyer)) == ("no_permissions", "connected")
    assert [row["id"] for row in company.manager.get("collaborators", status="no_permissions")["items"]] == [nobody.id]


def test_accepting_while_signed_in_as_somebody_else_is_an_error_and_uses_nothing_up(company: Company, market: Market) -> None:
    john = company.let_in(buyer_ids=[market.buyer_id])
    jane = company.invite(publisher_ids=[market.publisher_id])
    link = company.link_of(jane)
    for said in ({}, {"password": PASSWORD}):
        assert john.refusal("POST", f"{link}/accept", said) == (409, "signed_in_as_another", None)
    assert company.status_of(jane) == "invited"
    assert john.get("/v1/me")["email"] == john.email, "and stays signed in as who they are"
    john.remove("/v1/sessions/current")
    assert jane.create(f"{link}/accept", password=PASSWORD)["collaborator_id"] == jane.id
    assert company.status_of(jane) == "no_permissions"


def test_a_link_works_once_and_opening_it_changes_nothing(company: Company, market: Market) -> None:
    jane = company.invite(buyer_ids=[market.buyer_id])
    link = company.link_of(jane)
    for _ in range(3):
        assert jane.get(link)["buyers"] == ["Insurer"]
    assert company.manager.ask("POST", f"collaborators/{jane.id}/invite").status == 200
    newer = company.link_of(jane, after=link)
    assert jane.refusal("POST", f"{link}/accept", {"password": PASSWORD})[0] == 404, "the old link died when it was sent again"
    assert jane.ask("POST", f"{newer}/accept", {"password": "short"}).status == 422
    jane.create(f"{newer}/accept", password=PASSWORD)
    stranger = Person(company.callstamp, company.id)
    assert stranger.refusal("POST", f"{newer}/accept", {"password": PASSWORD}) == (410, "invite_over", None)
    withdrawn = company.invite()
    link = company.link_of(withdrawn)
    company.manager.remove(f"collaborators/{withdrawn.id}/invite")
    assert withdrawn.ask("GET", link).status in (404, 410)


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.long)])
def test_a_letter_comes_also_when_admin_is_killed_as_soon_as_it_was_asked_for(
    company: Company, market: Market, times: int
) -> None:
    """A letter that was on its way when admin was killed is sent again a minute later, with another link; the minute is left out."""
    unsent = "select count(*) from mails where collaborator_id = $1 and sent_at is null"
    for _ in range(times):
        jane = company.invite(buyer_ids=[market.buyer_id])
        company.callstamp.processes.kill("admin")
        ask_database(company.callstamp, "update mails set next_try_at = now() where collaborator_id = $1", jane.id)
        company.callstamp.start_admin()
        wait_for_sync(lambda jane=jane: ask_database(company.callstamp, unsent, jane.id), 0, "letters that aren't sent yet")
        assert jane.get(company.link_of(jane))["email"] == jane.email
        jane.create(f"{company.link_of(jane)}/accept", password=PASSWORD)
        assert company.status_of(jane) == "connected"


def ask_database(callstamp: Callstamp, statement: str, *arguments: Any) -> Any:
    """Execute a statement. Returns the first value of the first row, if there is one."""

    async def ask() -> Any:
        connection = await asyncpg.connect(callstamp.postgres_url)
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_one_login_belongs_to_many_companies_which_stay_apart(callstamp: Callstamp, company: Company, market: Market) -> None:
    other = Market(callstamp.add_company("Other"))
    jane = company.let_in(buyer_ids=[market.buyer_id])
    theirs = other.company.phone(other.number, answered_by=other.buyer_id)
    own = company.phone(market.number, answered_by=market.buyer_id)
    assert jane.refusal("GET", f"/v1/companies/{other.company.id}/calls") == NOT_FOUND
    used = company.link_of(jane)
    again = other.company.invite(email=jane.email, buyer_ids=[other.buyer_id])
    link = other.company.link_of(again, after=used)
    assert jane.get(link)["has_login"] is True
    jane.create(f"{link}/accept")
    assert [mine["id"] for mine in jane.get("/v1/me")["companies"]] == [company.id, other.company.id]
    assert jane.calls() == [own]
    assert [call["call_uuid"] for call in jane.get(f"/v1/companies/{other.company.id}/calls")["items"]] == [theirs]
    other.company.manager.remove(f"collaborators/{again.id}")
    assert jane.refusal("GET", f"/v1/companies/{other.company.id}/calls") == NOT_FOUND
    assert jane.calls() == [own]


def test_who_is_removed_sees_nothing_from_the_next_request_on(company: Company, market: Market) -> None:
    jane = company.let_in(buyer_ids=[market.buyer_id])
    program = Person(company.callstamp, company.id, token=jane.create("api-tokens", name="Mine")["token"])
    assert (jane.ask("GET", "calls").status, program.ask("GET", "calls").status) == (200, 200)
    company.manager.remove(f"collaborators/{jane.id}")
    assert (jane.ask("GET", "calls").status, program.ask("GET", "calls").status) == (404, 401)


def test_a_lost_password_is_replaced_by_a_link_that_works_once(company: Company, market: Market) -> None:
    jane = company.let_in(buyer_ids=[market.buyer_id])
    link, other_browser = company.link_of(jane), Person(company.callstamp, company.id, email=jane.email)
    assert other_browser.ask("POST", "/v1/password-resets", {"email": jane.email}).status == 202
    reset = company.link_of(jane, after=link).replace("/v1/invites/", "/v1/password-resets/")
    assert other_browser.ask("POST", reset, {"password": "a battery that runs"}).status in (200, 204)
    assert other_browser.ask("POST", reset, {"password": "a battery that stops"}).status == 404
    assert jane.ask("GET", "calls").status == 401, "all sessions ended"
    assert other_browser.sign_in(PASSWORD).status == 401
    assert other_browser.sign_in("a battery that runs").status == 201
    assert other_browser.ask("GET", "calls").status == 200
