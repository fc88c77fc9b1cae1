"""
Files of flows as they grow, as ``tail -F`` follows them, and where they were read to.

A look reads a bounded part of what is new, and whole lines only. Files that were renamed are read to their end, those
that were cut are read anew, and those that are not there are waited for.
"""

from __future__ import annotations

from firedoor.adapters.flows.following.places import SavedPlaces
from firedoor.adapters.flows.following.tail import FlowTail, line_format
from firedoor.adapters.flows.following.together import Closable, Together

__all__ = ["Closable", "FlowTail", "SavedPlaces", "Together", "line_format"]
