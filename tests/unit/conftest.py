"""Hypothesis as the unit tests want it."""

import pytest
from hypothesis import HealthCheck, settings

# No property here is about time: an example that takes long, or is long in drawing, tells of the machine alone.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same examples each time", settings.get_profile("patient"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """Draws other examples in each run with --long, else the same ones."""
    settings.load_profile("patient" if config.getoption("--long") else "same examples each time")
