"""Everything at once."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

EVERYTHING = PermissionRisk(
    id="everything-permitted",
    title="Every verb on every resource of every group",
    mappings=Mappings(
        cis=("5.1.1", "5.1.3"),
        nsa=("rbac",),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "AC-6(5)"),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.2", "7.2.5"),
    ),
    levels=GRAVE,
    does="do everything",
    why="a role with * in verbs, groups and resources is cluster-admin by another name: it includes what is added to "
    "the cluster later, and bind, escalate and impersonate",
    remedy="list the verbs, groups and resources that are used, one rule each",
    ways=any_of(Permission(("*",), ("*",), "*")),
)

_GROUPS = (
    "",
    "admissionregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
)
"""Groups of Kubernetes itself that hold something dangerous: of others, whoever brings a group owns it."""

RISKS = (
    PermissionRisk(
        id="group-permitted",
        title="Every verb on every resource of one API group",
        mappings=Mappings(
            cis=("5.1.3",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="do everything with a whole API group",
        why="* for the resources of a group includes those that later versions bring, and * for the verbs those that "
        "are no usual ones (bind, escalate, impersonate, approve, sign)",
        remedy="list the verbs and the resources that are used",
        ways=any_of(*(Permission(("*",), ("*",), group) for group in _GROUPS)),
    ),
    PermissionRisk(
        id="everything-readable",
        title="Reads every resource of every group",
        mappings=Mappings(
            cis=("5.1.2", "5.1.3"),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1613",),
            pci_dss_4=("7.2.2", "7.2.5"),
        ),
        levels=GRAVE,
        does="read all objects of all kinds",
        why="get, list or watch on * includes Secrets, and the subresources that act on GET: nodes/proxy, pods/proxy "
        "and, "
        "before 1.35, pods/exec",
        remedy="list what is read and leave Secrets and subresources out; the role view does so",
        ways=any_of(Permission(("get", "list", "watch"), ("*",), "*")),
    ),
)
