"""
Questions about a cluster from Python: ``load`` reads it, a `Cluster` answers, each answer is a `Result`.

It is what the ``firedoor`` command asks, with the same answers. Nothing is printed, nothing is written, a process is
never ended, and every error that a person can act on is a `FiredoorError`. Stands on the composition root; the
command does not know it.
"""

from __future__ import annotations

from firedoor.api.access import Access
from firedoor.api.cluster import Cluster
from firedoor.api.loading import load
from firedoor.api.results import Result
from firedoor.api.tables import Column, ColumnKind, Table
from firedoor.errors import FiredoorError, NothingInScopeError, SourceError, UsageError
from firedoor.interfaces import Progress

__all__ = [
    "Access",
    "Cluster",
    "Column",
    "ColumnKind",
    "FiredoorError",
    "NothingInScopeError",
    "Progress",
    "Result",
    "SourceError",
    "Table",
    "UsageError",
    "load",
]
