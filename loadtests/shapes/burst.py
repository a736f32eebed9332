"""From an ordinary day up to the limit and back: everybody posts at once, and then all is well again.

At the limit people wait in line, so budgets are ten times as large; that the last stage is quick again shows in the report's chart.
"""

from loadtests.shape import Stage, Stages


class Burst(Stages):
    patience = 10.0
    stages = (Stage(20, 40), Stage(40, 400), Stage(40, 800), Stage(20, 40))
