from __future__ import annotations

import json

from tests.loading import snapshot_of

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.policy_objects import policy_manifest

POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all-shapes, namespace: shop, labels: {team: a}}
spec:
  podSelector: {matchLabels: {app: db}, matchExpressions: [{key: old, operator: DoesNotExist}]}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {}
    - namespaceSelector: {matchExpressions: [{key: env, operator: In, values: [prod, stage]}]}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports: [{port: http}, {protocol: UDP, port: 1, endPort: 9}]
  - {}
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
"""


def test_a_policy_survives_the_way_through_the_model() -> None:
    (policy,) = snapshot_of(POLICY).network_policies
    manifest = policy_manifest(policy)
    (again,) = load_text(json.dumps(manifest)).network_policies
    assert (again.metadata, again.spec) == (policy.metadata, policy.spec)
    assert manifest["spec"]["ingress"][1] == {}


def test_the_default_of_the_policy_types_is_written_out() -> None:
    text = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {%s}}"
    for spec, types in (("podSelector: {}", ["Ingress"]), ("egress: [{}]", ["Ingress", "Egress"])):
        (policy,) = snapshot_of(text % spec).network_policies
        assert policy_manifest(policy)["spec"]["policyTypes"] == types
