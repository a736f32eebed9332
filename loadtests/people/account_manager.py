"""An account manager who looks at what comes in: the postback log, the live calls, one call with its timeline."""

import random
from typing import Any, ClassVar

from locust import between, task

from loadtests.person import Person


class AccountManager(Person):
    """Reads pages as a console would, and turns to the next one now and then."""

    title = "account manager"
    door = "admin_url"
    weight = 1
    wait_time = between(0.2, 0.8)
    budgets_ms: ClassVar = {"postback log": 500, "call log": 500, "one call": 500}

    @task
    def look_around(self) -> None:
        page = self._read("postback log", "postback-log?limit=50")
        if page and page["next_cursor"] and random.random() < 0.5:
            self._read("postback log", f"postback-log?limit=50&cursor={page['next_cursor']}")
        page = self._read("call log", f"calls?limit=50{random.choice(('', '&status=in_progress'))}")
        if page and page["items"]:
            self._read("one call", f"calls/{random.choice(page['items'])['call_uuid']}")

    def _read(self, kind: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.ready['api_token']}"}
        return self.ask(kind, "GET", f"/v1/companies/{self.ready['company_id']}/{path}", headers=headers)
