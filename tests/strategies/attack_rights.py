"""Strategies for roles with rights that lead to something else, and for bindings of them."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from tests.reference.manifests import Manifest
from tests.reference.rbac import GROUP, MASTERS
from tests.strategies.rbac import written

NAMESPACES = ("alpha", "beta")
ACCOUNTS = ("robot", "keeper")
ROLES = ("first", "second", "third")


def _rule(verbs: str, resources: str, group: str = "", *names: str) -> Manifest:
    rule: Manifest = {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
    return {**rule, "resourceNames": list(names)} if names else rule


CERTIFICATES = "certificates.k8s.io"
SIGNER = "kubernetes.io/kube-apiserver-client"
RULES: list[list[Manifest]] = [
    [_rule("create", "pods/exec pods/attach")],
    [_rule("get", "pods/exec")],
    [_rule("get", "pods/attach pods/portforward", "", "web", "api")],
    [_rule("create", "pods/portforward", "", "db")],
    [_rule("update", "pods/ephemeralcontainers")],
    [_rule("patch", "pods")],
    [_rule("update", "pods", "", "web")],
    [_rule("create", "pods/exec", "", "web-0", "api-1")],
    [_rule("get", "pods/proxy")],
    [_rule("watch list", "pods/proxy")],
    [_rule("get", "nodes/proxy")],
    [_rule("create", "nodes/proxy", "", "node-1")],
    [_rule("get list", "nodes")],
    [_rule("create", "pods")],
    [_rule("create", "pods", "", "web")],
    [_rule("create", "deployments", "apps")],
    [_rule("patch", "deployments daemonsets", "apps")],
    [_rule("update", "deployments statefulsets", "apps", "web")],
    [_rule("update patch", "jobs", "batch")],
    [_rule("update", "cronjobs", "batch")],
    [_rule("create patch", "jobs cronjobs", "batch")],
    [_rule("create", "pods"), _rule("patch", "namespaces")],
    [_rule("create", "pods"), _rule("update", "namespaces", "", "beta")],
    [_rule("create", "pods persistentvolumeclaims"), _rule("create", "persistentvolumes")],
    [_rule("create", "pods persistentvolumeclaims persistentvolumes")],
    [_rule("create", "deployments", "apps"), _rule("create", "persistentvolumeclaims persistentvolumes")],
    [_rule("create", "persistentvolumes")],
    [_rule("create", "persistentvolumeclaims")],
    [_rule("create", "serviceaccounts/token")],
    [_rule("create", "serviceaccounts/token", "", "robot")],
    [_rule("create", "secrets")],
    [_rule("get", "secrets", "", "own")],
    [_rule("create", "secrets"), _rule("get", "secrets", "", "own")],
    [_rule("create", "secrets", "", "own"), _rule("list", "secrets", "", "own")],
    [_rule("get", "secrets")],
    [_rule("list watch", "secrets")],
    [_rule("get", "secrets", "", "robot-token-abcde")],
    [_rule("impersonate", "users groups serviceaccounts")],
    [_rule("impersonate", "users")],
    [_rule("impersonate", "users", "", "jane")],
    [_rule("impersonate", "groups", "", "team")],
    [_rule("impersonate", "groups", "", MASTERS)],
    [_rule("impersonate", "serviceaccounts", "", "robot")],
    [_rule("impersonate", "serviceaccounts"), _rule("impersonate", "groups")],
    [_rule("impersonate", "users", "", "nobody"), _rule("impersonate", "groups", "", "team", MASTERS)],
    [_rule("bind", "clusterroles roles", GROUP)],
    [_rule("create", "clusterrolebindings rolebindings", GROUP)],
    [_rule("bind", "clusterroles", GROUP), _rule("create", "rolebindings", GROUP)],
    [_rule("bind", "clusterroles", GROUP), _rule("create", "clusterrolebindings", GROUP)],
    [_rule("bind", "clusterroles roles", GROUP, "second"), _rule("create", "clusterrolebindings rolebindings", GROUP)],
    [_rule("bind", "clusterroles", GROUP, "first"), _rule("patch", "clusterrolebindings rolebindings", GROUP)],
    [_rule("bind", "roles", GROUP), _rule("update", "rolebindings", GROUP, "binding-1")],
    [_rule("escalate", "clusterroles roles", GROUP)],
    [_rule("update", "clusterroles roles", GROUP)],
    [_rule("escalate patch", "clusterroles", GROUP, "first")],
    [_rule("escalate update", "roles", GROUP)],
    [_rule("escalate update", "clusterroles", GROUP)],
    [_rule("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io")],
    [_rule("patch", "mutatingwebhookconfigurations", "admissionregistration.k8s.io", "mine")],
    [_rule("create", "certificatesigningrequests", CERTIFICATES)],
    [
        _rule("create", "certificatesigningrequests", CERTIFICATES),
        _rule("update", "certificatesigningrequests/approval", CERTIFICATES),
        _rule("approve", "signers", CERTIFICATES, SIGNER),
    ],
    [
        _rule("create patch", "certificatesigningrequests certificatesigningrequests/approval", CERTIFICATES),
        _rule("approve", "signers", CERTIFICATES, "kubernetes.io/*"),
    ],
    [_rule("*", "*", "*")],
    [_rule("*", "*", "")],
    [_rule("*", "*", "*", "web")],
    [_rule("get list watch", "*", "*")],
    [_rule("create", "*", "*")],
    [_rule("*", "pods/exec", "*")],
    [_rule("get", "configmaps")],
    [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}],
]
LOCAL_RULES = [rules for rules in RULES if not any("nonResourceURLs" in rule for rule in rules)]
CROWDS = (
    "team",
    "team",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:alpha",
    "system:nodes",
    MASTERS,
)
SUBJECTS: list[Manifest] = [
    *2 * [{"kind": "ServiceAccount", "name": name, "namespace": home} for name in ACCOUNTS for home in NAMESPACES],
    {"kind": "ServiceAccount", "name": "default", "namespace": "alpha"},
    {"kind": "User", "name": "jane"},
    {"kind": "User", "name": "joe"},
    {"kind": "User", "name": "system:anonymous"},
    *({"kind": "Group", "name": name} for name in CROWDS),
]


@cache
@st.composite
def rights(draw: st.DrawFn) -> list[Manifest]:
    """Generate roles with rights that lead on, and bindings of them."""
    known = [
        (kind, name, home)
        for name in draw(st.sampled_from((ROLES, ROLES[:2])))
        for kind, home in draw(st.sampled_from((_WHOLE, _WHOLE, (("Role", "alpha"),), (*_WHOLE, ("Role", "beta")))))
    ]
    found = [
        written(kind, name, home, rules=_joined(draw(_few_rules if kind == "ClusterRole" else _few_local_rules)))
        for kind, name, home in known
    ]
    for number in range(draw(st.sampled_from((2, 3, 4, 1)))):
        kind, name, home = draw(st.sampled_from(known))
        where = home or draw(st.sampled_from(("", "", *NAMESPACES)))
        role = {"apiGroup": GROUP, "kind": kind, "name": name}
        who = draw(_few_subjects)
        binding = "RoleBinding" if where else "ClusterRoleBinding"
        found.append(written(binding, f"binding-{number}", where, roleRef=role, subjects=who))
    return found


def _joined(rules: list[list[Manifest]]) -> list[Manifest]:
    return [rule for each in rules for rule in each]


_WHOLE = (("ClusterRole", ""),)
_few_rules = st.lists(st.sampled_from(RULES), min_size=1, max_size=3)
_few_local_rules = st.lists(st.sampled_from(LOCAL_RULES), min_size=1, max_size=2)
_few_subjects = st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=2)
