"""Hypothesis as the unit tests want it."""

from hypothesis import HealthCheck, settings

# No property here is about time: an example that takes long, or is long in drawing, tells of the machine alone.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
