"""Flows from Hubble Relay, or from the Hubble server of one node, over gRPC while they happen."""

from __future__ import annotations

import os

# The library writes what goes wrong to standard error by itself, besides raising it; it asks this when it is loaded.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
