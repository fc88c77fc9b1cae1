"""
What the outside can reach, over Services and controllers, judged on the answers of `firedoor.engine.reach`.

Also what is open to pods that do not exist yet. Everything here is a pure function of a network.
"""

from firedoor.engine.exposure.chains import ChainFinder
from firedoor.engine.exposure.direct import source_ranges
from firedoor.engine.exposure.openings import openings
from firedoor.engine.exposure.ranges import by_family
from firedoor.engine.exposure.services import target_port
from firedoor.engine.exposure.ways import HOST_PORT, Way

__all__ = ["HOST_PORT", "ChainFinder", "Way", "by_family", "openings", "source_ranges", "target_port"]
