"""Real servers for the tests: each pytest process has a Valkey and a PostgreSQL of its own, emptied for each test that asks.

Also which tests run when, and what a test's figures, its time and its skips mean; CONTRIBUTING.md tells of all three.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog

from shared.embedded import EmbeddedPostgres, EmbeddedValkey
from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from tests.databases import Databases
from tests.service_processes import ServiceProcesses
from tests.skips import fail_if_skipped_in_ci, list_untried
from tests.time_limit import show_tasks_at_time_limit

os.environ.setdefault("SSL_CERT_FILE", os.devnull)  # each process loads the public certificates for 60 ms; no test trusts one

structlog.configure(  # the default of structlog, but with plain tracebacks: those with boxes and locals take a second each to draw
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

LONG_TEST_SECONDS = 3 * 3600.0
"""The time limit of a test marked `long` that names none itself; others have the one in pyproject.toml."""

NOBODY_TIDIES_UP = {"autovacuum": "off"}
"""For databases that live for the time of a test."""

_MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**30 else None
"""Where a database is cloned in 15 ms rather than half a second, and a slow disk holds up no test; nobody misses what is in it."""


@pytest.fixture(scope="session")
def valkey() -> Iterator[EmbeddedValkey]:
    """The running server, durable as in production; a test that kills or freezes it starts or resumes it before it ends."""
    with _folder() as folder, EmbeddedValkey(folder / "valkey") as server:
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedValkeyCluster]:
    """Three primaries with a replica each; a test that kills one has a cluster of its own."""
    with _folder() as folder, EmbeddedValkeyCluster(folder) as cluster:
        yield cluster


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Where an empty store is, with the scripts that earlier tests loaded: one server, or a cluster where the test is parametrized so."""
    if getattr(request, "param", SERVER) == CLUSTER:
        cluster: EmbeddedValkeyCluster = request.getfixturevalue("cluster")
        cluster.flush()
        return cluster.url
    valkey: EmbeddedValkey = request.getfixturevalue("valkey")
    with redis.Redis.from_url(valkey.url, protocol=2, driver_info=None) as client:
        client.flushall()
    return valkey.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The running server; a test that kills or freezes it starts or resumes it before it ends."""
    with _folder() as folder, EmbeddedPostgres(folder / "postgres", durable=False, config=NOBODY_TIDIES_UP) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    return Databases(postgres)


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """Where a fresh migrated database is, dropped after the test whoever still uses it."""
    url = databases.clone()
    yield url
    databases.drop(url)


@pytest.fixture
def services(redis_url: str, postgres_url: str, tmp_path: Path) -> Iterator[ServiceProcesses]:
    """Starts services as processes on this test's stores; what runs at its end is stopped."""
    processes = ServiceProcesses(redis_url, postgres_url, tmp_path / "logs")
    yield processes
    processes.stop_all()


CheckFigure = Callable[..., None]


@pytest.fixture
def check_figure(request: pytest.FixtureRequest) -> CheckFigure:
    """Compare a measured figure with what is promised: `check_figure("p99, in s", 0.2, at_most=0.3)`.

    Figures are always printed. They are asserted with --long only, where tests that use this run alone: on a busy machine a figure says
    little about the product.
    """
    is_asserted = request.config.getoption("--long")

    def check(what: str, figure: float, *, at_most: float | None = None, at_least: float | None = None) -> None:
        limits = [f"at {name} {limit:g}" for name, limit in (("most", at_most), ("least", at_least)) if limit is not None]
        text = f"{what}: {figure:.4g}, promised {' and '.join(limits)}"
        print(text)
        is_kept = (at_most is None or figure <= at_most) and (at_least is None or figure >= at_least)
        assert is_kept or not is_asserted, text

    return check


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes, and assert measured figures")


SERVER, CLUSTER = "server", "cluster"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of the store on a cluster too: those marked `on_cluster`, and with --long all of tests/integration but admin's."""
    if "redis_url" not in metafunc.fixturenames or "valkey" in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    is_about_the_store = metafunc.module.__file__.startswith(_STORE_TESTS) and not metafunc.module.__file__.startswith(
        _ADMIN_TESTS
    )
    wanted = "on_cluster" in marks or (metafunc.config.getoption("--long") and is_about_the_store)
    if wanted and "one_server" not in marks:
        metafunc.parametrize("redis_url", [SERVER, CLUSTER], indirect=True)


_STORE_TESTS = str(Path(__file__).with_name("integration")) + os.sep
_ADMIN_TESTS = os.path.join(_STORE_TESTS, "admin") + os.sep  # noqa: PTH118 - a prefix of texts, not a path


@pytest.hookimpl(tryfirst=True)  # before -m chooses among the marks that are added here
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes unless it was asked for, mark what checks figures, and give long tests more time."""
    is_long_run = config.getoption("--long")
    left_out = [] if is_long_run else [item for item in items if item.get_closest_marker("long")]
    for item in items:
        if is_long_run and "check_figure" in getattr(item, "fixturenames", ()):
            item.add_marker("timed")
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_TEST_SECONDS))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer() -> Iterator[None]:
    result = yield
    show_tasks_at_time_limit()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    fail_if_skipped_in_ci(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if untried := list_untried(terminalreporter.config.rootpath, terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(untried, yellow=True)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="callstamp-test-", dir=_MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
