"""A publisher that collects what it knows and posts many callers at once."""

import json
import random
import uuid
from typing import ClassVar

from locust import between, task

from loadtests.person import Person, any_caller

ITEMS = 500


class BulkPublisher(Person):
    """Posts 500 callers a request; the first and each fourth has an idempotency key and is posted again."""

    title = "bulk publisher"
    door = "ingest_url"
    weight = 1
    wait_time = between(0.5, 1.5)
    budgets_ms: ClassVar = {"post 500 at once": 500, "repeat what was posted": 500}

    posted = 0

    @task
    def post_many(self) -> None:
        items, headers = _make_items(), {"Idempotency-Key": str(uuid.uuid4())}
        repeats = self.posted % 4 == 0
        self.posted += 1
        self._post("post 500 at once", items, headers if repeats else {})
        if repeats:
            self._post("repeat what was posted", items, headers)

    def _post(self, kind: str, items: str, headers: dict[str, str]) -> None:
        bearer = {"Authorization": f"Bearer {self.ready['postback_key']}", "Content-Type": "application/x-ndjson"}
        self.ask(kind, "POST", "/v1/postbacks", data=items, headers=bearer | headers)


def _make_items() -> str:
    callers = (any_caller() for _ in range(ITEMS))
    zips = (f"{random.randrange(100_000):05}" for _ in range(ITEMS))
    items = (
        {"caller_number": caller, "tag_values": {"list": "spring", "zip": z}} for caller, z in zip(callers, zips, strict=True)
    )
    return "\n".join(json.dumps(item) for item in items)
