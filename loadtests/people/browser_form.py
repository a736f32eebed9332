"""Somebody who fills in a form on a publisher's page; the page posts it from their browser."""

from typing import ClassVar
from urllib.parse import urlencode

from locust import between, task

from loadtests.person import Person, any_caller

PAGE = "https://quotes.example"


class BrowserForm(Person):
    """The browser asks first whether the page may post, as it does where a header isn't a simple one."""

    title = "browser form"
    door = "ingest_url"
    weight = 3
    wait_time = between(0.3, 1.0)
    budgets_ms: ClassVar = {"ask whether the page may": 100, "submit the form": 100}

    @task
    def submit(self) -> None:
        preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        self.ask("ask whether the page may", "OPTIONS", "/data_writing", (200, 204), headers={"Origin": PAGE, **preflight})
        headers = {"Origin": PAGE, "Content-Type": "application/x-www-form-urlencoded"}
        headers["Authorization"] = f"Bearer {self.ready['postback_key']}"
        form = urlencode({"caller_number": any_caller(), "homeowner": "yes", "consent": "https://cert.example/1a2b3c"})
        self.ask("submit the form", "POST", "/data_writing", data=form, headers=headers)
