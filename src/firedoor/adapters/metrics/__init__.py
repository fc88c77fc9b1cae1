"""
Numbers of a watch for Prometheus, and whether it lives and is ready, over HTTP.

Answers GET requests only, on the address it is given; knows nothing of clusters.
"""

from firedoor.adapters.metrics.meter import Meter
from firedoor.adapters.metrics.server import serve

__all__ = ["Meter", "serve"]
