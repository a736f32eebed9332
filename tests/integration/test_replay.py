"""Recorded shapes of real publisher requests get their exact replies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

CASES = json.loads((Path(__file__).parent.parent / "replay" / "data_writing.json").read_text())["cases"]


@pytest.mark.on_cluster
async def test_a_recorded_request_gets_its_exact_reply(world: World, subtests: pytest.Subtests) -> None:
    """None of them depends on what another left: nothing here makes calls."""
    for case in CASES:
        with subtests.test(case["name"]):
            await replay(world, case["request"], case["expect"])


async def replay(world: World, request: dict[str, Any], expect: dict[str, Any]) -> None:
    """Sends a recorded request and checks the reply."""

    def fill(text: str) -> str:
        return text.replace("{key}", world.company.key.secret)

    headers = {name: fill(value) for name, value in request["headers"].items()}
    body = None if request["body"] is None else fill(request["body"])
    status, got_headers, got = await world.send(request["method"], fill(request["path"]), headers, body)

    assert status == expect["status"], got
    if "json" in expect:
        assert json.dumps(got) == json.dumps(expect["json"])  # field order counts
    if "code" in expect:
        assert got["code"] == expect["code"]
        assert got_headers["Content-Type"].startswith("application/problem+json")
