"""What is shown of a call, against a model that was written from the published rules alone; each check is shown to see a fault."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import permissions
from admin.permissions import Levels, Subject, decide_all, mask
from admin.toggles import DEFAULTS, FIELDS, Kind
from schemas.admin.calls import Call
from tests.unit.published_permissions import PUBLISHED, worlds

NEEDS = {
    "duration_seconds": "view_duration",
    "ended_at": "view_duration",
    "engine_ended_at": "view_duration",
    "payout_cents": "view_payout",
    "revenue_cents": "view_revenue",
    "answered_by": "view_buyer",
    "routed_to": "view_buyer",
    "publisher_id": "view_publisher",
    "dialed_number": "view_publisher",
    "recording_url": "listen_to_recordings",
}
FREE = {"call_uuid", "status", "hit_at", "started_at", "answered_at", "campaign_id", "disposition"}
"""Whoever sees the call sees these."""


def expect_shown(call: Call, field: str, subject: Subject) -> bool:
    """Whether this one may see the field of this call: what it may, and itself."""
    value = getattr(call, field)
    if subject.kind == "publisher" and field == "publisher_id":
        return value in (None, subject.id)
    if subject.kind == "publisher" and field == "dialed_number":
        return True
    if subject.kind == "buyer" and NEEDS[field] == "view_buyer":
        return value in (None, subject.id)
    return NEEDS[field] in PUBLISHED[subject.kind] and subject.decisions[NEEDS[field]].setting == "allow"


def expect_masked(call: Call, seen_as: list[Subject]) -> dict[str, Any]:
    shown: dict[str, Any] = {field: getattr(call, field) for field in FREE}
    hidden = set()
    for field in NEEDS:
        is_shown = any(expect_shown(call, field, subject) for subject in seen_as)
        shown[field] = getattr(call, field) if is_shown else None
        of_another = msgspec.structs.replace(call, **{field: "another's"})
        if shown[field] is None and not any(expect_shown(of_another, field, subject) for subject in seen_as):
            hidden.add(field)
    settings = {subject.decisions["view_caller_number"].setting for subject in seen_as}
    number = call.caller_number
    if "full" not in settings:
        hidden.add("caller_number")
        starred = (
            None if number is None else "".join(digit if place >= len(number) - 4 else "*" for place, digit in enumerate(number))
        )
        number = None if starred is None or "masked" not in settings else "+" + starred[1:]
    names = {name for subject in seen_as for name in subject.decisions["tag_names"].setting}
    tags = {name: value for name, value in call.tags.items() if name in names}
    hidden.add("tags")
    return shown | {"caller_number": number, "tags": tags, "hidden": sorted(hidden)}


ids = st.one_of(st.none(), st.integers(1, 3))
times = st.one_of(st.none(), st.just(datetime(2026, 3, 1, tzinfo=UTC)))
calls = st.builds(
    Call,
    call_uuid=st.just("one"),
    status=st.sampled_from(["in_progress", "completed", "expired"]),
    hit_at=st.just(datetime(2026, 3, 1, tzinfo=UTC)),
    started_at=st.just(datetime(2026, 3, 1, tzinfo=UTC)),
    answered_at=times,
    ended_at=times,
    engine_ended_at=times,
    caller_number=st.one_of(st.none(), st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True)),
    dialed_number=st.one_of(st.none(), st.just("+18005550100")),
    campaign_id=ids,
    publisher_id=ids,
    routed_to=ids,
    answered_by=ids,
    disposition=st.one_of(st.none(), st.just("answered")),
    duration_seconds=st.one_of(st.none(), st.integers(0, 100)),
    recording_url=st.one_of(st.none(), st.just("https://example.com/1.mp3")),
    revenue_cents=st.one_of(st.none(), st.integers(0, 100)),
    payout_cents=st.one_of(st.none(), st.integers(0, 100)),
    tags=st.dictionaries(st.sampled_from(["zip", "age", "name"]), st.text(max_size=3)),
)


@st.composite
def views(draw: st.DrawFn) -> tuple[Call, list[Subject]]:
    """A call, and one or more as whom it is seen."""
    levels, _ = draw(worlds())
    everybody = [decide_all(kind, levels, subject_id) for kind in DEFAULTS for subject_id in (1, 2)]
    return draw(calls), draw(
        st.lists(st.sampled_from(everybody), min_size=1, max_size=4, unique_by=lambda one: (one.kind, one.id))
    )


@given(views())
def test_of_a_call_each_sees_what_any_of_those_they_act_as_may(view: tuple[Call, list[Subject]]) -> None:
    call, seen_as = view
    assert msgspec.structs.asdict(mask(call, seen_as)) == expect_masked(call, seen_as)


def check_one_call(call: Call, seen_as: list[Subject]) -> bool:
    return msgspec.structs.asdict(mask(call, seen_as)) == expect_masked(call, seen_as)


FULL = Call(
    call_uuid="one",
    status="completed",
    hit_at=datetime(2026, 3, 1, tzinfo=UTC),
    started_at=datetime(2026, 3, 1, tzinfo=UTC),
    answered_at=datetime(2026, 3, 1, tzinfo=UTC),
    ended_at=datetime(2026, 3, 1, tzinfo=UTC),
    engine_ended_at=datetime(2026, 3, 1, tzinfo=UTC),
    caller_number="+15551230000",
    dialed_number="+18005550100",
    campaign_id=9,
    publisher_id=2,
    routed_to=2,
    answered_by=2,
    disposition="answered",
    duration_seconds=1,
    recording_url="https://example.com/1.mp3",
    revenue_cents=1,
    payout_cents=1,
    tags={"zip": "1", "age": "2"},
)


@pytest.mark.parametrize("toggle", FIELDS)
def test_a_toggle_that_hides_nothing_is_found(toggle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Mapping[Kind, dict[str, Any]] = {kind: dict.fromkeys(toggles, "deny") for kind, toggles in PUBLISHED.items()}
    levels = Levels(collaborator={kind: said | {"tag_names": ()} for kind, said in nothing.items()})
    seen_as = [decide_all("buyer" if toggle == "view_publisher" else "publisher", levels, 1)]
    assert check_one_call(FULL, seen_as)
    kept = {field: named for field, named in permissions._TOGGLE_OF.items() if named != toggle}
    monkeypatch.setattr(permissions, "_TOGGLE_OF", kept)
    assert not check_one_call(FULL, seen_as)


def test_a_mask_that_shows_too_little_or_too_much_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen_as = [decide_all("publisher", Levels(), 1), decide_all("buyer", Levels(), 2)]
    assert check_one_call(FULL, seen_as)
    monkeypatch.setattr(permissions, "mask_number", lambda number, _: permissions.hide_digits(number))
    assert not check_one_call(FULL, seen_as), "the buyer may see the whole number"
    monkeypatch.undo()
    monkeypatch.setattr(permissions, "mask_tags", lambda tags, _: tags)
    assert not check_one_call(FULL, seen_as), "nobody may see a tag"


def test_every_field_of_a_call_is_governed_or_free() -> None:
    assert {*NEEDS, *FREE, "caller_number", "tags", "hidden"} == set(Call.__struct_fields__)
    assert {field for fields in FIELDS.values() for field in fields} == set(NEEDS)
