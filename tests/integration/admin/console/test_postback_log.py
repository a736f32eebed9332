"""The postback log, one postback, and the log live."""

import asyncio
from typing import Any

import asyncpg
import pytest

from admin.pages import live
from tests.integration.admin.lookers import XSS, Company, Looker, ago, make_company
from tests.integration.admin.manager import CALLER, Manager
from tests.integration.admin.persons import permit
from tests.waiting import WAIT_SECONDS


@pytest.fixture
async def company(manager: Manager, db: asyncpg.Connection) -> Company:
    return await make_company(manager, db)


async def test_the_list_says_of_each_what_became_of_it(company: Company) -> None:
    first = await company.postback(outcome="stored", tag_values={XSS: XSS}, call_uuids=["c1", "c2"])
    await company.postback(outcome="refused", code="invalid_tag", occurrences=1200, caller_number=None)
    page = await (await company.owner()).see("/postback-log")
    for words in ("stored", CALLER, "Publisher", "Postback key", "and 1 more", "refused", "invalid tag", "1,200 times"):
        assert words in page.text, words
    assert f"/companies/{company.id}/postback-log/{first}" in page.links
    assert f"/companies/{company.id}/calls/c1" in page.links
    assert len(page.body) < 100_000


async def test_filters_filter_and_wrong_ones_are_said(company: Company) -> None:
    await company.postback(outcome="stored", caller_number="+12025550111")
    await company.postback(outcome="refused", code="invalid_tag", caller_number="+12025550122")
    owner = await company.owner()
    for query in ("outcome=refused", "code=invalid_tag", "caller_number=2025550122", "outcome=refused&within=hour"):
        page = await owner.see(f"/postback-log?{query}")
        assert "+12025550122" in page.text, query
        assert "+12025550111" not in page.text, query
    page = await owner.see("/postback-log?outcome=lost")
    assert 'id="wrong-outcome"' in page.body
    assert "+12025550111" in page.text
    assert "No postback is like that." in (await owner.see("/postback-log?code=no_tags")).text


async def test_a_postbacks_page_has_its_payload_and_reply(company: Company) -> None:
    waiting = await company.postback(tag_values={"zip": "9", XSS: XSS}, expires_at=ago(days=-1))
    owner = await company.owner()
    page = await owner.see(f"/postback-log/{waiting}")
    for words in ("HTTP/1.1 200 OK", f"Callstamp-Postback-Id: {waiting}", "Callstamp-Outcome: stored", "Callstamp-Expires-At: "):
        assert words in page.text, words
    assert '"status": "call not found, tags stored"' in page.text
    assert "No call of this caller came so far." in page.text
    refused = await company.postback(outcome="refused", code="invalid_caller_number", caller_number=None)
    page = await owner.see(f"/postback-log/{refused}")
    assert "HTTP/1.1 422 " in page.text
    assert '"code": "invalid_caller_number"' in page.text
    await owner.see("/postback-log/00000000-0000-4000-8000-000000000000", 404)
    await owner.see("/postback-log/nonsense", 404)


async def test_an_opaque_keys_reply_says_no_more_than_it_did(company: Company, db: asyncpg.Connection) -> None:
    postback_id = await company.postback(outcome="applied", call_uuids=["the-call"])
    await db.execute("update postback_keys set opaque_status = true where id = $1", company.key_id)
    page = await (await company.owner()).see(f"/postback-log/{postback_id}")
    assert '"status": "tags accepted"' in page.text
    assert "Callstamp-Outcome" not in page.text
    await permit(db, company.id, "publisher", company.publisher_id, "publisher", {"view_caller_number": "full"})
    page = await (await company.as_publisher()).see(f"/postback-log/{postback_id}")
    assert "tags accepted" in page.text
    assert "applied" not in page.text
    assert "the-call" not in page.text


async def test_a_publisher_sees_its_own_without_addresses_and_whole_numbers(company: Company) -> None:
    own = await company.postback(source_ip="203.0.113.9")
    other = await company.postback(publisher_id=company.publisher_id + 1)
    publisher = await company.as_publisher()
    page = await publisher.see("/postback-log")
    assert str(own) in page.body
    assert str(other) not in page.body
    page = await publisher.see(f"/postback-log/{own}")
    assert "203.0.113.9" not in page.text
    assert CALLER not in page.text
    assert "hidden" in page.text
    await publisher.see(f"/postback-log/{other}", 404)
    await (await company.as_buyer()).see("/postback-log", 403)


# --- live


class Stream:
    """What a page that stands open is told."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    async def next(self) -> tuple[str, str]:
        """The next event and its data."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                block = (await self.reply.content.readuntil(b"\n\n")).decode()
                if "event: " in block:
                    lines = block.splitlines()
                    (kind,) = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
                    return kind, "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))


def look_live(looker: Looker, query: str = "", **headers: str) -> Any:
    return looker.door.get(f"{looker.root}/postback-log/live?{query}", headers=looker.person.own_headers | headers)


async def test_what_comes_is_told_once_and_filtered(company: Company) -> None:
    await company.postback(received_at=ago(minutes=5))
    async with look_live(await company.owner(), "outcome=refused") as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        stream = Stream(reply)
        await company.postback(received_at=ago(), outcome="stored")
        first = await company.postback(received_at=ago(), outcome="refused", code="invalid_tag", tag_values={XSS: XSS})
        kind, row = await stream.next()
        assert kind == "postback"
        assert f'id="p-{first}"' in row
        assert XSS not in row
        late = await company.postback(received_at=ago(seconds=5), outcome="refused", code="no_tags")  # written late by the drain
        assert f'id="p-{late}"' in (await stream.next())[1]


async def test_a_browser_that_connects_again_goes_on_where_it_was(company: Company) -> None:
    owner = await company.owner()
    missed = await company.postback(received_at=ago(minutes=2))
    async with look_live(owner, **{"Last-Event-ID": ago(minutes=3).isoformat()}) as reply:
        assert f'id="p-{missed}"' in (await Stream(reply).next())[1]


async def test_a_stream_ends_with_the_session_and_with_the_permission(
    company: Company, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIND_OUT_SECONDS", 0.0)
    publisher = await company.as_publisher()
    async with look_live(publisher) as reply:
        await permit(db, company.id, "publisher", company.publisher_id, "publisher", {"view_postback_log": "deny"})
        assert (await Stream(reply).next())[0] == "ended"
        assert await reply.content.read() == b""
    async with look_live(await company.owner()) as reply:
        await db.execute("delete from sessions")
        assert (await Stream(reply).next())[0] == "ended"


async def test_who_may_not_look_has_no_stream_and_there_are_only_so_many(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, buyer = await company.owner(), await company.as_buyer()
    async with look_live(buyer) as reply:
        assert reply.status == 403
    async with look_live(owner, "outcome=lost") as reply:
        assert reply.status == 422
    async with look_live(owner, Cookie="") as reply:
        assert reply.status == 401
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    async with look_live(owner) as first, look_live(owner) as second:
        assert (first.status, second.status) == (200, 503)
