"""The audit log, in words: who changed what, from what to what."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from admin.handlers import audit_log
from admin.pages.api_query import make_query
from admin.pages.page import Context, Page
from admin.pages.time_ranges import WORDS as RANGES
from admin.pages.time_ranges import RangeQuery, read_range
from admin.route import Ask
from admin.store import audit_log as store
from admin.store.audit_log import Thing
from schemas.admin.audit_log import ActorKind, AuditEntry, AuditLogQuery, ObjectId, Word
from schemas.admin.fields import Id

_PLACES = {
    "publisher": "/publishers/{}",
    "buyer": "/buyers/{}",
    "campaign": "/campaigns/{}",
    "number": "/numbers/{}",
    "postback_key": "/postback-keys/{}",
    "collaborator": "/collaborators/{}",
    "engine_key": "/engine-keys",
    "api_token": "/api-tokens",
    "company": "/settings",
}
"""Where the page of a thing is."""

OBJECTS = (
    "publisher",
    "buyer",
    "campaign",
    "number",
    "campaign_grant",
    "number_grant",
    "postback_key",
    "collaborator",
    "permissions",
    "company",
    "engine_key",
    "api_token",
    "caller",
)
ACTIONS = ("created", "changed", "removed", "rotated", "viewed_as", "erased")
ACTORS: Mapping[ActorKind, str] = {"person": "People", "api_token": "API tokens", "operator": "The operator"}
_KEPT_QUIET = frozenset({"id", "company_id", "created_at", "user_id"})
"""What tells a reader nothing of a thing that was made."""

_MISSING = object()

_NAMED = {
    "publisher_id": "publisher",
    "publisher_ids": "publisher",
    "buyer_ids": "buyer",
    "campaign_id": "campaign",
    "collaborator_id": "collaborator",
}
"""Fields that hold ids, and of what: the page shows what these are called."""


Names = Mapping[Thing, str]


class AuditPageQuery(RangeQuery, frozen=True, kw_only=True):
    """Which changes the page is to show."""

    object: Word | UnsetType = UNSET
    object_id: ObjectId | UnsetType = UNSET
    action: Word | UnsetType = UNSET
    actor_kind: ActorKind | UnsetType = UNSET
    actor_id: Id | UnsetType = UNSET
    cursor: str | UnsetType = UNSET


class Change(Struct, frozen=True, kw_only=True):
    """What one field was and is. `shown_as`: as what the template writes it."""

    field: str
    shown_as: Literal["text", "time", "money", "seconds"]
    old: Any
    new: Any


async def show_audit_log(ask: Ask, company_id: Id, query: AuditPageQuery) -> Context:
    asked = make_query(AuditLogQuery, query, **read_range(query))
    page = await audit_log.list_audit_log(ask, company_id, asked)
    named = await store.fetch_names(ask.db, company_id, {thing for entry in page.items for thing in _list_things(entry)})
    rows = [(entry, _name_thing(entry, named), _find_place(entry), list(list_changes(entry, named))) for entry in page.items]
    return {
        "page": page,
        "rows": rows,
        "objects": OBJECTS,
        "actions": ACTIONS,
        "actors": ACTORS,
        "ranges": RANGES,
        "within": query.within or "",
    }


def _list_things(entry: AuditEntry) -> Iterator[Thing]:
    """What was changed, and what the change speaks of."""
    if thing := _find_thing(entry):
        yield thing
    for said in (entry.old or {}, entry.new or {}):
        for field, kind in _NAMED.items():
            ids = said.get(field)
            yield from ((kind, number) for number in (ids if isinstance(ids, list) else [ids]) if number is not None)


def _find_thing(entry: AuditEntry) -> Thing | None:
    """What was changed, if it has an id; of permissions, whose they are."""
    kind, number = entry.object, entry.object_id
    if kind == "permissions":
        kind, number = number.split("/")[:2]
    return (kind, int(number)) if number.isdigit() else None


def list_changes(entry: AuditEntry, named: Names) -> Iterator[Change]:
    """What changed, field by field; of what was made, all that was said; of settings, each toggle for itself."""
    old, new = entry.old or {}, entry.new or {}
    is_whole = entry.old is None or entry.new is None
    for field in old | new:
        before, after = old.get(field), new.get(field)
        if is_whole and (field in _KEPT_QUIET or (before is None and after is None)):
            continue
        if isinstance(before, dict) or isinstance(after, dict):
            yield from _list_within(before or {}, after or {})
        else:
            kind = _NAMED.get(field)
            yield _describe(field, _in_names(before, kind, named), _in_names(after, kind, named))


def _in_names(value: Any, kind: str | None, named: Names) -> Any:
    """Ids as what they are ids of is called; anything else as it is."""
    if kind is None:
        return value
    if isinstance(value, list):
        return [_in_names(part, kind, named) for part in value]
    return named.get((kind, value), value)


def _list_within(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for field in {**before, **after}:
        if before.get(field, _MISSING) != after.get(field, _MISSING):
            yield _describe(field, before.get(field), after.get(field))


def _describe(field: str, old: Any, new: Any) -> Change:
    texts = [value for value in (old, new) if value is not None]
    numbers = all(isinstance(value, int) and not isinstance(value, bool) for value in texts)
    if field.endswith(("_at", "_until")) and all(
        isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) for value in texts
    ):
        return Change(field=field, shown_as="time", old=old, new=new)
    if field.endswith("_cents") and numbers:
        return Change(field=field.removesuffix("_cents"), shown_as="money", old=old, new=new)
    if field.endswith("_seconds") and numbers:
        return Change(field=field.removesuffix("_seconds"), shown_as="seconds", old=old, new=new)
    return Change(field=field, shown_as="text", old=_in_text(old), new=_in_text(new))


def _in_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or "none"
    return str(value)


def _name_thing(entry: AuditEntry, named: Names) -> str:
    """What the thing was called before the change, if that says so, else what it is called now, else its id."""
    thing = _find_thing(entry)
    now = named.get(thing) if thing else None
    if entry.object == "permissions":
        level, subject_id, kind = [*entry.object_id.split("/"), "", ""][:3]
        return f"of {kind}s, said by the {level}" + ("" if level == "company" else f" {now or subject_id}")
    said = (entry.new or {}) | (entry.old or {})
    return str(said.get("name") or now or said.get("number") or ("" if entry.object == "company" else entry.object_id))


def _find_place(entry: AuditEntry) -> str | None:
    """The address of the thing's page, under the company's; None where it has none any more."""
    if entry.object == "permissions":
        level, subject_id = [*entry.object_id.split("/"), ""][:2]
        return "/permissions" if level == "company" else f"/{level}s/{subject_id}/permissions"
    place = _PLACES.get(entry.object)
    return place.format(entry.object_id) if place and entry.action != "removed" else None


PAGES = (Page("/companies/{company_id}/audit-log", "audit_log.html", show_audit_log, "see_audit_log"),)
