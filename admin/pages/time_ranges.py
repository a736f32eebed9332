"""The time that a list or figure is of, as a form asks for it: a usual one, or from when until when.

Times are typed in UTC where the browser runs no scripts; static/times.js has them typed in the reader's own time and sends UTC.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from msgspec import UNSET, UnsetType, field

from schemas.admin.fields import Query
from shared.errors import InvalidField

Within = Literal["hour", "day", "week", "month"]
LENGTHS: dict[Within, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
WORDS: dict[Within, str] = {"hour": "Last hour", "day": "Last 24 hours", "week": "Last 7 days", "month": "Last 30 days"}


class RangeQuery(Query, frozen=True, kw_only=True):
    """What a form says of the time: a usual length until now, or two moments, which count more."""

    within: Within | UnsetType = UNSET
    from_: str | UnsetType = field(default=UNSET, name="from")
    to: str | UnsetType = UNSET

    def is_up_to_now(self) -> bool:
        return self.to is UNSET


def read_range(query: RangeQuery, *, usual: Within | None = None) -> dict[str, Any]:
    """As `from_` and `to` of the API's queries. Raises InvalidField."""
    moments = {name: _read_moment(name.rstrip("_"), text) for name, text in (("from_", query.from_), ("to", query.to)) if text}
    within = query.within or usual
    if not moments and within:
        moments["from_"] = datetime.now(UTC) - LENGTHS[within]
    return moments


def _read_moment(name: str, text: str | UnsetType) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidField("This isn't a time such as 2026-03-01T14:30.", field=name) from None
