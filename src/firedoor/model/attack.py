"""Attack paths: what somebody holds, what they do with it, what that gives them, and what would stop it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.places import Gap, ObjectRef


class Kind(StrEnum):
    """What somebody can hold in a cluster."""

    INTERNET = "Internet"
    """A place outside the cluster, from which everything begins."""
    PODS = "Pods"
    """Code in the pods of a workload."""
    NODE = "Node"
    """Root on a node."""
    SERVICE_ACCOUNT = "ServiceAccount"
    USER = "User"
    GROUP = "Group"
    ROLE = "Role"
    """The rights of a role, in a namespace or (in none) the whole cluster."""
    SECRETS = "Secrets"
    """All Secrets of a namespace, or (of none) of the whole cluster."""
    NAMESPACE = "Namespace"
    """Every right in a namespace."""
    CLUSTER_ADMIN = "ClusterAdmin"
    """Every right there is."""


class Standing(Struct, frozen=True, order=True, gc=False):
    """
    Something to hold.

    Of pods `name` is that of their workload and `detail` its kind; of a role it is
    ``ClusterRole`` or ``Role``. A node that no object tells of has an empty name.
    """

    kind: Kind
    namespace: str = ""
    name: str = ""
    detail: str = ""

    @property
    def workload(self) -> ObjectRef | None:
        """The workload whose pods are held; None for anything else."""
        return ObjectRef(self.detail, self.namespace, self.name) if self.kind is Kind.PODS else None

    def __str__(self) -> str:
        """Return it in a few words, as ``--from`` and ``--to`` take it where they can."""
        match self.kind:
            case Kind.INTERNET:
                return "internet"
            case Kind.PODS:
                return f"{self.namespace}/{self.name}"
            case Kind.NODE:
                return f"node:{self.name}" if self.name else "some node"
            case Kind.SERVICE_ACCOUNT:
                return f"serviceaccount:{self.namespace}/{self.name}"
            case Kind.USER | Kind.GROUP:
                return f"{self.kind.lower()}:{self.name}"
            case Kind.ROLE:
                return f"{self.detail} {self.name} in {self.namespace or 'the cluster'}"
            case Kind.SECRETS:
                return f"secrets:{self.namespace}" if self.namespace else "secrets"
            case Kind.NAMESPACE:
                return f"namespace:{self.name}"
            case _:
                return "cluster-admin"


ADMIN = Standing(Kind.CLUSTER_ADMIN)


class ChangeKind(StrEnum):
    """What can be changed to stop a step."""

    BINDING = "binding"
    """Take the binding away, or its subject out of it, or the right out of its role."""
    INGRESS = "ingress-policy"
    """A policy at the pods that are reached, which does not accept this."""
    EGRESS = "egress-policy"
    """A policy at the pods that reach out, which does not accept this."""
    EXPOSURE = "exposure"
    """Do not expose this to the outside."""
    POD_SPEC = "pod-spec"
    """Take out of the pods what lets them out."""
    TOKEN = "token"  # noqa: S105
    """Do not mount the token of the service account."""
    POD_SECURITY = "pod-security"
    """Enforce a Pod Security Standard in the namespace."""
    VOLUME = "volume"
    """Take away the PersistentVolume that shows a path of the node."""


class Change(Struct, frozen=True, order=True, gc=False):
    """One change to one object that stops steps."""

    kind: ChangeKind
    object: ObjectRef


class Evidence(Struct, frozen=True, gc=False):
    """One fact that a step rests on, and where it stands: ``file:line``, an API path, or nothing."""

    text: str
    place: str = ""


class AttackStep(Struct, frozen=True, gc=False):
    """
    One step: with what is held at `source`, a technique gives what is held at `target`.

    `changes` are sets of changes, any one of which, made whole, stops the step. `is_possible`
    says that it may be there, for something it hangs on is not known.
    """

    source: Standing
    technique: str
    target: Standing
    evidence: tuple[Evidence, ...] = ()
    changes: tuple[tuple[Change, ...], ...] = ()
    is_possible: bool = False


class AttackPath(Struct, frozen=True, gc=False):
    """Steps, each of which begins where the one before it ends."""

    steps: tuple[AttackStep, ...]


class Cut(Struct, frozen=True, gc=False):
    """
    The fewest changes that leave no path at all, not only of those listed; None where nothing can.

    `is_least` says that it is proved that no smaller set does. `breaks` counts for each change that
    stops any of the listed paths how many of them it does, most first.
    """

    changes: tuple[Change, ...] | None
    is_least: bool
    breaks: tuple[tuple[Change, int], ...]


class AttackPaths(Struct, frozen=True, gc=False):
    """
    The paths between two ends, shortest first.

    `is_cut_short` says that there are more than were asked for; `bound` is the most
    steps that were looked at.
    """

    source: str
    target: str
    paths: tuple[AttackPath, ...]
    bound: int
    is_cut_short: bool
    cut: Cut | None = None
    is_possible: bool = False
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"


class RankRow(Struct, frozen=True, gc=False):
    """
    What follows from a compromise of a workload: how many of each it comes to hold in the end.

    `secrets` are namespaces all Secrets of which can be read, `to_admin` the fewest steps to
    every right in the cluster (None where none lead there), `from_internet` those to here.
    """

    workload: ObjectRef
    workloads: int
    pods: int
    nodes: int
    identities: int
    secrets: int
    to_admin: int | None
    from_internet: int | None


class Ranking(Struct, frozen=True, gc=False):
    """All workloads by what follows from their compromise, worst first, and the whole that there is of each."""

    rows: tuple[RankRow, ...]
    workloads: int
    pods: int
    nodes: int
    identities: int
    namespaces: int
    is_possible: bool = False
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
