"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy of ``cilium.io/v2``, in one tier with the NetworkPolicies."""
