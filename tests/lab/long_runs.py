"""What the lab shows once more, or at length, and therefore only where somebody asks for it."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.examples import THOROUGH

IS_LONG_RUN = settings().max_examples >= THOROUGH or os.environ.get("FIREDOOR_LAB") == "node"
"""Whether all of it runs."""

long_run = pytest.mark.skipif(
    not IS_LONG_RUN, reason="shows the same once more: runs with FIREDOOR_LAB=node, and with the thorough profile"
)
"""For cases of a test of which others always run."""
