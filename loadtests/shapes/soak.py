"""Half an hour of steady load: what grows, leaks or wears out shows in the services' own figures meanwhile."""

from loadtests.shape import Stage, Stages


class Soak(Stages):
    stages = (Stage(1800, 60),)
