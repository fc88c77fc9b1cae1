"""
How many examples a property test tries, as a share of what the profile says.

Properties try all of them unless they say otherwise.
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

full = settings(max_examples=min(THOROUGH, settings().max_examples * 5 // 2))
"""For what everything stands on: that verdicts are those of the reference."""

few = settings(max_examples=max(10, settings().max_examples // 10))
"""For tests of the generators themselves."""

many = settings(max_examples=max(10, settings().max_examples // 2))
"""For what one policy API means beside the NetworkPolicies."""

some = settings(max_examples=max(10, settings().max_examples // 4))
"""For laws that follow from what the other properties show."""
