"""From an ordinary day up to the limit and back: everybody posts at once, and then all is well again.

At the limit people wait in line, and on a small machine for the generator, too: budgets are twenty times as large, and who is told to come
back later was answered well. That the last stage is quick again shows in the report's chart.
"""

from loadtests.shape import Stage, Stages


class Burst(Stages):
    patience = 20.0
    may_shed = True
    stages = (Stage(20, 40), Stage(40, 200), Stage(40, 400), Stage(20, 40))
