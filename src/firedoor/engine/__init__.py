"""
Pure decisions over the model: who can reach whom, and what that is worth.

May import `firedoor.algebra`, `firedoor.model` and `firedoor.errors`. Must never
read a file, a clock, the network or the environment, and never prints: the same
snapshot always gives the same answer. Use cases call it; adapters never do.
"""
