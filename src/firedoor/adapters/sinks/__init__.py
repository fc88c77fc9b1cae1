"""
What takes events of a watch, one kind to a file, and the queue on the disk in front of each.

Writes below the folder of its state, and sends to the places that a configuration names; knows nothing of clusters.
"""

from firedoor.adapters.sinks.outbox import DiskOutbox, NamedSink
from firedoor.adapters.sinks.trying import try_sinks

__all__ = ["DiskOutbox", "NamedSink", "try_sinks"]
