"""Volumes."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

RISKS = (
    PermissionRisk(
        id="pv-create",
        title="Creates persistent volumes",
        mappings=Mappings(
            cis=("5.1.9",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1611",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create or change persistent volumes",
        why="a volume of type hostPath is the disk of a node; pod security levels look at pods, not at volumes "
        "behind claims",
        remedy="let provisioners create volumes, and people claims",
        ways=any_of(Permission(("create", "update", "patch"), ("persistentvolumes",), is_clustered=True)),
    ),
    PermissionRisk(
        id="storage-write",
        title="Changes storage classes and drivers",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1611",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="create or change storage classes or drivers",
        why="a class chooses the provisioner and its parameters, and with some of them the path on the node",
        remedy="leave classes and drivers to cluster administrators",
        ways=any_of(
            Permission(
                ("create", "update", "patch"),
                ("storageclasses", "csidrivers", "csinodes", "volumeattachments"),
                "storage.k8s.io",
                is_clustered=True,
            )
        ),
    ),
)
