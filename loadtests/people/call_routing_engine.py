"""A call routing engine, one call after the other: look-up, hit, routing decision, answer, end."""

import random
import uuid
from typing import Any, ClassVar
from urllib.parse import urlencode

from gevent import sleep
from locust import between, task

from loadtests.person import Person, any_caller

RING_SECONDS = (0.05, 0.2)
TALK_SECONDS = (0.2, 1.0)


class CallRoutingEngine(Person):
    """A caller hears silence until look-up, hit and routing decision are answered, so these have the smallest budgets.

    A call whose hit is refused goes on without tags, and the merger hears no more of it.
    """

    title = "call routing engine"
    door = "merger_url"
    weight = 5
    wait_time = between(0.05, 0.2)
    budgets_ms: ClassVar = {"look-up": 50, "call hit": 50, "routing decision": 50, "answer": 100, "call end": 100}

    @task
    def carry_a_call(self) -> None:
        caller, call = any_caller(), f"load-{uuid.uuid4()}"
        self._ask("look-up", "GET", f"/v1/lookup?{urlencode({'caller_number': caller})}")
        hit = {"call_uuid": call, "caller_number": caller, "dialed_number": self.ready["tracking_number"]}
        if self._ask("call hit", "POST", "/v1/calls", (201,), **hit) is None:
            return
        self._ask("routing decision", "POST", f"/v1/calls/{call}/route", buyer_id=self.ready["buyer_id"])
        sleep(random.uniform(*RING_SECONDS))
        if random.random() < 0.8:
            self._ask("answer", "POST", f"/v1/calls/{call}/answer", buyer_id=self.ready["buyer_id"])
            sleep(random.uniform(*TALK_SECONDS))
        self._ask("call end", "POST", f"/v1/calls/{call}/end", duration_seconds=random.randrange(600), disposition="answered")

    def _ask(self, kind: str, method: str, path: str, right: tuple[int, ...] = (200,), **said: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.ready['engine_key']}"}
        return self.ask(kind, method, path, right, headers=headers, json=said or None)
