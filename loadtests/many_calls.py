"""The calls of a company that has many, made by the database itself."""

from pathlib import Path

import asyncpg


async def make_calls(owner: asyncpg.Connection, calls: int, *, days: int) -> None:
    """So many calls of the last days for company 1, which is there, with its publishers, buyers, campaigns and numbers."""
    await owner.execute("select set_config('made.calls', $1, false), set_config('made.days', $2, false)", str(calls), str(days))
    await owner.execute(Path(__file__).with_suffix(".sql").read_text())
