"""Rows, also of programs with more terms than fit one word."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network

POD = "{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: shop, labels: {n: '%d'}}}"


@pytest.mark.parametrize("rules", [5, 40, 130])
def test_every_rule_counts_however_many_there_are(rules: int) -> None:
    peer = "{from: [{podSelector: {matchLabels: {n: '%d'}}}], ports: [{port: %d}]}"
    listed = ", ".join(peer % (each, 1000 + each) for each in range(rules))
    policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, "
    policy += f"spec: {{ingress: [{listed}]}}}}"
    network = Network(snapshot_of("\n---\n".join([*(POD % (each, each) for each in range(rules)), policy])))
    names = [member.name for member in network.members]
    for each in range(rules):
        value = network.value(names.index(f"p{each}"), names.index(f"p{(each + 1) % rules}"))
        assert network.axis.traffic(value[0]) == (("TCP", 1000 + each, 1000 + each),)
