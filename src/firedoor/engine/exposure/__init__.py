"""
What the outside can reach, over Services and controllers, judged on the answers of `firedoor.engine.reach`.

Also what is open to pods that do not exist yet. Everything here is a pure function of a network.
"""

from firedoor.engine.exposure.chains import ChainFinder
from firedoor.engine.exposure.openings import openings

__all__ = ["ChainFinder", "openings"]
