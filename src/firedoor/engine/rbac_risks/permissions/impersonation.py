"""Acting as somebody else."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_GROUP = "authentication.k8s.io"
_CONSTRAINED = (1, 36)
"""From here on the verbs of constrained impersonation are asked for by default."""


def _mode(
    name: str, *resources: str, is_clustered: bool = True, names: tuple[str, ...] = ()
) -> tuple[tuple[Permission, ...], ...]:
    """Return the way of one mode: an identity to take on, and something to do as it."""
    identity = Permission(
        (f"impersonate:{name}",), resources, _GROUP, is_clustered=is_clustered, names=names, since=_CONSTRAINED
    )
    return ((identity,), (Permission((), beginning=f"impersonate-on:{name}:", since=_CONSTRAINED),))


RISKS = (
    PermissionRisk(
        id="impersonate-users",
        title="Impersonates users or groups",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-2"),
            mitre=("T1078",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="act as other users or groups",
        why="whoever may impersonate all users and groups is an administrator: the group system:masters may do "
        "everything",
        remedy="name the users and groups (resourceNames), or permit the verbs of constrained impersonation (from "
        "1.36)",
        ways=any_of(Permission(("impersonate",), ("users", "groups"), is_clustered=True)),
        worst_names=("system:masters", "kubeadm:cluster-admins", "system:kube-controller-manager", "system:admin"),
    ),
    PermissionRisk(
        id="impersonate-account",
        title="Impersonates service accounts",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-2"),
            mitre=("T1078",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="act as service accounts",
        why="it may do all that any service account there may do, which in kube-system is nearly everything",
        remedy="name the service accounts (resourceNames), in single namespaces",
        ways=any_of(Permission(("impersonate",), ("serviceaccounts",))),
    ),
    PermissionRisk(
        id="impersonate-details",
        title="Adds details to whom it impersonates",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-2"),
            mitre=("T1078",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=SERIOUS,
        does="claim UIDs or extra fields when it acts as others",
        why="authorizers and webhooks outside of RBAC decide by such details, scopes for instance",
        remedy="take uids and userextras away, or name the values",
        ways=any_of(Permission(("impersonate",), ("uids", "userextras/?"), _GROUP, is_clustered=True)),
    ),
    PermissionRisk(
        id="impersonate-constrained",
        title="Impersonates within constraints",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-2"),
            mitre=("T1078",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=SERIOUS,
        does="act as others for what its impersonate-on verbs say",
        why="the other one's rights are used for these verbs, which can still be those that matter",
        remedy="name the identities (resourceNames), and permit impersonate-on for few verbs and resources",
        ways=(
            _mode("user-info", "users", "groups", "uids", "userextras/?"),
            _mode("serviceaccount", "serviceaccounts", is_clustered=False),
            _mode("arbitrary-node", "nodes"),
            # Which node is its own is not said in the request for it: the name there is a star.
            _mode("associated-node", "nodes", names=("*",)),
        ),
        worst_names=("system:masters",),
    ),
)
