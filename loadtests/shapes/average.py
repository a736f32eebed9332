"""Five minutes of an ordinary day, with a busier hour in the middle."""

from loadtests.shape import Stage, Stages


class Average(Stages):
    stages = (Stage(60, 40), Stage(120, 80), Stage(120, 40))
