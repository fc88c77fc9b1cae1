"""
The live cluster: the Kubernetes API into a snapshot, and policies into the Kubernetes API.

What reads sends nothing but GET requests and never asks for Secrets; `writing` and
`requests` alone change something, and nothing but policies. May use the network, the
kubeconfig and the credential plugins it names; knows nothing of other sources.
"""

from firedoor.adapters.cluster.source import ClusterSource

__all__ = ["ClusterSource"]
