"""Publishers and engines that keep asking while something breaks, and a record of what they were told."""

import asyncio
import time
from typing import Any

import aiohttp
import msgspec

from tests.waiting import WAIT_SECONDS, wait_for
from tests.world import Company


class Answer(msgspec.Struct):
    """One reply, or None where there was none; `seconds` from asking to knowing."""

    caller: str
    value: str
    status: int | None
    seconds: float
    asked_at: float
    body: Any = None


class Load:
    """Asks at `base_url`, with some requests in flight at a time, until stopped; every caller and value is used once."""

    def __init__(self, base_url: str, company: Company, *, in_flight: int = 8, pause_seconds: float = 0.0) -> None:
        self.base_url = base_url
        self.company = company
        self.answers: list[Answer] = []
        self._in_flight = in_flight
        self._pause = pause_seconds
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Load":
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS))
        self._tasks = [asyncio.create_task(self._keep_asking()) for _ in range(self._in_flight)]
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _keep_asking(self) -> None:
        while True:
            self._number += 1
            await self.ask(f"+1555{self._number:07}", f"v{self._number}")
            await asyncio.sleep(self._pause)

    async def ask(self, caller: str, value: str) -> None:
        raise NotImplementedError

    async def _send(self, method: str, path: str, caller: str, value: str, **options: Any) -> None:
        started = time.monotonic()
        status, body = None, None
        try:
            async with self._session.request(method, self.base_url + path, **options) as reply:
                body, status = await reply.json(content_type=None), reply.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            await asyncio.sleep(0.02)
        self.answers.append(Answer(caller, value, status, time.monotonic() - started, started, body))

    def acknowledged(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status == 200]

    async def until_acknowledged(self, more: int) -> None:
        """Returns once that many more requests have been acknowledged."""

        async def count_acknowledged() -> int:
            return len(self.acknowledged())

        await wait_for(count_acknowledged, AtLeast(len(self.acknowledged()) + more), "acknowledged requests")

    async def until_answered(self, status: int, more: int) -> None:
        """Returns once that many more requests have been answered with that status."""

        async def count_answered() -> int:
            return sum(answer.status == status for answer in self.answers)

        await wait_for(count_answered, AtLeast(await count_answered() + more), f"requests answered {status}")


class Postbacks(Load):
    """A publisher who posts one tag a caller; by POST, which no client library repeats behind its back."""

    async def ask(self, caller: str, value: str) -> None:
        said = {"key": self.company.key.secret, "caller_number": caller, "a": value}
        await self._send("POST", "/data_writing", caller, value, data=said)


class LookUps(Load):
    """An engine that looks up callers, each of whom has one tag that says who it is (`v` and the number)."""

    callers = 200

    async def ask(self, caller: str, value: str) -> None:
        number = self._number % self.callers
        caller = f"+1555{number:07}"
        said = {"key": self.company.engine_key.secret, "caller_number": caller}
        await self._send("GET", "/v1/lookup", caller, f"v{number}", params=said)


class AtLeast:
    """A predicate for `wait_for`, whose failure message shows the wanted count."""

    def __init__(self, count: float) -> None:
        self._count = count

    def __call__(self, count: float) -> bool:
        return count >= self._count

    def __repr__(self) -> str:
        return f"at least {self._count:g}"


def percentile(answers: list[Answer], share: float) -> float:
    """The time within which that share of them was answered, in seconds."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(len(times) * share))]
