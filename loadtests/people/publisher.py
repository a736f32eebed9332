"""A publisher that posts what it knows about a caller, one request a caller."""

import random
from typing import ClassVar
from urllib.parse import urlencode

from locust import between, task

from loadtests.person import Person, any_caller


class Publisher(Person):
    """Most put everything into the link; some send a form or JSON, as their systems do."""

    title = "publisher"
    door = "ingest_url"
    weight = 8
    wait_time = between(0.05, 0.25)
    budgets_ms: ClassVar = {"post tags": 100}

    @task(6)
    def follow_the_link(self) -> None:
        query = urlencode({"key": self.ready["postback_key"], "caller_number": any_caller(), **_some_tags()})
        self.ask("post tags", "GET", f"/data_writing?{query}")

    @task(1)
    def send_a_form(self) -> None:
        form = {"key": self.ready["postback_key"], "caller_number": any_caller(), **_some_tags()}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask("post tags", "POST", "/data_writing", data=urlencode(form), headers=headers)

    @task(1)
    def send_json(self) -> None:
        headers = {"Authorization": f"Bearer {self.ready['postback_key']}"}
        self.ask("post tags", "POST", "/data_writing", json={"caller_number": any_caller(), **_some_tags()}, headers=headers)


def _some_tags() -> dict[str, str]:
    return {
        "prequalified": "true",
        "source": random.choice(("search", "social", "radio")),
        "zip": f"{random.randrange(100_000):05}",
    }
