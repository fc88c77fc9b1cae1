"""What a Goldmane is, in words for people; nothing here needs gRPC."""

from __future__ import annotations

from firedoor.adapters.flows.relay.asking import Service

GOLDMANE = Service(
    "Goldmane",
    7443,
    "goldmane.calico-system.svc",
    "Flows",
    "check the address; from outside of the cluster run `kubectl port-forward -n calico-system svc/goldmane 7443` "
    "beside it",
)
