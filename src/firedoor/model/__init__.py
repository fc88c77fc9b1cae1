"""
The typed nouns of a cluster: frozen structures, and the pure functions that read them.

May use `algebra`; does no I/O, reads no clock, knows no client and no user interface.
The structures have the shape of the Kubernetes API, so that API bytes decode into
them directly; every field of the API that firedoor does not need is left out.
"""
