"""Lists as CSV files: whole, inert, in the order of the list, and never well ended when they aren't whole."""

import asyncio
import csv
import io
import json
import typing
from typing import Any

import aiohttp
import asyncpg
import pytest

import admin.store.calls
from admin.export import make_cell, stream_csv, write_lines
from admin.routes import ROUTES
from schemas.admin.pages import Page
from tests.integration.admin.manager import Manager, add_call, add_postback, at
from tests.integration.admin.persons import add_person, permit
from tests.waiting import WAIT_SECONDS

RUNS = ["=1+1", "+1 (555)", "+A1", "-2+3", "@SUM(A1)", "\tx", "\r=1", " =1", '"=1', "'=1", '" =1', "\u200b=1", "\uff1d1", "-"]
STAYS = ["", "+15551230000", "10001", "a=b", "<script>alert(1)</script>", "\u202etxt.exe", "x" * 4096, "😀" * 2500, "a,b", 'a"b']


@pytest.mark.parametrize("text", RUNS)
def test_what_a_spreadsheet_would_run_is_made_inert(text: str) -> None:
    assert make_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", STAYS)
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert make_cell(text) == text
    (row,) = csv.reader(io.StringIO(write_lines([[text, "next"]]).decode(), newline=""))
    assert row == [text, "next"]


def test_numbers_nothing_and_what_is_made_of_parts_have_their_cells() -> None:
    cells = [None, True, 0, -5, 0.25, {"a": "=1"}, ["x"], "line\nline"]
    assert write_lines([cells]) == b'"","true",0,-5,0.25,"{""a"":""=1""}","[""x""]","line\nline"\r\n'


async def export(manager: Manager, path: str, **query: Any) -> list[dict[str, str]]:
    reply = await manager.ask("GET", path, format="csv", **query)
    assert reply.status == 200, reply
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{path}.csv"'
    return list(csv.DictReader(io.StringIO(reply.text, newline="")))


async def test_an_export_has_all_of_the_list_however_many_pages(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.route.PAGE_ROWS", 4)
    for second in range(11):
        tags = {"note": '=HYPERLINK("http://x")'} if second % 2 else {}
        await add_call(
            db, manager.company_id, hit_at=at(second), caller_number=None if second == 3 else "+12025550100", tags=tags
        )
        await add_postback(db, manager.company_id, received_at=at(second), tag_values={"z": "1", "a": "2"})
    rows, listed = await export(manager, "calls"), await manager.walk("calls")
    assert [row["call_uuid"] for row in rows] == [call["call_uuid"] for call in listed]
    for row, call in zip(rows, listed, strict=True):
        assert list(row) == list(call)
        assert row["caller_number"] == (call["caller_number"] or "")
        assert json.loads(row["tags"]) == call["tags"]
        assert (row["hit_at"], row["revenue_cents"]) == (call["hit_at"], "")
    (postback, *_) = await export(manager, "postback-log")
    assert postback["tag_values"] == '{"z":"1","a":"2"}'
    assert len(await export(manager, "calls", **{"from": "2026-03-01T12:00:05Z"})) == 6


LISTS = [route for route in ROUTES if typing.get_origin(route.reply) is Page and route.handler.__name__ != "list_sessions"]
"""All but the one that API tokens can't ask for."""


async def test_every_list_is_to_be_had_as_a_file(manager: Manager, subtests: pytest.Subtests) -> None:
    things = await manager.create_one_of_each()
    ids = {f"{noun}_id": thing["id"] for noun, thing in things.items()} | {"company_id": manager.company_id}
    for route in LISTS:
        with subtests.test(route.handler.__name__):
            path = route.path.format(**ids | {"collaborator_id": 1})
            reply = await manager.ask("GET", path, format="csv")
            listed = await manager.get(path)
            assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
            header, *rows = csv.reader(io.StringIO(reply.text, newline=""))
            assert len(rows) == len(listed["items"])
            assert not rows or header == list(listed["items"][0])
            assert (await manager.ask("GET", path, format="xml")).problem == (422, "invalid_field", "format")


async def test_a_collaborator_exports_where_that_is_allowed(manager: Manager, db: asyncpg.Connection) -> None:
    publisher = await manager.create("publishers", name="Publisher")
    buyer = await manager.create("buyers", name="Buyer")
    await add_call(db, manager.company_id, answered_by=buyer["id"])
    await add_postback(db, manager.company_id, publisher_id=publisher["id"])
    person = await add_person(db, manager.door, manager.company_id, publisher_ids=[publisher["id"]], buyer_ids=[buyer["id"]])
    assert (len(await export(person, "calls")), len(await export(person, "postback-log"))) == (1, 1)
    await permit(db, manager.company_id, "buyer", buyer["id"], "buyer", {"export_calls": "deny"})
    assert await export(person, "calls") == [], "only what it sees as the publisher"
    await permit(db, manager.company_id, "publisher", publisher["id"], "publisher", {"export_calls": "deny"})
    for path in ("calls", "postback-log"):
        assert (await person.ask("GET", path, format="csv")).problem == (403, "not_permitted", None)
        assert await person.status("GET", path) == 200


async def read_until_it_ends(manager: Manager) -> bytes:
    """The file, as far as it came; raises what a broken connection raises."""
    url = f"/v1/companies/{manager.company_id}/calls"
    async with manager.door.get(url, params={"format": "csv"}, headers=manager.headers(None)) as reply:
        assert reply.status == 200
        return await reply.read()


async def test_what_fails_midway_breaks_the_connection(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.route.PAGE_ROWS", 2)
    for _ in range(5):
        await add_call(db, manager.company_id)
    fetch_page, pages = admin.store.calls.fetch_page, []

    async def fail_later(*arguments: Any, **options: Any) -> Any:
        pages.append(1)
        if len(pages) == 2:
            raise OSError("made to fail")
        return await fetch_page(*arguments, **options)

    assert (await read_until_it_ends(manager)).count(b"\r\n") == 6
    monkeypatch.setattr("admin.store.calls.fetch_page", fail_later)
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
        await read_until_it_ends(manager)
    assert (await read_until_it_ends(manager)).count(b"\r\n") == 6, "the next one is whole again"


async def test_who_loses_the_permission_midway_gets_no_more(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.route.PAGE_ROWS", 2)
    buyer = (await manager.create("buyers", name="Buyer"))["id"]
    for _ in range(5):
        await add_call(db, manager.company_id, answered_by=buyer)
    person = await add_person(db, manager.door, manager.company_id, buyer_ids=[buyer])
    fetch_page = admin.store.calls.fetch_page

    async def deny_after(*arguments: Any, **options: Any) -> Any:
        rows = await fetch_page(*arguments, **options)
        await permit(db, manager.company_id, "buyer", buyer, "buyer", {"view_call_log": "deny"})
        return rows

    monkeypatch.setattr("admin.store.calls.fetch_page", deny_after)
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
        await read_until_it_ends(person)


async def test_a_client_that_goes_away_stops_its_export(
    manager: Manager, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that stops reading holds it up after what fits between them, and its going away ends it."""
    monkeypatch.setattr("admin.route.PAGE_ROWS", 2)
    for _ in range(40):
        await add_call(db, manager.company_id, tags={"note": "x" * 250_000})
    fetch_page, pages, ended = admin.store.calls.fetch_page, [], asyncio.Event()

    async def count(*arguments: Any, **options: Any) -> Any:
        pages.append(1)
        return await fetch_page(*arguments, **options)

    async def stream(*arguments: Any, **options: Any) -> Any:
        try:
            return await stream_csv(*arguments, **options)
        finally:
            ended.set()

    monkeypatch.setattr("admin.store.calls.fetch_page", count)
    monkeypatch.setattr("admin.route.stream_csv", stream)
    url = f"/v1/companies/{manager.company_id}/calls"
    reply = await manager.door.get(url, params={"format": "csv"}, headers=manager.headers(None))
    await reply.content.readexactly(1000)
    reply.close()
    async with asyncio.timeout(WAIT_SECONDS):
        await ended.wait()
    assert len(pages) < 20
