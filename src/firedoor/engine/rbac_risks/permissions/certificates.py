"""Client certificates."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_GROUP = "certificates.k8s.io"
_CLIENT = (
    "kubernetes.io/kube-apiserver-client",
    "kubernetes.io/kube-apiserver-client-kubelet",
    "kubernetes.io/*",
)
"""Signers of client certificates; a name with a star is how all signers of a domain are asked for."""

RISKS = (
    PermissionRisk(
        id="csr-approve",
        title="Approves certificates",
        mappings=Mappings(
            cis=("5.1.11",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-5", "SC-17"),
            mitre=("T1649",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="approve certificates for any user",
        why="an approved request becomes a client certificate in whatever name was asked for, and nothing revokes it",
        remedy="name the signers (resourceNames) and leave kubernetes.io/kube-apiserver-client out",
        ways=(
            (
                (Permission(("update", "patch"), ("certificatesigningrequests/approval",), _GROUP, is_clustered=True),),
                (Permission(("approve",), ("signers",), _GROUP, is_clustered=True),),
            ),
        ),
        worst_names=_CLIENT,
    ),
    PermissionRisk(
        id="csr-sign",
        title="Signs certificates",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "IA-5", "SC-17"),
            mitre=("T1649",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="put certificates into requests, as a signer does",
        why="who waits for a certificate takes the one that stands in the status of the request",
        remedy="name the signer (resourceNames); only controllers that sign need it",
        ways=(
            (
                (Permission(("update", "patch"), ("certificatesigningrequests/status",), _GROUP, is_clustered=True),),
                (Permission(("sign",), ("signers",), _GROUP, is_clustered=True),),
            ),
        ),
        worst_names=_CLIENT,
    ),
    PermissionRisk(
        id="trust-bundle-write",
        title="Decides which authorities are trusted",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "SC-17"),
            mitre=("T1553.004",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="change bundles of trusted authorities",
        why="pods that mount a ClusterTrustBundle trust every server with a certificate from whoever is in it",
        remedy="leave trust bundles to the controller that owns the signer",
        ways=any_of(
            Permission(("create", "update", "patch", "delete"), ("clustertrustbundles",), _GROUP, is_clustered=True)
        ),
    ),
)
