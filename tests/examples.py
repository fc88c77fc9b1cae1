"""
How many examples a property test tries, as a share of what the profile says.

The properties that hold the engine against a reference try all of them.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

THOROUGH = 20_000
"""What the thorough profile says."""

thorough_only = pytest.mark.skipif(
    settings().max_examples < THOROUGH, reason="says something of the generators alone: runs with the thorough profile"
)
"""For searches through what the generators make, which matter when these change."""

few = settings(max_examples=max(10, settings().max_examples // 25))
"""For tests of the generators themselves."""

many = settings(max_examples=max(10, settings().max_examples // 5))
"""For what one policy API means beside the NetworkPolicies."""

some = settings(max_examples=max(10, settings().max_examples // 10))
"""For laws that follow from what the other properties show."""
