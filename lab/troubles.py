"""What keeps the lab from running."""

from __future__ import annotations


class LabError(Exception):
    """Something that the lab needs is not there, or did not start; the message says what to do."""
