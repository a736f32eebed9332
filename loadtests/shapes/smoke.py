"""Half a minute with few people: does everything work, and quickly?"""

from loadtests.shape import Stage, Stages


class Smoke(Stages):
    stages = (Stage(30, 20),)
