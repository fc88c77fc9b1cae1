"""Volumes."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk, any_of

RISKS = (
    PermissionRisk(
        id="pv-create",
        title="Creates persistent volumes",
        technique="T1611",
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
        technique="T1611",
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
