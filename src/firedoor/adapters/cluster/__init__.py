"""
The live cluster, read-only: the Kubernetes API into a snapshot.

Sends nothing but GET requests and never asks for Secrets. May use the network, the
kubeconfig and the credential plugins it names; knows nothing of other sources.
"""

from firedoor.adapters.cluster.source import ClusterSource

__all__ = ["ClusterSource"]
