"""A publisher that collects what it knows and posts many callers at once."""

import json
import random
import uuid
from typing import ClassVar

from locust import between, task

from loadtests.person import Person, any_caller

ITEMS = 500


class BulkPublisher(Person):
    """Posts 500 callers a request, now and then with an idempotency key that it repeats."""

    title = "bulk publisher"
    door = "ingest_url"
    weight = 1
    wait_time = between(0.5, 1.5)
    budgets_ms: ClassVar = {"post 500 at once": 500, "repeat what was posted": 500}

    @task(3)
    def post_many(self) -> None:
        self._post("post 500 at once", _make_items(), {})

    @task(1)
    def post_twice(self) -> None:
        items, headers = _make_items(), {"Idempotency-Key": str(uuid.uuid4())}
        self._post("post 500 at once", items, headers)
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
