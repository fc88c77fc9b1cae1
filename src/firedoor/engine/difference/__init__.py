"""
What is different between two networks: who can reach whom now and could not before, and the reverse.

Stands on `firedoor.engine.reach`; a pure function of two networks.
"""

from firedoor.engine.difference.comparing import differences
from firedoor.engine.difference.interruptions import disturbances, interruptions, openings
from firedoor.engine.difference.sameness import unlike

__all__ = ["differences", "disturbances", "interruptions", "openings", "unlike"]
