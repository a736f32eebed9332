"""Databases of the tests' PostgreSQL: clones of templates that are filled once per test process."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import asyncpg

from shared.embedded import EmbeddedPostgres
from shared.migrate import migrate

MIGRATED = "migrated"
"""The template with the tables and nothing in them."""


class Databases:
    """Clones and drops databases. A template is any database that nobody is connected to."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._numbers = count(1)
        self._contents: dict[str, Any] = {}
        self._execute(f"create database {MIGRATED}")
        finish(migrate(postgres.url_of(MIGRATED)))

    def clone(self, template: str = MIGRATED) -> str:
        """Create a copy of a template. Returns its URL."""
        name = f"test_{next(self._numbers)}"
        self._create(name, template)
        return self._postgres.url_of(name)

    def drop(self, url: str) -> None:
        """Drop a database, even if somebody is still connected to it."""
        self._execute(f"drop database {url.partition('@/')[2].partition('?')[0]} with (force)")

    def fill_template(self, name: str, fill: Callable[[str], Coroutine[Any, Any, Any]]) -> Any:
        """Create a template from `migrated` the first time it is asked for. Returns what `fill`, called with its URL, returned."""
        if name not in self._contents:
            self._create(name, MIGRATED)
            self._contents[name] = finish(fill(self._postgres.url_of(name)))
        return self._contents[name]

    def _create(self, name: str, template: str) -> None:
        self._execute(f"create database {name} template {template} strategy file_copy")

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._postgres.url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        finish(execute())


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end on a loop of its own, leaving alone the one that pytest keeps for the test."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
