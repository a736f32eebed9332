"""No body sets what isn't said to be settable: every route that takes a body refuses what it doesn't know, by name."""

import re
from typing import Any

import msgspec
import pytest

from admin.routes import ROUTES
from schemas.admin.fields import Body
from tests.integration.admin.manager import Manager

FIELDS = (
    "id",
    "company_id",
    "user_id",
    "collaborator_id",
    "api_token_id",
    "created_at",
    "removed_at",
    "revoked_at",
    "accepted_at",
    "granted_at",
    "changed_in",
    "secret_hash",
    "invite_hash",
    "password_hash",
    "numbers_held",
    "effective_number_cap",
    "status",
    "hidden",
    "old_secret_until",
)
"""What rows and replies hold, or might, and nobody sets."""

PLACES = {"company_id": "", "number": "+12025550100", "call_uuid": "x", "token": "x" * 43}
"""What stands in paths for an id; everywhere else 1 does, as a body is refused before anything is looked up."""

WITH_BODY = [route for route in ROUTES if route.body]


def settable(shape: Any) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(shape)}


def structs_in(kind: Any) -> list[Any]:
    """The shapes that a kind of field is made of, itself, in lists or in unions."""
    inner = [shape for part in getattr(kind, "__args__", ()) for shape in structs_in(part)]
    return inner + ([kind] if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else [])


def lenient_in(shape: Any) -> list[str]:
    """The shapes of a body, inner ones too, that would swallow a field they don't know."""
    inner = [name for field in msgspec.structs.fields(shape) for kind in structs_in(field.type) for name in lenient_in(kind)]
    return inner + ([] if shape.__struct_config__.forbid_unknown_fields else [shape.__name__])


async def test_a_field_that_nobody_sets_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    for route in WITH_BODY:
        with subtests.test(route.handler.__name__):
            places = {name: PLACES.get(name, 1) for name in re.findall(r"{(\w+)}", route.path)} | {
                "company_id": manager.company_id
            }
            for field in set(FIELDS) - settable(route.body):
                reply = await manager.ask(route.method, route.path.format(**places), {field: 1})
                assert reply.problem == (422, "unknown_field", field)


def test_no_shape_of_a_body_swallows_what_it_doesnt_know(subtests: pytest.Subtests) -> None:
    for route in WITH_BODY:
        with subtests.test(route.handler.__name__):
            assert issubclass(route.body, Body)
            assert lenient_in(route.body) == []


SETTABLE = {
    "user_id": set[str](),
    "collaborator_id": set[str](),
    "company_id": set[str](),
    "id": set[str](),
    "role": {"create_collaborator", "change_collaborator"},
    "publisher_ids": {"create_collaborator", "change_collaborator"},
    "buyer_ids": {"create_collaborator", "change_collaborator"},
    "number_cap": {"create_publisher", "change_publisher"},
    "default_number_cap": {"change_company"},
    "rate_limit_per_second": {"change_company", "create_postback_key", "change_postback_key"},
    "price_cents": {"create_buyer", "change_buyer"},
    "payout_cents": {"create_campaign", "change_campaign"},
}
"""What gives somebody power or money, and the routes that may set it."""


def test_what_gives_power_is_set_where_it_is_meant_to_be(subtests: pytest.Subtests) -> None:
    for field in SETTABLE:
        with subtests.test(field):
            assert {route.handler.__name__ for route in WITH_BODY if field in settable(route.body)} == SETTABLE[field]


class Inner(msgspec.Struct):
    """A shape that swallows what it doesn't know."""

    x: int


class Outer(Body, frozen=True, kw_only=True):
    """A body with it inside."""

    inner: list[Inner] | None = None


def test_a_lenient_shape_is_found() -> None:
    assert lenient_in(Outer) == ["Inner"]
    assert lenient_in(Inner) == ["Inner"]
