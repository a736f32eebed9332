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
    rows = [(entry, _name_thing(entry), _find_place(entry), list(list_changes(entry))) for entry in page.items]
    return {
        "page": page,
        "rows": rows,
        "objects": OBJECTS,
        "actions": ACTIONS,
        "actors": ACTORS,
        "ranges": RANGES,
        "within": query.within or "",
    }


def list_changes(entry: AuditEntry) -> Iterator[Change]:
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
            yield _describe(field, before, after)


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


def _name_thing(entry: AuditEntry) -> str:
    """What the thing is called, where the change says so, and else its id."""
    said = (entry.new or {}) | (entry.old or {})
    name = said.get("name") or said.get("number")
    if entry.object == "permissions":
        level, subject_id, kind = [*entry.object_id.split("/"), "", ""][:3]
        return f"of {kind}s, said by the {level}" + ("" if level == "company" else f" {subject_id}")
    return str(name) if name else "" if entry.object == "company" else entry.object_id


def _find_place(entry: AuditEntry) -> str | None:
    """The address of the thing's page, under the company's; None where it has none any more."""
    if entry.object == "permissions":
        level, subject_id = [*entry.object_id.split("/"), ""][:2]
        return "/permissions" if level == "company" else f"/{level}s/{subject_id}/permissions"
    place = _PLACES.get(entry.object)
    return place.format(entry.object_id) if place and entry.action != "removed" else None


PAGES = (Page("/companies/{company_id}/audit-log", "audit_log.html", show_audit_log, "see_audit_log"),)
