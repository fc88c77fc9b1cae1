"""
Who can connect to whom, by the rules of the Kubernetes network policy APIs.

Decides; it does not judge. Whether an answer is good or bad is the business of
`firedoor.engine.posture`, which stands on this package and is not known to it.
"""
