"""Guarantee 15: however requests are cut and however late the store answers, no answer ever reaches another request."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from shared.embedded import EmbeddedValkey
from tests.connection import Connection, Reply
from tests.faults.store_proxy import StoreProxy
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

CALLERS = 300
CLIENTS = 16


def delay() -> float:
    """Mostly a moment; now and then longer than a service waits, so that it gives the connection up."""
    return random.choice((0.0, 0.001, 0.01, 0.03)) if random.random() > 0.01 else 0.4


class Question:
    """A request that knows its answer."""

    def __init__(self, path: str, expected: dict[str, Any], outcome: str | None = None) -> None:
        self.data = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        self._expected = expected
        self._outcome = outcome

    def find_wrong(self, reply: Reply) -> str | None:
        """What the reply says that is somebody else's, or None; that the store is away may be said to anybody."""
        body = json.loads(reply.body)
        if reply.status == 503 or body.get("degraded"):
            return None
        said = {name: body.get(name) for name in self._expected}
        if (
            reply.status != 200
            or said != self._expected
            or (self._outcome and f"Outcome: {self._outcome}".encode() not in reply.head)
        ):
            return f"{reply} instead of {self._expected}, {self._outcome}"
        return None


class Askers:
    """Clients that ask, alone or several at once, and read all, some or none of the answers."""

    def __init__(self, url: str, questions: list[Question]) -> None:
        self._url = url
        self._left = questions
        self.answered = 0
        self.cut = 0
        self.wrong: list[str] = []

    async def run(self) -> None:
        await asyncio.gather(*(self._keep_asking() for _ in range(CLIENTS)))

    async def _keep_asking(self) -> None:
        while self._left:
            try:
                async with Connection(self._url) as connection:
                    while self._left and await self._ask_some(connection):
                        pass
            except (OSError, EOFError):
                self.cut += 1

    async def _ask_some(self, connection: Connection) -> bool:
        """Ask up to four at once; False when the connection was left in the middle of it."""
        asked = [self._left.pop() for _ in range(min(len(self._left), random.randint(1, 4)))]
        await connection.send(b"".join(question.data for question in asked))
        manner = random.random()
        if manner < 0.1:  # gone in the middle of a further request, answers unread
            await connection.send(asked[0].data[: random.randrange(len(asked[0].data))])
        if manner < 0.3:
            await asyncio.sleep(random.choice((0, 0.002, 0.02)))
            self.cut += len(asked)
            return False
        for number, question in enumerate(asked):
            if manner < 0.4 and number == 1:
                self.cut += len(asked) - 1
                return False
            reply = await connection.receive()
            self.answered += 1
            if wrong := question.find_wrong(reply):
                self.wrong.append(wrong)
        return True


async def make_questions(world: World, count: int) -> tuple[list[Question], list[Question]]:
    """Postbacks whose keys make different outcomes, and look-ups of callers who each have a tag of their own."""
    company = world.company
    brief = await world.add_key(storage_duration_seconds=0)
    posts, look_ups = [], []
    for number in range(count):
        key, outcome = ((company.key.secret, "stored"), (brief.secret, "not_stored"))[number % 2]
        caller = f"+1555{1_000_000 + number}"
        path = f"/data_writing?key={key}&caller_number={quote(caller)}&tag=v{number}"
        posts.append(Question(path, {"caller_number": caller, "tag_values": {"tag": f"v{number}"}}, outcome))
        who = number % CALLERS
        caller = f"+1555{who:07}"
        path = f"/v1/lookup?key={company.engine_key.secret}&caller_number={quote(caller)}"
        look_ups.append(Question(path, {"caller_number": caller, "tags": {"a": f"w{who}"}}))
    return posts, look_ups


async def write_callers(world: World, services: ServiceProcesses) -> None:
    """Writes one tag for every caller that is looked up. Retries while the store is slow; a retry has no further effect."""
    async with Connection(services.url("ingest")) as connection:
        for who in range(CALLERS):
            path = f"/data_writing?key={world.company.key.secret}&caller_number={quote(f'+1555{who:07}')}&a=w{who}"

            async def write() -> int:
                return (await connection.get(path)).status  # noqa: B023 - awaited before the next round

            await wait_for(write, 200)


async def start(services: ServiceProcesses, proxy: StoreProxy, **settings: str) -> None:
    """Both services on the proxy, which lives in this loop: it must run while they start."""
    started = [
        services.start("ingest", until_ready=False, INGEST_REDIS_URL=proxy.url, **settings),
        services.start("merger", until_ready=False, MERGER_REDIS_URL=proxy.url, **settings),
    ]

    async def what_is_missing() -> list[str | None]:
        assert not any(process.find_end() for process in started), [process.find_end() for process in started]
        return [process.find_missing() for process in started]

    await wait_for(what_is_missing, [None, None])


async def requests_in_flight(url: str) -> list[str]:
    """Return the line that says how many requests a service is answering."""
    async with Connection(url) as connection:
        lines = (await connection.get("/metrics")).body.decode().splitlines()
    return [line for line in lines if line.startswith("callstamp_in_flight ")]


@pytest.mark.parametrize("count", [1500, pytest.param(10_000, marks=pytest.mark.long)])
async def test_no_answer_reaches_another_request(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, tmp_path: Path, count: int
) -> None:
    posts, look_ups = await make_questions(world, count)  # before the start, so that the new key is known
    async with StoreProxy(valkey.url, tmp_path) as proxy:
        await start(services, proxy)
        await write_callers(world, services)
        proxy.delay = delay
        askers = [Askers(services.url("ingest"), posts), Askers(services.url("merger"), look_ups)]
        await asyncio.gather(*(asker.run() for asker in askers))
        for name in ("ingest", "merger"):  # requests of closed connections stop counting as in flight
            await wait_for(lambda: requests_in_flight(services.url(name)), ["callstamp_in_flight 0.0"])  # noqa: B023 - awaited before the next round
    answered, cut = sum(asker.answered for asker in askers), sum(asker.cut for asker in askers)
    wrong = askers[0].wrong + askers[1].wrong
    print(f"n={2 * count} answered={answered} cut={cut} wrong={len(wrong)}")
    assert wrong == []
    assert answered > count
    assert cut > count / 10
    for name in ("ingest", "merger"):
        log = services.running[name].log.read_text()
        assert "unhandled_error" not in log
        assert "Traceback" not in log
        assert "never retrieved" not in log


async def test_the_check_sees_a_store_that_answers_twice(
    world: World, services: ServiceProcesses, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    _, look_ups = await make_questions(world, 500)
    async with StoreProxy(valkey.url, tmp_path) as proxy:
        await start(services, proxy)
        await write_callers(world, services)
        proxy.delay = lambda: 0.01

        async def find_wrong() -> list[str]:
            """A merger that notices gives the store up for a while: many questions may pass in which nobody is told anything."""
            proxy.doubled = 100
            askers = Askers(services.url("merger"), list(look_ups))
            await askers.run()
            return askers.wrong

        wrong = await wait_for(find_wrong)
    print(f"wrong={len(wrong)}")
