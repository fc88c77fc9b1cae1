"""How much custom resources hold at most: an object of the API is read, and sent around, as a whole."""

MOST_INTENTS = 200
"""Intents of a baseline."""
MOST_EXCEPTIONS = 200
"""Exceptions of a baseline."""
MOST_FAILING = 20
"""Intents that a status tells of; it counts all of them."""
MOST_WORKLOADS = 50
"""Workloads that a report tells of."""
MOST_PEERS = 20
"""Peers of a workload in one direction that a report tells of."""
MOST_EXPOSED = 50
"""Ports that are exposed that a report tells of."""
MOST_FINDINGS = 20
"""Findings that a report tells of; it counts all of them."""
MOST_TEXT = 1024
"""Characters of a message."""
MOST_PROFILES = 8192
"""Different kinds of pods of a cluster up to which reports tell of single workloads."""
