"""The admin API's rules that need no database: who may what, cursors, and what a refusal says of a field."""

import contextlib
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.paging import BY_HIT, BY_ID, BY_RECEIPT, make_page, read_cursor
from admin.permissions import Action, Actor, check_may
from admin.routes import ROUTES
from admin.store.conditions import Conditions
from schemas.admin.fields import LABEL_SHAPE, SHAPES, Body, Name, PageQuery
from shared.errors import InvalidField, NotFound

ACTOR = Actor(kind="api_token", role="superuser", api_token_id=1, name="token", company_id=7)


@pytest.mark.parametrize("action", get_args(Action))
def test_a_token_may_do_everything_at_home_and_nothing_elsewhere(action: Action) -> None:
    check_may(ACTOR, action, 7)
    for elsewhere in (6, 8, 0, -7):
        with pytest.raises(NotFound):
            check_may(ACTOR, action, elsewhere)


def test_every_route_asks_for_an_action_that_fits_its_method() -> None:
    """Whoever only sees changes nothing but what is their own; what is open to anybody is under no company."""
    asked = {route.action for route in ROUTES if route.action is not None}
    assert asked == set(get_args(Action))
    for route in ROUTES:
        if route.action is None:
            assert "{company_id}" not in route.path, route.path
        elif route.method == "GET":
            assert not route.action.startswith(("change", "erase", "create")), route.path
        else:
            assert route.action == "see_self" or not route.action.startswith("see"), route.path


def test_every_route_under_a_company_checks_that_company() -> None:
    """`check_may` is asked about the ids that a handler takes: one that ignored the company in its path would go unchecked."""
    for route in ROUTES:
        assert ("{company_id}" in route.path) == ("company_id" in route.ids), route.path


@given(st.lists(st.integers(1, 2**63 - 1), unique=True, max_size=12), st.integers(1, 5))
def test_pages_by_id_hold_everything_once(ids: list[int], limit: int) -> None:
    ids.sort()
    seen: list[int] = []
    query = PageQuery(limit=limit)
    for _ in range(len(ids) + 1):
        key = read_cursor(query, BY_ID)
        rows = [number for number in ids if number > (key[0] if key else 0)][: limit + 1]
        page = make_page(rows, query, lambda number: (number,))
        seen += page.items
        if page.next_cursor is None:
            break
        query = PageQuery(limit=limit, cursor=page.next_cursor)
    assert seen == ids


@given(st.datetimes(timezones=st.just(UTC)), st.from_regex(r"[A-Za-z0-9._:@\-]{1,128}", fullmatch=True), st.uuids())
def test_a_cursor_brings_back_its_sort_key_to_the_microsecond(time: datetime, call_uuid: str, postback_id: UUID) -> None:
    for decoder, key in ((BY_HIT, (time, call_uuid)), (BY_RECEIPT, (time, postback_id))):
        page = make_page([1, 2], PageQuery(limit=1), lambda _, key=key: key)  # type: ignore[misc] # two kinds of key
        assert page.next_cursor is not None
        assert read_cursor(PageQuery(cursor=page.next_cursor), decoder) == key  # type: ignore[type-var] # each with its decoder


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    for decoder in (BY_ID, BY_HIT, BY_RECEIPT):
        with contextlib.suppress(InvalidField):
            assert read_cursor(PageQuery(cursor=text), decoder)  # type: ignore[type-var] # three kinds of key


class Named(Body, frozen=True):
    """Anything with a name."""

    name: Name


@given(st.text(max_size=210))
def test_a_name_has_one_to_200_characters_none_of_them_control_and_no_space_at_either_end(name: str) -> None:
    fits = 1 <= len(name) <= 200 and name == name.strip() and not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in name)
    try:
        msgspec.convert({"name": name}, Named)
    except msgspec.ValidationError:
        assert not fits
    else:
        assert fits


def test_each_shape_is_explained_in_words() -> None:
    assert SHAPES[LABEL_SHAPE] == "no control characters, and no space at either end"
    assert all(words and "^" not in words for words in SHAPES.values())


def test_conditions_are_numbered_and_those_not_asked_for_are_left_out() -> None:
    where = Conditions("company_id = {}", 7)
    where.add("status = {}", msgspec.UNSET)
    where.add("zip = {}", "x")
    where.add_key("(hit_at, call_uuid) < ({}, {})", (1, 2))
    assert " ".join(str(where).split()) == "company_id = $1 and zip = $2 and (hit_at, call_uuid) < ($3, $4)"
    assert where.arguments == [7, "x", 1, 2]
