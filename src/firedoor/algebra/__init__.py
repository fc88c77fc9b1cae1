"""
Canonical immutable sets: intervals, addresses, ports.

Knows nothing of Kubernetes and does no I/O; everything above may use it.
"""
