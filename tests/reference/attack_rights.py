"""The reference of attack steps from users, groups, service accounts, and roles that somebody has bound to himself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.attack_holders import Holder, implied
from tests.reference.attack_things import ADMIN, Scene, Thing
from tests.reference.manifests import labels_of, name_of, namespace_of, objects, section
from tests.reference.rbac import GROUP, MASTERS, Request, bindings, namespace_in, roles

MAKERS = (
    ("apps", "Deployment", "deployments"),
    ("apps", "ReplicaSet", "replicasets"),
    ("apps", "DaemonSet", "daemonsets"),
    ("apps", "StatefulSet", "statefulsets"),
    ("", "ReplicationController", "replicationcontrollers"),
    ("batch", "Job", "jobs"),
    ("batch", "CronJob", "cronjobs"),
)
"""The kinds that make pods."""
CHANGES, READS = ("update", "patch"), ("get", "list", "watch")
PROXIED = ("get", "create", "update", "patch", "delete")
"""The verbs that methods of HTTP are."""
ADMISSION, CERTIFICATES = "admissionregistration.k8s.io", "certificates.k8s.io"
SIGNERS = ("kubernetes.io/kube-apiserver-client", "kubernetes.io/*")
ENFORCED = "pod-security.kubernetes.io/enforce"


def from_identity(scene: Scene, who: Thing) -> Iterator[Thing]:
    """Yield what somebody comes to hold by the rights that he has."""
    yield from (("group", each) for each in implied(who) if ("group", each) in scene.groups)
    alone, together = Holder(scene, who), Holder(scene, who, is_joint=True)
    yield from _all_at_once(alone)
    yield from _into_pods(alone)
    yield from _into_accounts(alone, together)
    yield from _into_secrets(alone)
    yield from _onto_nodes(alone, together)
    yield from _into_names(together)
    yield from _bound(together)
    yield from _escalated(together)


def everything_in(namespace: str) -> Thing:
    """Return every right in a namespace, or in the whole cluster."""
    return ("namespace", namespace) if namespace else ADMIN


def _all_at_once(holder: Holder) -> Iterator[Thing]:
    if holder.who == ("group", MASTERS):
        yield ADMIN
    yield from (everything_in(each) for each in ("", *holder.scene.namespaces) if holder.holds_all(each))
    webhooks = "mutatingwebhookconfigurations"
    is_new = holder.may(Request("create", webhooks, group=ADMISSION))
    if is_new or holder.may_any(CHANGES, *holder.named(webhooks, group=ADMISSION)):
        yield ADMIN


def _into_pods(holder: Holder) -> Iterator[Thing]:
    streaming = ("create", "get") if holder.scene.is_before(35, if_unknown=True) else ("create",)
    questions = {
        "exec": streaming,
        "attach": streaming,
        "portforward": streaming,
        "ephemeralcontainers": CHANGES,
        "": CHANGES,
        "proxy": PROXIED,
    }
    for thing, alike in holder.scene.parts.items():
        for pod in alike:
            for subresource, verbs in questions.items():
                if holder.may_any(verbs, Request("", "pods", subresource, "", pod.asked_name, pod.end.namespace)):
                    yield thing
            if holder.may_any(("get", "create"), Request("", "nodes", "proxy", name=pod.end.node or "any-other")):
                yield thing


def _makes_pods(holder: Holder, namespace: str) -> bool:
    """Return whether somebody may make pods as he likes in a namespace, by himself or through what makes them."""
    if holder.may(Request("create", "pods", namespace=namespace)):
        return True
    for group, kind, resource in MAKERS:
        if holder.may(Request("create", resource, "", group, "", namespace)):
            return True
        for written in objects(holder.scene.cluster, group, kind):
            # The template of a Job cannot be changed.
            if namespace_of(written) != namespace or kind == "Job":
                continue
            if holder.may_any(CHANGES, Request("", resource, "", group, name_of(written), namespace)):
                return True
    return False


def _onto_nodes(alone: Holder, together: Holder) -> Iterator[Thing]:
    for namespace in alone.scene.namespaces:
        levels = [
            labels_of(each).get(ENFORCED, "privileged")
            for each in objects(alone.scene.cluster, "", "Namespace")
            if name_of(each) == namespace
        ]
        is_open = all(each == "privileged" for each in levels)
        # Who may relabel the namespace need not care for what it enforces.
        relabel = Request("", "namespaces", name=namespace, namespace=namespace)
        claim = Request("create", "persistentvolumeclaims", namespace=namespace)
        has_volumes = together.may(claim) and together.may(Request("create", "persistentvolumes"))
        is_able = has_volumes or together.may_any(CHANGES, relabel)
        if (is_open and _makes_pods(alone, namespace)) or (is_able and _makes_pods(together, namespace)):
            yield from alone.scene.nodes


def _into_accounts(alone: Holder, together: Holder) -> Iterator[Thing]:
    is_old = alone.scene.is_before(24, if_unknown=False)
    is_signed = _gets_certificates(together)
    for account in alone.scene.accounts:
        _, namespace, name = account
        secrets = alone.named("secrets", namespace=namespace)
        legacy = [each for each in secrets if each.name == "any-other" or each.name.startswith(f"{name}-token-")]
        if (
            is_signed
            or _makes_pods(alone, namespace)
            or alone.may(Request("create", "serviceaccounts", "token", "", name, namespace))
            or alone.may(Request("impersonate", "serviceaccounts", "", "", name, namespace))
            or (is_old and alone.may_any(READS, *legacy))
            or (
                together.may(Request("create", "secrets", namespace=namespace))
                and together.may_any(READS, Request("", "secrets", name="any-other", namespace=namespace))
            )
        ):
            yield account


def _into_secrets(holder: Holder) -> Iterator[Thing]:
    for namespace in ("", *holder.scene.namespaces):
        if holder.may_any(READS, Request("", "secrets", name="any-other", namespace=namespace)):
            yield ("secrets", namespace)


def _into_names(holder: Holder) -> Iterator[Thing]:
    """Yield the users and groups whose name somebody may take, or have signed in a certificate."""
    scene, is_signed = holder.scene, _gets_certificates(holder)
    for each in scene.users:
        if is_signed or holder.may(Request("impersonate", "users", name=each[1])):
            yield each
    somebody = holder.named("users")
    for namespace in scene.namespaces:
        somebody += holder.named("serviceaccounts", namespace=namespace)
    is_somebody = holder.may_any(("impersonate",), *somebody)
    for group in (*scene.groups, ("group", MASTERS)):
        becomes_it = is_somebody and holder.may(Request("impersonate", "groups", name=group[1]))
        if group[1] == MASTERS and becomes_it:
            yield ADMIN
        elif group[1] != MASTERS and (becomes_it or is_signed):
            yield group


def _gets_certificates(holder: Holder) -> bool:
    """Return whether somebody may have any name signed that he likes."""
    requests = "certificatesigningrequests"
    signers = [Request("", "signers", "", CERTIFICATES, each) for each in SIGNERS]
    return (
        holder.may(Request("create", requests, group=CERTIFICATES))
        and holder.may_any(CHANGES, *holder.named(requests, "approval", CERTIFICATES))
        and holder.may_any(("approve",), *signers)
    )


def _bound(holder: Holder) -> Iterator[Thing]:
    for home in ("", *holder.scene.namespaces):
        may_create = holder.may(Request("create", _bindings_in(home), "", GROUP, "", home))
        # Among all ClusterRoles is cluster-admin, which is in every cluster.
        if may_create and holder.may(Request("bind", "clusterroles", "", GROUP, "any-other", home)):
            yield everything_in(home)
        for role in roles(holder.scene.cluster):
            kind, name = role["kind"], name_of(role)
            is_let = holder.may(Request("bind", f"{kind.lower()}s", "", GROUP, name, home))
            is_there = namespace_in(role) in {"", home}
            if is_there and is_let and (may_create or _may_change_binding(holder, kind, name, home)):
                yield ("role", kind, name, home)


def _may_change_binding(holder: Holder, kind: str, name: str, home: str) -> bool:
    """Return whether somebody may write himself into an existing binding of a role."""
    for binding in bindings(holder.scene.cluster):
        reference = section(binding, "roleRef")
        if namespace_in(binding) != home or (reference["kind"], reference["name"]) != (kind, name):
            continue
        if holder.may_any(CHANGES, Request("", _bindings_in(home), "", GROUP, name_of(binding), home)):
            return True
    return False


def _bindings_in(namespace: str) -> str:
    return "rolebindings" if namespace else "clusterrolebindings"


def _escalated(holder: Holder) -> Iterator[Thing]:
    for home, role in holder.bound:
        where = namespace_in(role)
        request = Request("escalate", f"{role['kind'].lower()}s", "", GROUP, name_of(role), where)
        if holder.may(request) and holder.may_any(CHANGES, request):
            yield everything_in(home)
