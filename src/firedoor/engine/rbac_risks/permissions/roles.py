"""RBAC itself."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk
from firedoor.model.frameworks import Mappings

_GROUP = "rbac.authorization.k8s.io"
_WRITE = ("create", "update", "patch")
_STRONG = ("cluster-admin", "admin", "edit")

_ROLE_WRITE = Permission(_WRITE, ("roles",), _GROUP)
_CLUSTER_ROLE_WRITE = Permission(_WRITE, ("clusterroles",), _GROUP, is_clustered=True)
_BINDING_WRITE = Permission(_WRITE, ("rolebindings",), _GROUP)
_CLUSTER_BINDING_WRITE = Permission(_WRITE, ("clusterrolebindings",), _GROUP, is_clustered=True)

RISKS = (
    PermissionRisk(
        id="rbac-escalate",
        title="Gives roles more than it has",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AC-6(1)"),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="write roles with permissions that it does not have itself",
        why="escalate lifts the rule that nobody can put into a role what he may not do",
        remedy="take escalate away; who writes roles needs it only for permissions that he lacks",
        ways=(
            ((Permission(("escalate",), ("roles",), _GROUP),), (_ROLE_WRITE,)),
            ((Permission(("escalate",), ("clusterroles",), _GROUP, is_clustered=True),), (_CLUSTER_ROLE_WRITE,)),
        ),
        worst_names=_STRONG,
    ),
    PermissionRisk(
        id="rbac-bind",
        title="Binds roles that it does not have",
        mappings=Mappings(
            cis=("5.1.8",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AC-6(1)"),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="bind roles that it does not have itself",
        why="bind on roles or clusterroles, with the right to write bindings, gives those roles to anybody, oneself "
        "first; "
        "bind on bindings, which other tools look for, means nothing",
        remedy="name the roles that may be bound (resourceNames), none of them strong",
        ways=(
            ((Permission(("bind",), ("roles", "clusterroles"), _GROUP),), (_BINDING_WRITE,)),
            ((Permission(("bind",), ("clusterroles",), _GROUP, is_clustered=True),), (_CLUSTER_BINDING_WRITE,)),
        ),
        worst_names=_STRONG,
    ),
    PermissionRisk(
        id="rbac-bindings-write",
        title="Writes bindings",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AC-6(1)"),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=SERIOUS,
        does="create or change bindings",
        why="without bind it can hand on only roles whose permissions it holds, yet that keeps access alive after it "
        "was "
        "taken away, and spreads it",
        remedy="leave bindings to few people or to a tool whose changes are reviewed",
        ways=(((_BINDING_WRITE, _CLUSTER_BINDING_WRITE),),),
    ),
    PermissionRisk(
        id="rbac-roles-write",
        title="Writes roles",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AC-6(1)"),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=SERIOUS,
        does="create or change roles",
        why="without escalate it can put into a role only what it holds, yet everybody who is bound to the role gets "
        "it; "
        "a label on a ClusterRole adds its rules to admin, edit and view by aggregation",
        remedy="leave roles to few people or to a tool whose changes are reviewed",
        ways=(((_ROLE_WRITE, _CLUSTER_ROLE_WRITE),),),
    ),
    PermissionRisk(
        id="rbac-delete",
        title="Deletes roles and bindings",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)",),
            mitre=("T1531",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="delete roles or bindings",
        why="without its roles a controller stops, and people lose access when they need it",
        remedy="leave roles and bindings to few people or to a tool whose changes are reviewed",
        ways=(
            (
                (
                    Permission(("delete", "deletecollection"), ("roles", "rolebindings"), _GROUP),
                    Permission(
                        ("delete", "deletecollection"),
                        ("clusterroles", "clusterrolebindings"),
                        _GROUP,
                        is_clustered=True,
                    ),
                ),
            ),
        ),
    ),
)
