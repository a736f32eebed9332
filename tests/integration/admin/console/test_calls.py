"""The call log, and one call, as managers and collaborators see them."""

import asyncpg
import pytest

from tests.integration.admin.lookers import XSS, Company, ago, make_company
from tests.integration.admin.manager import CALLER, Manager, add_event
from tests.integration.admin.persons import permit


@pytest.fixture
async def company(manager: Manager, db: asyncpg.Connection) -> Company:
    return await make_company(manager, db)


async def test_the_list_has_names_and_leads_to_each_call(company: Company) -> None:
    await company.call(call_uuid="c@1", answered_by=company.buyer_id, duration_seconds=65, payout_cents=700, tags={XSS: XSS})
    page = await (await company.owner()).see("/calls")
    for words in (CALLER, "Campaign", "Publisher", "Buyer", "1:05", "7.00", "completed", XSS):
        assert words in page.text, words
    assert f"/companies/{company.id}/calls/c%401" in page.links


async def test_each_filter_filters_and_stays_as_it_was_chosen(company: Company) -> None:
    await company.call(call_uuid="old", hit_at=ago(days=3), answered_by=company.buyer_id)
    await company.call(call_uuid="live", status="in_progress", caller_number="+12025550199", tags={"zip": "90210"})
    owner = await company.owner()
    for query, found in {
        "within=day": "live",
        "status=in_progress": "live",
        f"answered_by={company.buyer_id}": "old",
        "caller_number=202-555-0199": "live",
        "tag_name=zip&tag_value=90210": "live",
        f"to={ago(days=2):%Y-%m-%dT%H:%M}": "old",
        f"from={ago(days=2):%Y-%m-%dT%H:%M}": "live",
    }.items():
        page = await owner.see(f"/calls?{query}&cursor=")
        assert {link.rpartition("/")[2] for link in page.links if "/calls/" in link} == {found}, query
    page = await owner.see("/calls?status=in_progress&caller_number=202-555-0199")
    assert page.forms[-1].fields["status"] == ["in_progress"]
    assert page.forms[-1].fields["caller_number"] == ["202-555-0199"]


async def test_what_is_wrong_is_said_beside_the_filter_and_the_list_is_there(company: Company) -> None:
    await company.call()
    owner = await company.owner()
    for query in ("from=yesterday", "caller_number=12", "answered_by=999", "campaign_id=x", "status=gone"):
        page = await owner.see(f"/calls?{query}")
        assert f'id="wrong-{query.partition("=")[0]}"' in page.body or 'role="alert"' in page.body, query
        assert CALLER in page.text, query


async def test_nothing_found_says_why_and_what_to_do(company: Company) -> None:
    owner = await company.owner()
    assert "No call has come yet." in (await owner.see("/calls")).text
    assert "No call is in progress just now." in (await owner.see("/calls?status=in_progress")).text


async def test_the_file_has_the_same_filters_and_is_for_who_may_export(company: Company, db: asyncpg.Connection) -> None:
    page = await (await company.owner()).see("/calls?status=completed&tag_name=zip")
    (file,) = [link for link in page.links if "format=csv" in link]
    assert file.startswith(f"/v1/companies/{company.id}/calls?")
    assert "status=completed" in file
    assert "tag_name=zip" in file
    publisher = await company.as_publisher()
    assert "format=csv" in (await publisher.see("/calls")).body
    await permit(db, company.id, "publisher", company.publisher_id, "publisher", {"export_calls": "deny"})
    assert "format=csv" not in (await publisher.see("/calls")).body


async def test_a_long_list_goes_on(company: Company) -> None:
    for number in range(51):
        await company.call(call_uuid=f"c{number}", hit_at=ago(minutes=number))
    owner = await company.owner()
    page = await owner.see("/calls?within=day")
    (more,) = [link for link in page.links if "cursor=" in link]
    assert "within=day" in more
    assert len(page.body) < 100_000
    last = await owner.see("/calls" + more)
    assert [link for link in last.links if "/calls/" in link] == [f"/companies/{company.id}/calls/c50"]


async def test_a_publisher_sees_what_is_hidden_as_hidden(company: Company) -> None:
    await company.call(call_uuid="c1", revenue_cents=987_600, answered_by=company.buyer_id, tags={"secret": "word"})
    publisher = await company.as_publisher()
    for path in ("/calls", "/calls/c1"):
        page = await publisher.see(path)
        assert "hidden" in page.text
        for secret in ("9,876", CALLER, "Buyer", "secret", "word"):
            assert secret not in page.text.replace("Buyers", ""), (path, secret)
        assert "+*******0100" in page.text


async def test_a_filter_on_what_is_hidden_is_refused_in_words(company: Company) -> None:
    await company.call(caller_number=CALLER)
    page = await (await company.as_publisher()).see(f"/calls?caller_number=%2B{CALLER[1:]}")
    assert 'aria-invalid="true"' in page.body


async def test_a_calls_page_tells_its_story(company: Company, db: asyncpg.Connection) -> None:
    postback_id = await company.postback(received_at=ago(minutes=6), call_uuids=["c1"], tag_values={"zip": "90210"})
    source = {
        "publisher_id": company.publisher_id,
        "postback_key_id": company.key_id,
        "postback_id": str(postback_id),
        "posted_at": "2026-03-01T11:59:00Z",
    }
    await company.call(
        call_uuid="c1", tags={"zip": "90210"}, attribution={"zip": source}, recording_url="https://rec.example/1", ended_at=ago()
    )
    at = ago(minutes=4)
    await add_event(db, company.id, "c1", "hit", happened_at=at, detail={"campaign_id": company.things["campaign"]["id"]})
    await add_event(db, company.id, "c1", "route", happened_at=at, revision=2, detail={"routed_to": company.buyer_id})
    await add_event(
        db, company.id, "c1", "end", happened_at=ago(), revision=3, detail={"disposition": XSS, "duration_seconds": 90}
    )
    page = await (await company.owner()).see("/calls/c1")
    story = ["Timeline", "Postback of Publisher", "The call came in", "Routing decision", "Buyer", "Ended", "1 minute 30 seconds"]
    places = [page.text.index(words, page.text.index("Timeline")) for words in story]
    assert places == sorted(places)
    assert f"/companies/{company.id}/postback-log/{postback_id}" in page.links
    assert "Postback key" in page.text
    assert "https://rec.example/1" in page.links
    assert page.form("look").fields == {"number": [CALLER]}
    as_publisher = await (await company.as_publisher()).see("/calls/c1")
    assert "https://rec.example/1" not in as_publisher.links
    assert not as_publisher.has_form("look")


async def test_a_call_of_somebody_else_is_not_there(company: Company) -> None:
    await company.call(call_uuid="c1", dialed_number="+18005559999")
    assert "There is nothing here" in (await (await company.as_publisher()).see("/calls/c1", 404)).text
