"""Random worlds of calls, grants and permissions: lists, details, filters, reports and exports show what the published rules say."""

import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import asyncpg
import pytest

import admin.store.sight
from admin.store.sight import Span
from tests.integration.admin.manager import JsonObject, Manager, add_call
from tests.integration.admin.persons import Person, add_person, permit
from tests.integration.admin.sight_model import CALLERS, NUMBERS, TAGS, World, make_world

Build = Callable[[int], Awaitable[tuple[World, Person]]]
WIDE = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
SUMS = ("duration_seconds", "revenue_cents", "payout_cents")
FIELD_OF = {"campaign": "campaign_id", "publisher": "publisher_id", "buyer": "answered_by"}


@pytest.fixture
async def build(manager: Manager, db: asyncpg.Connection) -> Build:
    """Makes the world of a seed in the database, and somebody who looks at it."""

    async def create_three(noun: str) -> list[int]:
        return [(await manager.create(noun, name=f"{noun} {n}"))["id"] for n in range(3)]

    publishers, buyers, campaigns = (
        await create_three("publishers"),
        await create_three("buyers"),
        await create_three("campaigns"),
    )
    numbers = [(await manager.create("numbers", number=number, campaign_id=campaigns[0]))["id"] for number in NUMBERS]

    async def build(seed: int) -> tuple[World, Person]:
        await db.execute("truncate calls, number_grants, permission_settings")
        world = make_world(seed, publishers, buyers, campaigns, numbers)
        for call in world.calls:
            await add_call(db, manager.company_id, **call)
        for grant in world.grants:
            columns = ("publisher_id", "number_id", "number", "granted_at", "revoked_at")
            await db.execute(
                f"insert into number_grants (company_id, {', '.join(columns)}) values ($1, $2, $3, $4, $5, $6)",
                manager.company_id,
                *(grant[column] for column in columns),
            )
        for eye in world.eyes:
            await permit(db, manager.company_id, eye.kind, eye.id, eye.kind, eye.settings)  # type: ignore[arg-type] # a kind
        ids = {kind: [eye.id for eye in world.eyes if eye.kind == kind] for kind in ("publisher", "buyer")}
        person = await add_person(db, manager.door, manager.company_id, publisher_ids=ids["publisher"], buyer_ids=ids["buyer"])
        return world, person

    return build


def spell(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def spelt(call: JsonObject) -> JsonObject:
    return {field: spell(value) for field, value in call.items()}


async def find_differences(world: World, person: Person) -> list[str]:
    """What is shown otherwise than the rules say."""
    checks = (check_list, check_details, check_filters, check_reports, check_export)
    found = [await check(world, person) for check in checks]
    return [difference for differences in found for difference in differences]


async def check_list(world: World, person: Person) -> list[str]:
    expected = [spelt(call) for call in world.shown("view_call_log")]
    if not any(eye.may("view_call_log") for eye in world.eyes):
        return [] if await person.status("GET", "calls") == 403 else ["a call log of nobody's"]
    shown = await person.walk("calls", limit=7)
    if [call["call_uuid"] for call in shown] != [call["call_uuid"] for call in expected]:
        return ["other calls in the list"]
    return [f"call {one['call_uuid']}: {one} is not {other}" for one, other in zip(shown, expected, strict=True) if one != other]


async def check_details(world: World, person: Person) -> list[str]:
    if not any(eye.may("view_call_log") for eye in world.eyes):
        return []
    shown = {call["call_uuid"]: spelt(call) for call in world.shown("view_call_log")}
    wrong = []
    for call in world.calls[:8]:
        reply = await person.ask("GET", f"calls/{call['call_uuid']}")
        expected = shown.get(call["call_uuid"])
        told = {field: reply.body[field] for field in expected} if reply.status == 200 and expected else None
        if reply.status not in (200, 404) or told != expected:
            wrong.append(f"detail of {call['call_uuid']}: {reply}")
    return wrong


async def check_filters(world: World, person: Person) -> list[str]:
    """A filter finds what would be found in the list as it is shown; where nobody may know a field, it is refused."""
    eyes = [eye for eye in world.eyes if eye.may("view_call_log")]
    if not eyes:
        return []
    shown = [spelt(call) for call in world.shown("view_call_log")]
    told: list[tuple[dict[str, Any], list[JsonObject] | int]] = [
        ({"status": status}, [call for call in shown if call["status"] == status]) for status in ("in_progress", "expired")
    ]
    for field, kind in (("publisher_id", "publisher"), ("answered_by", "buyer")):
        knows_all = any(eye.kind != kind and eye.may(f"view_{kind}") for eye in eyes)
        own = {eye.id for eye in eyes if eye.kind == kind}
        for value in {call[field] for call in world.calls} - {None}:
            found = [call for call in shown if call[field] == value]
            told.append(({field: value}, found if knows_all or value in own else 404 if own else 403))
    for number in CALLERS[:2]:
        found = [call for call in shown if call["caller_number"] == number]
        told.append(
            ({"caller_number": number}, found if any(eye.settings["view_caller_number"] == "full" for eye in eyes) else 403)
        )
    for name in TAGS:
        may = any(name in eye.settings["tag_names"] for eye in eyes)
        told.append(({"tag_name": name}, [call for call in shown if name in call["tags"]] if may else 403))
        found = [call for call in shown if call["tags"].get(name) == "1"]
        told.append(({"tag_name": name, "tag_value": "1"}, found if may else 403))
    told.append(({"tag_value": "1"}, 403))
    for (one, found), (other, found_too) in itertools.combinations([told[n] for n in range(0, len(told), 3)], 2):
        if isinstance(found, list) and isinstance(found_too, list) and not one.keys() & other.keys():
            told.append((one | other, [call for call in found if call in found_too]))
    wrong = []
    for query, expected in told:
        reply = await person.ask("GET", "calls", **query)
        if (reply.body["items"] if reply.status == 200 else reply.status) != expected:
            wrong.append(f"filter {query}: {reply}, not {expected}")
    return wrong


async def check_reports(world: World, person: Person) -> list[str]:
    """A report adds up the calls as they would be shown."""
    eyes = [eye for eye in world.eyes if eye.may("run_reports")]
    if not eyes:
        return []
    shown = world.shown("run_reports")
    wrong = []
    for group_by, field in FIELD_OF.items():
        hidden = group_by != "campaign" and not any(eye.kind == group_by or eye.may(f"view_{group_by}") for eye in eyes)
        reply = await person.ask("GET", "reports", group_by=group_by, **WIDE)
        if hidden:
            wrong += [] if reply.status == 403 else [f"report by {group_by}: {reply}"]
            continue
        groups: dict[Any, list[JsonObject]] = {}
        for call in shown:
            made = next(one for one in world.calls if one["call_uuid"] == call["call_uuid"])
            if any(eye.shows(field, made) for eye in world.seen_as(made, "run_reports")):
                groups.setdefault(call[field], []).append(call)
        expected = {key: figures(world, calls) for key, calls in groups.items()}
        told = {
            row["key"]: {name: row[name] for name in ("calls", "answered", *SUMS, "calls_with_tags")}
            for row in reply.body["items"]
        }
        if told != expected:
            wrong.append(f"report by {group_by}: {told}, not {expected}")
    return wrong


def figures(world: World, calls: Iterable[JsonObject]) -> JsonObject:
    made = {call["call_uuid"]: call for call in world.calls}
    calls = list(calls)
    sums = {field: [call[field] for call in calls if call[field] is not None] for field in SUMS}
    return {
        "calls": len(calls),
        "answered": sum(made[call["call_uuid"]]["answered_at"] is not None for call in calls),
        **{field: sum(values) if values else None for field, values in sums.items()},
        "calls_with_tags": sum(bool(made[call["call_uuid"]]["tags"]) for call in calls),
    }


async def check_export(world: World, person: Person) -> list[str]:
    reply = await person.ask("GET", "calls", format="csv")
    if not any(eye.may("view_call_log") and eye.may("export_calls") for eye in world.eyes):
        return [] if reply.status == 403 else [f"an export of nobody's: {reply}"]
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    expected = [spelt(call) for call in world.shown("view_call_log", "export_calls")]
    wrong = [f"{len(rows)} rows in the export, not {len(expected)}"] if len(rows) != len(expected) else []
    for read, call in zip(rows, expected, strict=False):
        row = read | {field: json.loads(read[field]) for field in ("tags", "hidden")}
        cells = {field: cell_of(value) for field, value in call.items()}
        if row != cells:
            wrong.append(f"export: {row}, not {cells}")
    return wrong


def cell_of(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    if isinstance(value, str) and value.startswith("+*"):
        return f"'{value}"
    return "" if value is None else str(value)


@pytest.mark.parametrize("seeds", [range(10), pytest.param(range(10, 30), marks=pytest.mark.long)])
async def test_random_worlds_are_seen_as_the_rules_say(build: Build, seeds: Iterable[int]) -> None:
    kinds: Counter[int] = Counter()
    for seed in seeds:
        world, person = await build(seed)
        assert await find_differences(world, person) == [], seed
        kinds[len(world.shown("view_call_log"))] += 1
    assert len(kinds) > 5, "the worlds are of many kinds"


async def find_worlds(build: Build, seeds: Iterable[int]) -> set[int]:
    """Returns the seeds of the worlds in which something is shown otherwise than the rules say."""
    return {seed for seed in seeds if await find_differences(*await build(seed))}


async def test_the_check_finds_grants_that_hold_for_ever(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch_spans = admin.store.sight.fetch_spans

    async def forget_times(*arguments: Any) -> tuple[Span, ...]:
        spans = {span.number: span for span in await fetch_spans(*arguments)}.values()
        return tuple(Span(span.number, datetime.fromisoformat("2000-01-01T00:00Z"), None, span.publisher_ids) for span in spans)

    monkeypatch.setattr("admin.store.sight.fetch_spans", forget_times)
    assert await find_worlds(build, range(4)) == {0, 1, 2, 3}


async def test_the_check_finds_calls_that_are_shown_whole(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.handlers.calls.mask", lambda call, _: call)
    assert await find_worlds(build, range(4)) == {0, 1, 2, 3}


async def test_the_check_finds_filters_by_what_is_hidden(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.store.sight.Eyes.is_whole", lambda *_: True)
    assert await find_worlds(build, range(4)) == {0, 1, 2, 3}


async def test_the_check_finds_live_calls_shown_to_who_may_not_listen_in(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.store.sight.live_condition", lambda *_: "true")
    monkeypatch.setattr("admin.store.calls.live_condition", lambda *_: "true")
    assert await find_worlds(build, range(5, 8)) == {6, 7}
