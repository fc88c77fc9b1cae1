"""
What is wrong with a cluster, judged on the answers of `firedoor.engine.reach`.

One check is one file in `checks`. Everything here is a pure function of a `Context`.
"""

from firedoor.engine.posture.check import Check, Context
from firedoor.engine.posture.registry import CHECKS
from firedoor.engine.posture.running import run_checks

__all__ = ["CHECKS", "Check", "Context", "run_checks"]
