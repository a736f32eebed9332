"""What all people of a load test have in common: a door they knock at, statuses that are right, and how long they will wait.

Also the options that a run has besides locust's own, and the verdict at its end. Files in `people/` and `shapes/` are loaded by locust
one by one; what they share is here, where it is loaded once.
"""

import functools
import json
import random
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

from locust import FastHttpUser, events
from locust.env import Environment

from loadtests.verdict import announce

READY_FILE = Path(__file__).resolve().parents[1] / "var" / "ready.json"
CALLERS = 20_000  # few enough that many who phone have tags waiting
SHED: Counter[str] = Counter()


class Person(FastHttpUser):
    """Somebody who uses Callstamp over HTTP, as in `docs/loadtests.md`.

    `budgets_ms` names each kind of request with the time within which 99 of 100 must be answered; a kind that isn't named can't be asked.
    """

    abstract = True
    title: ClassVar[str]
    door: ClassVar[str]
    budgets_ms: ClassVar[dict[str, float]]

    connection_timeout = 10.0
    network_timeout = 30.0

    def __init__(self, environment: Environment) -> None:
        self.ready = read_ready_file(environment.parsed_options.ready)
        self.host = self.ready[self.door]
        super().__init__(environment)

    def ask(self, kind: str, method: str, path: str, right: Collection[int] = (200,), **request: Any) -> Any:
        """One request, which succeeds if its status is a right one; answers the JSON of the reply, None if it went wrong.

        In a shape that goes beyond the limit, being told to come back later is right, too, and counted apart.
        """
        assert kind in self.budgets_ms, f"{self.title} has no budget for {kind!r}"
        with self.client.request(method, path, name=f"{self.title}: {kind}", catch_response=True, **request) as reply:
            if (
                reply.status_code == 503
                and "Retry-After" in reply.headers
                and getattr(self.environment.shape_class, "may_shed", False)
            ):
                SHED[f"{self.title}: {kind}"] += 1
                reply.success()
                return None
            if reply.status_code not in right:
                reply.failure(f"answered {reply.status_code or 'not at all'}, right is {' or '.join(map(str, right))}")
                return None
            reply.success()
            return json.loads(reply.text) if reply.text else None


def any_caller() -> str:
    """One of the callers that all people of a run speak of."""
    return f"+1555{random.randrange(CALLERS):07}"


@functools.cache
def read_ready_file(path: str) -> dict[str, Any]:
    """Where everything is and the keys for it. Exits when the file says too little."""
    try:
        ready: dict[str, Any] = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path} doesn't say where Callstamp runs: {error}") from None
    needed = ("ingest_url", "admin_url", "merger_url", "company_id", "postback_key", "engine_key", "api_token", "tracking_number")
    if missing := [name for name in needed if not ready.get(name)]:
        raise SystemExit(f"{path} lacks {', '.join(missing)}: people of a load test need a company with its keys")
    return ready


@events.init_command_line_parser.add_listener
def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--ready", default=str(READY_FILE), help="the ready.json of the Callstamp to be tried")
    parser.add_argument("--seconds", type=float, help="stretch or squeeze the shape to so many seconds")
    parser.add_argument("--patience", type=float, default=1.0, help="multiply all budgets, on a machine that does other things")


@events.quitting.add_listener
def _judge(environment: Environment, **_: Any) -> None:
    people = [person for person in environment.user_classes if issubclass(person, Person)]
    budgets = {f"{person.title}: {kind}": most for person in people for kind, most in person.budgets_ms.items()}
    patience = environment.parsed_options.patience * getattr(environment.shape_class, "patience", 1.0)
    mistakes = [mistake["traceback"] for mistake in environment.runner.exceptions.values()] if environment.runner else []
    environment.process_exit_code = announce(environment.stats, SHED, mistakes, budgets, patience)
