"""How a load test goes: stages of so many seconds and so many people, one after the other."""

from typing import ClassVar, NamedTuple

from locust import LoadTestShape

CHANGE_SECONDS = 0.2  # within which the people of a stage come or go, as a share of its length


class Stage(NamedTuple):
    seconds: float
    people: int


class Stages(LoadTestShape):
    """Each stage in turn, stretched to `--seconds` in all if that is given.

    `patience` multiplies the people's budgets; `may_shed` says that the shape goes beyond the limit, where 503 and a time to come back is
    a right answer.
    """

    abstract = True
    stages: ClassVar[tuple[Stage, ...]]
    patience: ClassVar[float] = 1.0
    may_shed: ClassVar[bool] = False

    def tick(self) -> tuple[int, float] | None:
        """How many people there should be by now, and how many may come or go a second; None at the end."""
        assert self.runner is not None
        wanted: float | None = self.runner.environment.parsed_options.seconds
        stretch = wanted / sum(stage.seconds for stage in self.stages) if wanted else 1.0
        passed = self.get_run_time()
        for stage in self.stages:
            length = stage.seconds * stretch
            if passed < length:
                return stage.people, max(stage.people / (length * CHANGE_SECONDS), 1.0)
            passed -= length
        return None
