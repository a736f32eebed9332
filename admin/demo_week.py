"""A week of the demo company, made up: who phoned which number, what was posted about them, who answered."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

DAYS = 7
CALLS_A_DAY = 48
OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 1, 2, 5, 8, 9, 9, 7, 8, 9, 9, 8, 6, 5, 4, 3, 2, 1, 0)
"""How many phone in each hour of the day, as it is in the east of the US."""
AREAS = ("307", "406", "505", "605", "701", "802", "808", "907")
"""Seldom met in others' examples, who would wonder at the calls."""

STATES = ("AK", "HI", "MT", "ND", "NM", "SD", "VT", "WY")
REFUSED = ("invalid_tag", "too_many_tags", "rate_limited")

Row = dict[str, Any]


async def invent_week(db: asyncpg.Connection, company_id: int) -> dict[str, list[Row]]:
    """Table to rows, of the publishers, keys, numbers and buyers that the company has."""
    rows = await db.fetch(
        """
        select tracking_numbers.number, tracking_numbers.campaign_id, tracking_numbers.publisher_id, campaigns.payout_cents,
               array(select id from postback_keys
                      where postback_keys.publisher_id = tracking_numbers.publisher_id and revoked_at is null order by id) as key_ids
        from tracking_numbers
        join campaigns on campaigns.id = tracking_numbers.campaign_id
        where tracking_numbers.company_id = $1
          and tracking_numbers.removed_at is null
        order by tracking_numbers.id
        """,
        company_id,
    )
    buyers = await db.fetch(
        "select id, price_cents from buyers where company_id = $1 and removed_at is null and not paused order by id", company_id
    )
    week = Week(company_id, [dict(row) for row in rows], [dict(row) for row in buyers], await db.fetchval("select now()"))
    for at in week.moments():
        week.add_call(at)
    return {"postback_log": week.postbacks, "calls": week.calls, "call_events": week.events}


class Week:
    """What has been until `now`, as rows of the log."""

    def __init__(self, company_id: int, numbers: list[Row], buyers: list[Row], now: datetime) -> None:
        self.company_id, self.numbers, self.buyers, self.now = company_id, numbers, buyers, now
        self.postbacks: list[Row] = []
        self.calls: list[Row] = []
        self.events: list[Row] = []
        self._chance = Random(company_id)  # noqa: S311 - a story, no secret

    def moments(self) -> Iterator[datetime]:
        """When somebody phones: in office hours for a week, and rather often in the last hour."""
        yield from (self.now - timedelta(minutes=self._chance.uniform(8, 60)) for _ in range(9))
        midnight = self.now.astimezone(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
        for day in range(-DAYS, 1):
            for _ in range(CALLS_A_DAY):
                (hour,) = self._chance.choices(range(24), OFFICE_HOURS)
                at = midnight + timedelta(days=day, hours=hour, seconds=self._chance.uniform(0, 3600))
                if self.now - timedelta(days=DAYS) < at < self.now - timedelta(hours=1):
                    yield at

    def add_call(self, at: datetime) -> None:
        """A call that began then, with what was posted before, meanwhile and afterwards."""
        chance = self._chance
        number = chance.choice(self.numbers)
        caller = f"+1{chance.choice(AREAS)}55501{chance.randrange(100):02}"
        call_uuid = f"demo-{UUID(int=chance.getrandbits(128), version=4)}"
        is_answered = chance.random() < 0.82
        seconds = max(8, round(chance.lognormvariate(5, 0.8))) if is_answered else chance.randrange(10, 40)
        end = min(at + timedelta(seconds=seconds), self.now - timedelta(seconds=30))
        tags: dict[str, tuple[str, Row]] = {}
        for outcome, likely, moment in (
            ("stored", 0.72, at - timedelta(minutes=chance.uniform(1, 40))),
            ("stored_for_call", 0.15, at + (end - at) / 2),
            ("applied", 0.12, min(end + timedelta(minutes=chance.uniform(1, 5)), self.now - timedelta(seconds=5))),
        ):
            if number["key_ids"] and chance.random() < likely:
                said = self._invent_tags(outcome)
                postback = self._add_postback(number, moment, caller, outcome, said, call_uuid)
                tags |= {name: (value, postback) for name, value in said.items()}
        if number["key_ids"] and chance.random() < 0.2:
            self._add_stray(number, at)
        self._add_rows(number, at, end, call_uuid, caller, tags, is_answered=is_answered)

    def _invent_tags(self, outcome: str) -> dict[str, str]:
        chance = self._chance
        if outcome == "applied":
            return {"sale": chance.choice(("yes", "no")), "order_id": str(chance.randrange(10_000, 99_999))}
        said = {"zip": f"{chance.randrange(10_001, 98_999)}", "state": chance.choice(STATES), "prequalified": "true"}
        if outcome == "stored_for_call":
            return {"agent_note": chance.choice(("call back tomorrow", "has a policy already", "wants two quotes"))}
        if chance.random() < 0.4:
            said["certificate_url"] = f"https://certificates.example/{chance.getrandbits(64):016x}"
        return said

    def _add_stray(self, number: Row, at: datetime) -> None:
        """A postback that reached no call: nobody phoned, it came too late, or it was refused."""
        chance = self._chance
        caller = f"+1{chance.choice(AREAS)}55501{chance.randrange(100):02}"
        outcome = chance.choices(("stored", "not_stored", "refused"), (6, 1, 3))[0]
        said = {} if outcome == "refused" else self._invent_tags("stored")
        postback = self._add_postback(number, at - timedelta(minutes=chance.uniform(0, 3)), caller, outcome, said, None)
        if outcome == "refused":
            postback["code"] = chance.choice(REFUSED)
            postback["occurrences"] = chance.randrange(2, 9) if postback["code"] == "rate_limited" else 1

    def _add_postback(
        self, number: Row, at: datetime, caller: str, outcome: str, said: dict[str, str], call_uuid: str | None
    ) -> Row:
        row = {
            "id": UUID(int=self._chance.getrandbits(128), version=4),
            "received_at": at,
            "company_id": self.company_id,
            "publisher_id": number["publisher_id"],
            "postback_key_id": self._chance.choice(number["key_ids"]),
            "caller_number": caller,
            "call_uuids": [call_uuid] if call_uuid else [],
            "tag_values": json.dumps(said),
            "outcome": outcome,
            "code": None,
            "expires_at": at + timedelta(days=2) if outcome in ("stored", "stored_for_call") else None,
            "source_ip": f"192.0.2.{self._chance.randrange(1, 30)}",
            "occurrences": 1,
        }
        self.postbacks.append(row)
        return row

    def _add_rows(
        self,
        number: Row,
        at: datetime,
        end: datetime,
        call_uuid: str,
        caller: str,
        tags: dict[str, tuple[str, Row]],
        *,
        is_answered: bool,
    ) -> None:
        buyer = self._chance.choice(self.buyers)
        answered_at = at + min(timedelta(seconds=self._chance.uniform(3, 9)), (end - at) / 2)
        seconds = round((end - at).total_seconds())
        said: Row = {"disposition": "answered" if is_answered else self._chance.choice(("no answer", "busy", "cancelled"))}
        said["duration_seconds"] = seconds
        if is_answered:
            said |= {"answered_by": buyer["id"], "recording_url": f"https://recordings.example/{call_uuid}.mp3"}
        moments = [
            (at, "hit", {"dialed_number": number["number"]}),
            (at + (answered_at - at) / 2, "route", {"routed_to": buyer["id"]}),
        ]
        moments += [(answered_at, "answer", {"answered_by": buyer["id"]})] if is_answered else []
        moments.append((end, "end", said))
        self.events += [
            {
                "company_id": self.company_id,
                "call_uuid": call_uuid,
                "revision": revision,
                "happened_at": when,
                "kind": kind,
                "detail": json.dumps(detail),
            }
            for revision, (when, kind, detail) in enumerate(moments, start=1)
        ]
        self.calls.append(
            {
                "call_uuid": call_uuid,
                "hit_at": at,
                "company_id": self.company_id,
                "caller_number": caller,
                "dialed_number": number["number"],
                "campaign_id": number["campaign_id"],
                "publisher_id": number["publisher_id"],
                "status": "completed",
                "started_at": at,
                "answered_at": answered_at if is_answered else None,
                "ended_at": end,
                "routed_to": buyer["id"],
                "answered_by": said.get("answered_by"),
                "disposition": said["disposition"],
                "duration_seconds": seconds,
                "recording_url": said.get("recording_url"),
                "revenue_cents": buyer["price_cents"] if is_answered else None,
                "payout_cents": number["payout_cents"] if is_answered else None,
                "tags": json.dumps({name: value for name, (value, _) in tags.items()}),
                "attribution": json.dumps({name: _attribute(postback) for name, (_, postback) in tags.items()}),
                "revision": len(moments),
            }
        )


def _attribute(postback: Row) -> Row:
    return {
        "publisher_id": postback["publisher_id"],
        "postback_key_id": postback["postback_key_id"],
        "postback_id": str(postback["id"]),
        "posted_at": postback["received_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
