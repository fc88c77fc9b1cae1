"""Secrets and the tokens of service accounts."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

RISKS = (
    PermissionRisk(
        id="secrets-read",
        title="Reads Secrets",
        mappings=Mappings(
            cis=("5.1.2",),
            nsa=("rbac", "secrets"),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "IA-5"),
            mitre=("T1552.007",),
            pci_dss_4=("7.2.5", "8.6.3"),
        ),
        levels=GRAVE,
        does="read Secrets",
        why="Secrets hold passwords, keys and tokens; list and watch give their contents too, not only their names",
        remedy="permit get alone, for the Secrets that are needed by name (resourceNames), or mount them",
        ways=any_of(Permission(("get", "list", "watch"), ("secrets",))),
    ),
    PermissionRisk(
        id="secrets-write",
        title="Writes Secrets",
        mappings=Mappings(
            nsa=("rbac", "secrets"),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "IA-5"),
            mitre=("T1528",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create or change Secrets",
        why="a Secret of type kubernetes.io/service-account-token is filled with a token of any service account of its "
        "namespace, which lasts until it is deleted; in kube-system a Secret can be a bootstrap token for nodes",
        remedy="permit update and patch for named Secrets only, and not create",
        ways=any_of(Permission(("create", "update", "patch"), ("secrets",))),
    ),
    PermissionRisk(
        id="token-request",
        title="Requests tokens of service accounts",
        mappings=Mappings(
            cis=("5.1.13",),
            nsa=("rbac", "service-account-tokens"),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "IA-5"),
            mitre=("T1528",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="get tokens of service accounts",
        why="a token of a service account gives all that this account may do",
        remedy="name the service accounts whose tokens are needed (resourceNames)",
        ways=any_of(Permission(("create",), ("serviceaccounts/token",))),
    ),
)
