"""What people are permitted on each level, in lists, exports and by tokens, and what is erased for all: on running services."""

import csv
import io
from typing import Any

from tests.e2e.companies import CALLER, MASKED, Company, Market, Person
from tests.waiting import wait_for_sync

TAGS = {"zip": "94110", "prequalified": "true"}


# --- permissions


def test_permissions_are_overridden_level_by_level(company: Company, market: Market) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id])
    call_uuid = company.phone(market.number)

    def applies() -> tuple[Any, str, Any]:
        """What is said to apply, from which level, and what is shown."""
        (of_publisher,) = company.manager.get(f"collaborators/{jane.id}/effective-permissions")["items"]
        said = of_publisher["permissions"]["view_caller_number"]
        return said["setting"], said["from"], jane.see(call_uuid)["caller_number"]

    assert applies() == ("masked", "default", MASKED)
    company.permit("", for_publishers={"view_caller_number": "full"})
    assert applies() == ("full", "company", CALLER)
    own = f"collaborators/{jane.id}"
    company.permit(own, for_publishers={"view_caller_number": "masked"})
    assert applies() == ("masked", "collaborator", MASKED)
    company.permit(f"publishers/{market.publisher_id}", view_caller_number="full")
    assert applies() == ("full", "publisher", CALLER)
    company.permit(own, for_publishers={"view_caller_number": "none"})
    assert applies() == ("none", "collaborator", None), "what a collaborator is denied stays denied"
    company.permit(own, for_publishers={"view_caller_number": "inherit"})
    company.permit(f"publishers/{market.publisher_id}", view_caller_number="inherit")
    company.permit("", for_publishers={"view_caller_number": "inherit"})
    assert applies() == ("masked", "default", MASKED)
    company.permit(own, for_publishers={"view_call_log": "deny"})
    assert jane.refusal("GET", "calls") == (403, "not_permitted", None)
    assert jane.ask("GET", "dashboard").status == 200


def test_an_export_holds_what_the_list_shows_and_no_more(company: Company, market: Market) -> None:
    market.grant()
    key = company.add_postback_key(market.publisher_id)
    company.post(key, zip="=cmd()")
    jane = company.let_in(publisher_ids=[market.publisher_id])
    company.phone(market.number, answered_by=market.buyer_id)
    reply = jane.ask("GET", "calls", format="csv")
    (row,) = csv.DictReader(io.StringIO(reply.body))
    assert (row["caller_number"], row["revenue_cents"], row["answered_by"], row["duration_seconds"]) == (
        "'" + MASKED,
        "",
        "",
        "60",
    )
    assert CALLER not in reply.body
    assert "cmd()" not in reply.body
    company.permit(f"publishers/{market.publisher_id}", tag_names=["zip"])
    (row,) = csv.DictReader(io.StringIO(jane.ask("GET", "calls", format="csv").body))
    assert "cmd()" in str(row)
    assert not [cell for cell in row.values() if cell.startswith("=")], "a spreadsheet runs none of it"
    company.permit(f"publishers/{market.publisher_id}", export_calls="deny")
    assert jane.refusal("GET", "calls", format="csv") == (403, "not_permitted", None)
    assert len(jane.calls()) == 1


def test_a_token_of_their_own_does_what_the_collaborator_may_while_they_may_use_the_api(company: Company, market: Market) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id])
    call_uuid = company.phone(market.number)
    program = Person(company.callstamp, company.id, token=jane.create("api-tokens", name="Mine")["token"])
    assert program.see(call_uuid) == jane.see(call_uuid)
    assert program.refusal("POST", "publishers", {"name": "Another"}) == (403, "not_permitted", None)
    company.permit(f"publishers/{market.publisher_id}", use_api="deny")
    assert program.ask("GET", "calls").status in (401, 403)
    assert jane.calls() == [call_uuid]


def test_a_publisher_makes_its_own_postback_keys_once_it_may(company: Company, market: Market) -> None:
    jane = company.let_in(publisher_ids=[market.publisher_id])
    keys = f"publishers/{market.publisher_id}/postback-keys"
    assert jane.refusal("POST", keys, {"name": "Mine"}) == (403, "not_permitted", None)
    company.permit(f"publishers/{market.publisher_id}", create_postback_keys="allow")
    key = jane.create(keys, name="Mine")["key"]
    wait_for_sync(lambda: company.post(key, **TAGS).status, 200, "ingest to know the key")
    assert company.look_up() == TAGS
    (postback,) = wait_for_sync(lambda: jane.get("postback-log")["items"], what="the publisher's postback log")
    assert (postback["caller_number"], postback["tag_values"], postback["outcome"]) == (MASKED, TAGS, "stored")
    assert jane.refusal("POST", f"publishers/{company.make('publishers', 'Other')}/postback-keys", {"name": "x"})[0] == 404


def test_a_manager_looks_with_a_collaborators_eyes_and_changes_nothing(company: Company, market: Market) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id])
    call_uuid = company.phone(market.number)
    owner = Person(company.callstamp, company.id, email=company.owner_email)
    assert owner.sign_in(company.owner_password).status == 201
    eyes = owner.viewing_as(jane)
    assert eyes.see(call_uuid) == jane.see(call_uuid) != owner.see(call_uuid)
    assert eyes.refusal("GET", "engine-keys") == (403, "not_permitted", None)
    assert eyes.refusal("POST", "publishers", {"name": "Another"}) == (403, "read_only", None)
    assert eyes.refusal("PATCH", f"publishers/{market.publisher_id}/permissions", {"view_revenue": "allow"})[1] == "read_only"
    assert jane.viewing_as(jane).refusal("GET", "calls") == (403, "not_permitted", None)
    noted = owner.get("audit-log", action="viewed_as")["items"]
    assert noted
    assert {(entry["actor"]["kind"], entry["object_id"]) for entry in noted} == {("person", str(jane.id))}


def test_collaborators_reach_nothing_that_is_the_managers(company: Company, market: Market) -> None:
    market.grant()
    jane = company.let_in(publisher_ids=[market.publisher_id], buyer_ids=[market.buyer_id])
    for path in ("engine-keys", "collaborators", "audit-log", "permissions", f"callers/{CALLER}"):
        assert jane.refusal("GET", path) == (403, "not_permitted", None), path
    for method, path, body in (
        ("PATCH", f"publishers/{market.publisher_id}", {"number_cap": 100}),
        ("PATCH", f"publishers/{market.publisher_id}/numbers", {"grant": [market.number["id"]]}),
        ("PATCH", f"publishers/{market.publisher_id}/permissions", {"view_revenue": "allow"}),
        ("PATCH", f"collaborators/{jane.id}", {"role": "owner"}),
        ("DELETE", f"callers/{CALLER}", None),
    ):
        assert jane.refusal(method, path, body) == (403, "not_permitted", None), path
    assert company.status_of(jane) == "connected", "and nothing of it was done"


# --- erasure


def test_what_was_erased_is_gone_everywhere(company: Company, market: Market) -> None:
    market.grant()
    company.permit("", for_publishers={"view_caller_number": "full", "tag_names": ["zip"]}, for_buyers={"tag_names": ["zip"]})
    publisher, buyer = company.let_in(publisher_ids=[market.publisher_id]), company.let_in(buyer_ids=[market.buyer_id])
    key = company.add_postback_key(market.publisher_id)
    caller, recording = "+15557654321", "https://recordings.example/secret.mp3"
    company.post(key, caller, zip="canary-zip")
    call_uuid = company.phone(market.number, caller, answered_by=market.buyer_id, recording_url=recording, revenue_cents=700)
    people = (company.manager, publisher, buyer)
    wait_for_sync(lambda: company.manager.get("postback-log", caller_number=caller)["items"], what="the caller's postback log")
    assert all({"canary-zip", caller} <= set(_words(person, call_uuid)) for person in people), "the control: it was there"

    receipt = company.manager.ask("DELETE", f"callers/{caller}")
    assert receipt.status == 200
    assert (receipt.body["calls"], receipt.body["postbacks"], receipt.body["caller_number"]) == (1, 1, "+*******4321")
    for person in people:
        words = _words(person, call_uuid)
        assert not [word for word in words if word in (caller, "canary-zip", recording)], words
        assert person.see(call_uuid)["caller_number"] is None
        assert person.see(call_uuid)["duration_seconds"] == 60, "durations and money count on"
    assert company.manager.get("reports", group_by="day")["totals"]["revenue_cents"] == 700
    assert company.look_up(caller) == {}
    assert company.engine("GET", f"/v1/calls/{call_uuid}", status=404).body["code"] == "call_not_found"
    file = company.manager.get(f"callers/{caller}")
    assert (file["waiting_tags"], file["call_count"], file["postback_count"]) == ([], 0, 0)
    assert len(file["erasures"]) == 1

    company.engine("POST", f"/v1/calls/{call_uuid}/end", {"recording_url": recording}, status=202)  # again, and late
    assert company.post(key, caller, zip="new").headers["Callstamp-Outcome"] == "stored", "what is received later is new"
    assert company.look_up(caller) == {"zip": "new"}
    later = company.phone(market.number, caller)
    assert publisher.see(later)["tags"] == {"zip": "new"}
    assert company.manager.calls(caller_number=caller) == [later]


def _words(person: Person, call_uuid: str) -> list[str]:
    """Every text that somebody is shown of a call and of the postbacks, in lists, in detail, and in exports."""
    pages = [person.ask("GET", "calls").body, person.get(f"calls/{call_uuid}"), person.ask("GET", "postback-log").body]
    exported = [person.ask("GET", noun, format="csv").body for noun in ("calls", "postback-log")]
    texts = [text for text in exported if isinstance(text, str)]
    return [*_texts_in(pages), *(cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row)]


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts_in(inner)]
    return [value] if isinstance(value, str) else []
