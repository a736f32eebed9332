"""What a collaborator should see of calls, as the published rules say it and without a look at how it is done; and random worlds for it."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from tests.integration.admin.manager import NOON, JsonObject
from tests.unit.published_permissions import PUBLISHED

TOGGLE_OF = {
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
OWN = {"answered_by": "buyer", "routed_to": "buyer", "publisher_id": "publisher"}
NUMBERS = ["+18005550101", "+18005550102", "+18005550103"]
CALLERS = ["+12025550100", "+12025550111", None]
TAGS = ["zip", "state", "score"]


class Eye(Struct):
    """A publisher or buyer that the collaborator acts as, with what applies to it."""

    kind: str
    id: int
    settings: dict[str, Any]

    def may(self, toggle: str) -> bool:
        return self.settings.get(toggle, "deny") not in ("deny", "none", ())

    def sees(self, call: JsonObject, grants: Iterable[JsonObject]) -> bool:
        if self.kind == "buyer":
            return call["answered_by"] == self.id and (call["status"] != "in_progress" or self.may("monitor_live_calls"))
        return any(
            grant["publisher_id"] == self.id
            and grant["number"] == call["dialed_number"]
            and grant["granted_at"] <= call["started_at"]
            and (grant["revoked_at"] is None or call["started_at"] < grant["revoked_at"])
            for grant in grants
        )

    def shows(self, field: str, call: JsonObject) -> bool:
        if field == "caller_number":
            return bool(self.settings["view_caller_number"] == "full")
        if OWN.get(field) == self.kind:
            return call[field] in (None, self.id)
        if field == "dialed_number" and self.kind == "publisher":
            return True
        return field not in TOGGLE_OF or self.may(TOGGLE_OF[field])


class World(Struct):
    """Calls, grants, and as whom somebody looks at them."""

    calls: list[JsonObject]
    grants: list[JsonObject]
    eyes: list[Eye]

    def seen_as(self, call: JsonObject, *toggles: str) -> list[Eye]:
        return [eye for eye in self.eyes if all(map(eye.may, toggles)) and eye.sees(call, self.grants)]

    def shown(self, *toggles: str) -> list[JsonObject]:
        """The calls as they should be shown where that needs these toggles, the newest first."""
        newest_first = sorted(self.calls, key=lambda call: (call["hit_at"], call["call_uuid"]), reverse=True)
        return [show(call, seen_as) for call in newest_first if (seen_as := self.seen_as(call, *toggles))]


def show(call: JsonObject, seen_as: list[Eye]) -> JsonObject:
    shown, hidden = dict(call), {"tags"}
    for field in ("caller_number", *TOGGLE_OF):
        if not any(eye.shows(field, call) for eye in seen_as):
            shown[field] = None
        if shown[field] is None and not any(eye.shows(field, {field: "another's"}) for eye in seen_as):
            hidden.add(field)
    in_full = any(eye.shows("caller_number", call) for eye in seen_as)
    if not in_full:
        hidden.add("caller_number")
    masked = any(eye.settings["view_caller_number"] == "masked" for eye in seen_as)
    if not in_full and masked and call["caller_number"] is not None:
        shown["caller_number"] = "+*******" + call["caller_number"][-4:]
    known = {name for eye in seen_as for name in eye.settings["tag_names"]}
    shown["tags"] = {name: value for name, value in call["tags"].items() if name in known}
    return shown | {"hidden": sorted(hidden)}


def make_world(
    seed: int, publisher_ids: list[int], buyer_ids: list[int], campaign_ids: list[int], number_ids: list[int]
) -> World:
    """A random one. The first two publishers and buyers are the collaborator's, or some of them; times are few, so that they meet."""
    dice = random.Random(seed)
    moments = [NOON + timedelta(seconds=second) for second in range(10)]
    grants = [
        grant for publisher_id in publisher_ids for number in range(3) for grant in _grants(dice, moments, publisher_id, number)
    ]
    eyes = [
        Eye(kind, id_, _settings(dice, kind))
        for kind, ids in (("publisher", publisher_ids[:2]), ("buyer", buyer_ids[:2]))
        for id_ in ids
        if dice.random() < 0.8
    ]
    calls = [_call(dice, seed, number, moments, publisher_ids, buyer_ids, campaign_ids) for number in range(25)]
    return World(calls, [grant | {"number_id": number_ids[NUMBERS.index(grant["number"])]} for grant in grants], eyes)


def _grants(dice: random.Random, moments: list[datetime], publisher_id: int, number: int) -> Iterable[JsonObject]:
    times: list[Any] = sorted(dice.sample(moments, dice.choice([0, 1, 2, 3, 4])))
    for granted_at, revoked_at in zip(times[::2], [*times[1::2], None], strict=False):
        yield {"publisher_id": publisher_id, "number": NUMBERS[number], "granted_at": granted_at, "revoked_at": revoked_at}


def _settings(dice: random.Random, kind: Any) -> dict[str, Any]:
    settings = dict(PUBLISHED[kind])
    for toggle in settings:
        if dice.random() < 0.35:
            settings[toggle] = dice.choice(["allow", "deny"])
    settings["view_caller_number"] = dice.choice(["full", "masked", "none"])
    settings["tag_names"] = tuple(dice.sample(TAGS, dice.choice([0, 1, 2])))
    return settings


def _call(
    dice: random.Random,
    seed: int,
    number: int,
    moments: list[datetime],
    publisher_ids: list[int],
    buyer_ids: list[int],
    campaign_ids: list[int],
) -> JsonObject:
    status = dice.choice(["completed", "completed", "in_progress", "expired"])
    ended_at = None if status == "in_progress" else NOON + timedelta(seconds=60)
    answered_by = dice.choice([*buyer_ids, None])
    return {
        "call_uuid": f"{seed}-{number}",
        "status": status,
        "hit_at": dice.choice(moments),
        "started_at": dice.choice(moments),
        "answered_at": dice.choice(moments) if answered_by else None,
        "ended_at": ended_at,
        "engine_ended_at": ended_at,
        "caller_number": dice.choice(CALLERS),
        "dialed_number": dice.choice([*NUMBERS, None]),
        "campaign_id": dice.choice([*campaign_ids, None]),
        "publisher_id": dice.choice([*publisher_ids, None]),
        "routed_to": dice.choice([*buyer_ids, None]),
        "answered_by": answered_by,
        "disposition": None,
        "duration_seconds": dice.choice([None, 0, 30, 90]),
        "recording_url": dice.choice([None, "https://recordings.example/1.mp3"]),
        "revenue_cents": dice.choice([None, 0, 2500]),
        "payout_cents": dice.choice([None, 1200]),
        "tags": {name: dice.choice(["1", "2"]) for name in dice.sample(TAGS, dice.choice([0, 1, 2]))},
    }
