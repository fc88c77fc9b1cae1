"""
The live cluster: the Kubernetes API into a snapshot, and policies into the Kubernetes API.

What reads sends nothing but GET requests and never asks for Secrets; `requests` alone
changes something, for `writing` nothing but policies, for `probes` nothing but objects
of its own. May use the network, the kubeconfig and the credential plugins it names;
knows nothing of other sources.
"""

from firedoor.adapters.cluster.source import ClusterSource

__all__ = ["ClusterSource"]
