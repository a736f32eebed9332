"""What applies on which level, against the rules as they are published; each check is shown to see a fault."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import permissions
from admin.permissions import Decision, Levels, decide, decide_all
from admin.toggles import DEFAULTS, Kind
from schemas.admin.permissions import BuyerPermissions, PublisherPermissions
from tests.unit.published_permissions import DENIED, INHERIT, PUBLISHED, expect, settings_of, worlds


def say(kind: Kind, toggle: str, setting: Any) -> dict[Any, dict[str, Any]]:
    return {} if setting == INHERIT else {kind: {toggle: setting}}


def levels_of(kind: Kind, toggle: str, subject: Any, collaborator: Any, company: Any) -> Levels:
    own = {1: {toggle: subject}} if subject != INHERIT else {}
    return Levels(
        company=say(kind, toggle, company),
        collaborator=say(kind, toggle, collaborator),
        publishers=own if kind == "publisher" else {},
        buyers=own if kind == "buyer" else {},
    )


def find_differences(decide: Callable[[Kind, str, Levels, int], Decision] = permissions.decide) -> Iterator[str]:
    """Every toggle with every setting on every level, wherever the model says something else."""
    for kind, toggles in PUBLISHED.items():
        for toggle in toggles:
            for subject, collaborator, company in itertools.product(settings_of(toggle), repeat=3):
                decided = decide(kind, toggle, levels_of(kind, toggle, subject, collaborator, company), 1)
                expected = expect(kind, toggle, subject=subject, collaborator=collaborator, company=company)
                if (decided.setting, decided.level) != expected:
                    yield f"{kind} {toggle}: {subject} > {collaborator} > {company} is {decided}, not {expected}"


def test_the_most_specific_level_wins_but_a_collaborators_own_denial_holds() -> None:
    assert list(find_differences()) == []


@pytest.mark.parametrize(("kind", "toggle"), [(kind, toggle) for kind in DEFAULTS for toggle in DEFAULTS[kind]])
def test_a_flipped_default_is_found(kind: Kind, toggle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(setting for setting in settings_of(toggle)[1:] if setting != DEFAULTS[kind][toggle])
    monkeypatch.setitem(DEFAULTS[kind], toggle, other)  # type: ignore[arg-type] # a dict, told to be read only
    assert list(find_differences())


def test_a_dropped_rule_of_own_denial_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "is_denial", lambda _: False)
    found = list(find_differences())
    assert found
    assert all("> deny >" in line or "> none >" in line or "> () >" in line for line in found)


def test_levels_in_another_order_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def company_first(kind: Kind, name: str, levels: Levels, subject_id: int) -> Decision:
        said = levels.company.get(kind, {})
        return Decision(said[name], "company") if name in said else decide(kind, name, levels, subject_id)

    assert list(find_differences(company_first))


@given(st.data())
def test_each_publisher_and_buyer_is_decided_for_itself(data: st.DataObject) -> None:
    """What is said of another publisher, of the other kind or of another toggle changes nothing."""
    kind: Kind = data.draw(st.sampled_from(["publisher", "buyer"]))
    levels, said = data.draw(worlds())
    for subject_id in (1, 2):
        subject = decide_all(kind, levels, subject_id)
        assert (subject.kind, subject.id, set(subject.decisions)) == (kind, subject_id, set(PUBLISHED[kind]))
        for toggle, decision in subject.decisions.items():
            setting, _ = expect(
                kind,
                toggle,
                subject=said[kind, subject_id].get(toggle, INHERIT),
                collaborator=said[kind, "collaborator"].get(toggle, INHERIT),
                company=said[kind, "company"].get(toggle, INHERIT),
            )
            assert decision.setting == setting, toggle
            assert subject.may(toggle) == (setting not in DENIED)


def test_what_can_be_said_is_what_has_a_default() -> None:
    assert set(PublisherPermissions.__struct_fields__) == set(DEFAULTS["publisher"])
    assert set(BuyerPermissions.__struct_fields__) == set(DEFAULTS["buyer"])
