"""A publisher whose system is set up wrongly and goes on posting; a clear refusal is what is right for it."""

import random
from typing import ClassVar
from urllib.parse import urlencode

from locust import between, task

from loadtests.person import Person, any_caller


class MisconfiguredPublisher(Person):
    """Each mistake has the one status that is right; anything else, a 200 too, is a failure."""

    title = "misconfigured publisher"
    door = "ingest_url"
    weight = 2
    wait_time = between(0.1, 0.5)
    budgets_ms: ClassVar = {"post wrongly": 100}

    @task(3)
    def use_an_unknown_key(self) -> None:
        self._post(401, key="cs_pk_nobody", caller_number=any_caller(), prequalified="true")

    @task(3)
    def send_a_number_that_is_none(self) -> None:
        number = random.choice(("anonymous", "12", "+1555abc", "5551234 ext. 9"))
        self._post(422, key=self.ready["postback_key"], caller_number=number, prequalified="true")

    @task(1)
    def leave_the_number_out(self) -> None:
        self._post(400, key=self.ready["postback_key"], prequalified="true")

    @task(1)
    def send_no_tags(self) -> None:
        self._post(400, key=self.ready["postback_key"], caller_number=any_caller())

    @task(1)
    def name_a_call_that_never_was(self) -> None:
        self._post(404, key=self.ready["postback_key"], call_uuid="a-call-that-never-was", prequalified="true")

    @task(1)
    def send_xml(self) -> None:
        headers = {"Content-Type": "application/xml"}
        self.ask("post wrongly", "POST", "/data_writing", (415,), data="<lead/>", headers=headers)

    def _post(self, right: int, **parameters: str) -> None:
        self.ask("post wrongly", "GET", f"/data_writing?{urlencode(parameters)}", (right,))
