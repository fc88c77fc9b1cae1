"""
How far a compromise spreads: who reaches whom in several hops.

A hop is a connection that is accepted on some port; what it reaches counts as compromised in turn.
"""
