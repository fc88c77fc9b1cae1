"""
What everybody may do in one state of a cluster and not in another.

It compares what subjects may do and not how that is written: who holds which rights by
which roles and bindings may change altogether and come out as no difference.
"""

from firedoor.engine.rbac_diff.running import compare

__all__ = ["compare"]
