"""Flows from Goldmane, which gathers those of Calico, over gRPC."""

from __future__ import annotations

import os

# As for Hubble Relay: the library asks it when it is loaded.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
