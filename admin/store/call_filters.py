"""What calls may be filtered by, as SQL: a field finds only the calls of which somebody may see it, as if it were empty in all others."""

import json

from msgspec import UnsetType

from admin.errors import FieldHidden
from admin.store.conditions import Conditions
from admin.store.sight import Eyes, narrow_to_buyer, narrow_to_publisher
from schemas.admin.calls import CallsQuery
from schemas.admin.reports import ReportsQuery


def add_id_filters(where: Conditions, eyes: Eyes, query: CallsQuery | ReportsQuery) -> None:
    """By campaign, publisher and buyer. Raises FieldHidden."""
    where.add("calls.campaign_id = {}", query.campaign_id)
    if not isinstance(query.publisher_id, UnsetType):
        where.add("calls.publisher_id = {}", query.publisher_id)
        sight = eyes.actor.check_shows(eyes.through("publisher_id"), "publisher_id")
        eyes.add_to(where, narrow_to_publisher(sight, query.publisher_id))
    if not isinstance(query.answered_by, UnsetType):
        where.add("calls.answered_by = {}", query.answered_by)
        sight = eyes.actor.check_shows(eyes.through("answered_by"), "answered_by")
        eyes.add_to(where, narrow_to_buyer(sight, query.answered_by))


def add_tag_filter(where: Conditions, eyes: Eyes, name: str | None, value: str | None) -> None:
    """Each of the three ways to ask for a tag. Who sees some tags only must say which: any would tell of those that are hidden."""
    if name is not None:
        if value is None:
            where.add("calls.tags ? {}", name)
        else:
            where.add("calls.tags @> {}::jsonb", json.dumps({name: value}))
        eyes.add_to(where, eyes.actor.check_shows(eyes.through_tag(name), "tag_name"))
    elif value is not None:
        if not eyes.sight.everything:
            raise FieldHidden("Not every tag is shown to you: name the one that is meant.", field="tag_value")
        where.add("calls.tags @@ ('$.* == ' || {})::jsonpath", json.dumps(value))
