"""What a real call needs: the services on real stores, and a switch that asks them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.conftest import world as world  # the same world, with a telephone in it
from tests.telephony.switch import Switch, find_missing, running_switch
from tests.world import World

StartSwitch = Callable[..., Switch]


@pytest.fixture
def start_switch(tmp_path: Path) -> Iterator[StartSwitch]:
    """Starts switches; skips the test where there is no Kamailio or SIPp."""
    if missing := find_missing():
        pytest.skip(missing)
    with ExitStack() as running:

        def start(merger_url: str, engine_key: str, *, patience_seconds: int = 10) -> Switch:
            folder = tmp_path / f"switch-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return running.enter_context(running_switch(folder, merger_url, engine_key, patience_seconds=patience_seconds))

        yield start


@pytest.fixture
def switch(start_switch: StartSwitch, world: World) -> Switch:
    """A switch that asks the world's merger."""
    return start_switch(str(world.merger.make_url("")), world.company.engine_key.secret)
