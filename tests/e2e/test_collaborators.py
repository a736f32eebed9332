"""What publishers and buyers are promised to see, and how many numbers they get: on running services, over HTTP alone."""

from datetime import datetime, timedelta

from tests.e2e.companies import CALLER, MASKED, Company, Market, new_number

NOT_FOUND = (404, "not_found", None)
TAGS = {"zip": "94110", "prequalified": "true"}


# --- what a publisher sees


def test_a_publisher_sees_calls_through_numbers_granted_to_it_from_the_grant_on(company: Company, market: Market) -> None:
    jane = company.let_in(publisher_ids=[market.publisher_id])
    before = company.phone(market.number)
    spanning = company.ring(market.number)
    assert jane.calls() == []
    market.grant()
    first = company.phone(market.number)
    ringing = company.ring(market.number)
    company.end(spanning)
    assert jane.calls() == [ringing, first], "what started before the grant stays unseen, also when it ends after it"
    market.revoke()
    between = company.phone(market.number)
    company.end(ringing)
    assert jane.calls() == [ringing, first], "what started while it was granted stays seen"
    market.grant()
    again = company.phone(market.number)
    assert jane.calls() == [again, ringing, first]
    for unseen in (before, spanning, between):
        assert jane.refusal("GET", f"calls/{unseen}") == NOT_FOUND
    assert jane.get("reports", group_by="day")["totals"]["calls"] == 3
    assert jane.get("dashboard")["calls"]["calls"] == 3
    assert len(company.manager.calls()) == 6


def test_a_call_counts_by_when_it_started_not_by_when_it_was_told(company: Company, market: Market) -> None:
    jane = company.let_in(publisher_ids=[market.publisher_id])
    market.grant()
    (grant,) = company.manager.get(f"publishers/{market.publisher_id}/numbers")["items"]
    granted_at = datetime.fromisoformat(grant["granted_at"])
    earlier, later = (granted_at + timedelta(milliseconds=off) for off in (-1, 1))
    company.phone(market.number, hit={"started_at": earlier.isoformat()})
    seen = company.phone(market.number, hit={"started_at": later.isoformat()})
    assert jane.calls() == [seen]


def test_neither_owning_the_number_nor_having_posted_the_tags_shows_a_publisher_a_call(company: Company, market: Market) -> None:
    other_id = company.make("publishers", "Other leads")
    jane = company.let_in(publisher_ids=[market.publisher_id])
    john = company.let_in(publisher_ids=[other_id])
    key = company.add_postback_key(market.publisher_id)
    company.post(key, **TAGS)
    company.grant(other_id, "numbers", market.number["id"])
    call_uuid = company.phone(market.number)
    assert (jane.calls(), john.calls()) == ([], [call_uuid])
    (own,) = jane.get("postback-log", outcome="stored")["items"]
    assert (own["tag_values"], own["call_uuids"]) == (TAGS, []), "its own postback, but not which call it reached"
    assert john.get("postback-log")["items"] == []


def test_a_publisher_sees_only_the_fields_it_may(company: Company, market: Market) -> None:
    market.grant()
    own, other = (company.add_postback_key(of) for of in (market.publisher_id, company.make("publishers", "Other leads")))
    company.post(own, prequalified="true")
    company.post(other, zip="94110")
    jane = company.let_in(publisher_ids=[market.publisher_id])
    money = {"revenue_cents": 2500, "payout_cents": 1200}
    call_uuid = company.phone(
        market.number, answered_by=market.buyer_id, recording_url="https://recordings.example/1.mp3", **money
    )
    seen = jane.see(call_uuid)
    assert (seen["caller_number"], seen["duration_seconds"], seen["payout_cents"]) == (MASKED, 60, 1200)
    assert seen["hidden"] == ["answered_by", "caller_number", "recording_url", "revenue_cents", "routed_to", "tags"]
    assert {name: seen[name] for name in seen["hidden"]} == {
        "answered_by": None,
        "caller_number": MASKED,
        "recording_url": None,
        "revenue_cents": None,
        "routed_to": None,
        "tags": {},
    }
    assert not [word for word in (CALLER, "recordings.example", "94110") if word in str(seen)]

    company.permit(f"publishers/{market.publisher_id}", tag_names=["zip"], view_revenue="allow", view_caller_number="full")
    seen = jane.see(call_uuid)
    assert (seen["tags"], seen["revenue_cents"], seen["caller_number"]) == ({"zip": "94110"}, 2500, CALLER)
    assert seen["attribution"] == {}, "whose tag it is isn't said"
    assert seen["hidden"] == ["answered_by", "recording_url", "routed_to", "tags"]


def test_what_is_hidden_cannot_be_found_by_asking_for_it(company: Company, market: Market) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id])
    company.phone(market.number, answered_by=market.buyer_id)
    for query in ({"caller_number": CALLER}, {"answered_by": market.buyer_id}, {"tag_name": "zip"}, {"tag_value": "94110"}):
        assert jane.refusal("GET", "calls", **query)[:2] == (403, "field_hidden"), query
    for query in ({"group_by": "buyer"}, {"group_by": "tag", "tag_name": "zip"}):
        assert jane.refusal("GET", "reports", **query)[:2] == (403, "field_hidden"), query
    assert jane.get("reports", group_by="day")["totals"]["revenue_cents"] is None
    company.permit(f"publishers/{market.publisher_id}", view_caller_number="full", view_buyer="allow")
    assert len(jane.calls(caller_number=CALLER)) == len(jane.calls(answered_by=market.buyer_id)) == 1


# --- numbers and caps


def test_a_number_the_publisher_creates_is_its_own_from_then_on_and_the_cap_stops_the_next(
    company: Company, market: Market
) -> None:
    ungranted = company.make("campaigns", "Home insurance")
    company.manager.change(f"publishers/{market.publisher_id}", number_cap=2)
    jane = company.let_in(publisher_ids=[market.publisher_id])
    wish = {"number": new_number(), "campaign_id": market.campaign_id}
    assert jane.refusal("POST", "numbers", wish) == (403, "not_permitted", None)
    company.permit(f"publishers/{market.publisher_id}", create_numbers="allow")
    assert jane.refusal("POST", "numbers", wish) == (404, "not_found", "campaign_id")
    company.grant(market.publisher_id, "campaigns", market.campaign_id)
    assert jane.refusal("POST", "numbers", wish | {"campaign_id": ungranted}) == (404, "not_found", "campaign_id")

    made = jane.create("numbers", **wish)
    assert made["publisher_id"] == market.publisher_id
    company.add_engine_key()
    call_uuid = company.phone(made)
    assert jane.calls() == [call_uuid]
    assert jane.see(call_uuid)["campaign_id"] == market.campaign_id

    refused = jane.ask("POST", "numbers", wish | {"number": new_number()})
    assert (refused.status, refused.body["code"]) == (409, "number_cap_reached")
    assert "number cap is 2, and it holds 2" in refused.body["detail"]


def test_pool_numbers_do_not_count_and_a_cap_of_zero_blocks(company: Company) -> None:
    market = Market(company)
    company.permit("", for_publishers={"create_numbers": "allow"})
    company.grant(market.publisher_id, "campaigns", market.campaign_id)
    for _ in range(3):
        company.add_number(market.campaign_id, publisher_id=market.publisher_id, pool=True)
    jane = company.let_in(publisher_ids=[market.publisher_id])

    def try_one() -> int:
        return jane.ask("POST", "numbers", {"number": new_number(), "campaign_id": market.campaign_id}).status

    company.manager.change(f"publishers/{market.publisher_id}", number_cap=0)
    assert try_one() == 409
    company.manager.change(f"publishers/{market.publisher_id}", number_cap=2)
    assert [try_one(), try_one()] == [201, 409], "it held one that counts, and three of pools"
    company.manager.change(f"publishers/{market.publisher_id}", number_cap=None)
    company.manager.change("", default_number_cap=3)
    assert [try_one(), try_one()] == [201, 409], "where it has no cap of its own the company's counts"
    company.manager.change("", default_number_cap=0)
    assert try_one() == 409


def test_a_manager_provisions_beyond_the_cap_and_must_grant_it(company: Company, market: Market) -> None:
    company.manager.change(f"publishers/{market.publisher_id}", number_cap=0)
    jane = company.let_in(publisher_ids=[market.publisher_id])
    made = company.add_number(market.campaign_id, publisher_id=market.publisher_id)
    company.add_engine_key()
    company.phone(made)
    assert (jane.calls(), jane.get("numbers")["items"]) == ([], [])
    company.grant(market.publisher_id, "numbers", made["id"])
    call_uuid = company.phone(made)
    assert jane.calls() == [call_uuid]
    assert [number["id"] for number in jane.get("numbers")["items"]] == [made["id"]]


# --- what a buyer sees


def test_a_buyer_sees_the_calls_it_answered_and_not_those_that_went_elsewhere(company: Company, market: Market) -> None:
    other_id = company.make("buyers", "Another insurer")
    jane, john = company.let_in(buyer_ids=[market.buyer_id]), company.let_in(buyer_ids=[other_id])
    unanswered = company.ring(market.number)
    company.engine("POST", f"/v1/calls/{unanswered}/route", {"buyer_id": market.buyer_id})
    company.end(unanswered, disposition="no answer")
    elsewhere = company.ring(market.number)
    for buyer_id in (market.buyer_id, other_id):
        company.engine("POST", f"/v1/calls/{elsewhere}/route", {"buyer_id": buyer_id})
    company.end(elsewhere, answered_by=other_id)
    own = company.phone(market.number, answered_by=market.buyer_id, recording_url="https://recordings.example/1.mp3")
    assert (jane.calls(), john.calls()) == ([own], [elsewhere])
    assert jane.refusal("GET", f"calls/{elsewhere}") == jane.refusal("GET", f"calls/{unanswered}") == NOT_FOUND
    seen = jane.see(own)
    assert (seen["caller_number"], seen["revenue_cents"], seen["answered_by"]) == (CALLER, 2500, market.buyer_id)
    assert seen["recording_url"] == "https://recordings.example/1.mp3"
    assert (seen["payout_cents"], seen["publisher_id"], seen["dialed_number"]) == (None, None, None)
    assert seen["hidden"] == ["dialed_number", "payout_cents", "publisher_id", "routed_to", "tags"]
    decisions = [entry["detail"] for entry in john.get(f"calls/{elsewhere}")["timeline"] if entry["kind"] == "route"]
    assert [decision["routed_to"] for decision in decisions] == [other_id], "nor does it learn who else was tried"
    (row,) = jane.get("reports", group_by="day")["items"]
    assert (row["calls"], row["answered"], row["revenue_cents"], row["payout_cents"]) == (1, 1, 2500, None)


def test_a_buyer_sees_calls_in_progress_only_where_it_may_listen_in(company: Company, market: Market) -> None:
    jane = company.let_in(buyer_ids=[market.buyer_id])
    call_uuid = company.ring(market.number, answered_by=market.buyer_id)
    assert jane.calls(status="in_progress") == [call_uuid]
    company.permit(f"buyers/{market.buyer_id}", monitor_live_calls="deny")
    assert jane.calls() == []
    assert jane.refusal("GET", f"calls/{call_uuid}") == NOT_FOUND
    company.end(call_uuid)
    assert jane.calls() == [call_uuid]


def test_a_buyer_pauses_and_renames_its_buyer_once_it_may(company: Company, market: Market) -> None:
    jane = company.let_in(buyer_ids=[market.buyer_id])
    buyer = f"buyers/{market.buyer_id}"
    assert jane.refusal("PATCH", buyer, {"paused": True}) == (403, "not_permitted", None)
    company.permit(buyer, pause_buyer="allow")
    assert jane.change(buyer, paused=True)["paused"] is True
    assert jane.refusal("PATCH", buyer, {"name": "Mine"}) == (403, "not_permitted", "name")
    company.permit(buyer, edit_buyer="allow")
    assert jane.change(buyer, name="Mine")["name"] == "Mine"
    assert jane.refusal("PATCH", buyer, {"price_cents": 1}) == (403, "not_permitted", "price_cents")
