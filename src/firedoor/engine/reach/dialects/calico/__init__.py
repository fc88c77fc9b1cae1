"""NetworkPolicy and GlobalNetworkPolicy of ``projectcalico.org/v3``, with the NetworkPolicies of Kubernetes."""
