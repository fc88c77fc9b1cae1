"""
Which connections to try in order to know whether a network does what its policies say, and what the outcome means.

Plans and judges; it connects nothing. A plan is made from the programs and rules that
`firedoor.engine.reach` compiles, and so small that it can be carried out in a large cluster.
"""

from firedoor.engine.verification.changing import Earlier
from firedoor.engine.verification.planning import Planner, PlanRequest
from firedoor.engine.verification.populace import Scope

__all__ = ["Earlier", "PlanRequest", "Planner", "Scope"]
