"""Service accounts: who runs as them, who mounts their tokens, and what they are given."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.rbac_risks.subjects import identity, is_public
from firedoor.model.access import SERVICE_ACCOUNTS
from firedoor.model.places import ObjectRef
from firedoor.model.tokens import mounted_token
from firedoor.model.workloads import FINISHED_PHASES, Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_risks.risk import RiskContext
    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.rbac import RoleBinding
    from firedoor.model.workloads import Workload

_GROUP = f"{SERVICE_ACCOUNTS}:"

Account = tuple[str, str]
"""Namespace and name of a service account."""


class Use(NamedTuple):
    """A workload, or a pod without one, that runs as a service account; `mounts` tells whether it gets a token."""

    by: ObjectRef
    place: str
    mounts: bool
    reason: str
    """What tells about the token: a field or a volume."""


def uses(context: RiskContext) -> dict[Account, list[Use]]:
    """Return what runs as each service account, sorted; what belongs to a workload that is known counts as that one."""
    settings = {(each.metadata.namespace, each.metadata.name): each for each in context.snapshot.service_accounts}
    found: dict[Account, list[Use]] = defaultdict(list)
    for ref, each in _running(context):
        spec = each.spec if isinstance(each, Pod) else each.template.spec
        account = (ref.namespace, spec.account)
        # Of pods whose volumes are not known, only the rule that the API server follows tells.
        is_template = not (isinstance(each, Pod) and each.metadata.uid and context.snapshot.has_pod_details)
        mounts, reason = mounted_token(spec, settings.get(account), is_template=is_template)
        found[account].append(Use(ref, str(each.place), mounts, reason))
    return {account: sorted(each) for account, each in sorted(found.items())}


def granted(context: RiskContext) -> dict[Account, list[RoleBinding]]:
    """Return the bindings of each service account that is named by one, or whose namespace's accounts are."""
    found: dict[Account, list[RoleBinding]] = defaultdict(list)
    authorizer = context.authorizer
    for scope in (authorizer.cluster, *authorizer.local.values()):
        for number, binding in enumerate(scope.all):
            for subject in map(identity, scope.subjects(number)):
                if subject.kind == "ServiceAccount":
                    found[subject.namespace, subject.name].append(binding)
                elif not is_public(subject) and subject.name.startswith(_GROUP):
                    found[subject.name.removeprefix(_GROUP), ""].append(binding)
    return found


def _running(context: RiskContext) -> Iterator[tuple[ObjectRef, Workload | Pod]]:
    snapshot = context.snapshot
    known = {each.ref for each in snapshot.workloads}
    for workload in snapshot.workloads:
        if not workload.is_finished and _owner(workload.metadata) not in known:
            yield workload.ref, workload
    for pod in snapshot.pods:
        if pod.status.phase not in FINISHED_PHASES and _owner(pod.metadata) not in known:
            yield ObjectRef("Pod", pod.metadata.namespace, pod.metadata.name), pod


def _owner(metadata: ObjectMeta) -> ObjectRef | None:
    owner = metadata.controller
    return ObjectRef(owner.kind, metadata.namespace, owner.name) if owner is not None else None
