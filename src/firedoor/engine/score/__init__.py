"""
How far a cluster is on the way to zero trust, counted from what the deciders and judgements say.

Each measure is a file that counts units; `scorecard` puts them together by tenet and by namespace.
"""

from firedoor.engine.score.scorecard import Evidence, scorecard

__all__ = ["Evidence", "scorecard"]
