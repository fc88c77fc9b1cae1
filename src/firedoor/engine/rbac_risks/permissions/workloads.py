"""What makes pods."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, MODERATE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_WRITE = ("create", "update", "patch")

RISKS = (
    PermissionRisk(
        id="pod-create",
        title="Creates pods",
        mappings=Mappings(
            cis=("5.1.4",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1610",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create pods",
        why="a new pod can run as any service account of its namespace and mount any Secret, ConfigMap and volume "
        "there; "
        "unless admission refuses that, it can also take over its node",
        remedy="let a controller create pods, and enforce the pod security level restricted in the namespace",
        ways=any_of(Permission(("create",), ("pods",))),
    ),
    PermissionRisk(
        id="workload-write",
        title="Creates or changes what makes pods",
        mappings=Mappings(
            cis=("5.1.4",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1610",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create or change workloads",
        why="a pod template decides as which service account, with which volumes and with which image pods run",
        remedy="permit it in single namespaces to those who deploy there, and name the workloads that are only updated",
        ways=any_of(
            Permission(_WRITE, ("deployments", "daemonsets", "statefulsets", "replicasets"), "apps"),
            Permission(_WRITE, ("jobs", "cronjobs"), "batch"),
            Permission(_WRITE, ("replicationcontrollers",)),
        ),
    ),
    PermissionRisk(
        id="podtemplate-write",
        title="Changes PodTemplates and ControllerRevisions",
        mappings=Mappings(
            cis=("5.1.4",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1610",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MODERATE,
        does="create or change PodTemplates or ControllerRevisions",
        why="other controllers make pods of PodTemplates, and a rollback takes what a ControllerRevision says",
        remedy="take the permission away: people do not write these objects",
        ways=any_of(Permission(_WRITE, ("podtemplates",)), Permission(_WRITE, ("controllerrevisions",), "apps")),
    ),
    PermissionRisk(
        id="pod-modify",
        title="Changes pods",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1610",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="change running pods",
        why="another image is other code with the same service account; other labels bring the pod under another "
        "Service "
        "or NetworkPolicy, or out of its own",
        remedy="permit changes of the workload rather than of its pods",
        ways=any_of(Permission(("update", "patch"), ("pods",))),
    ),
    PermissionRisk(
        id="pod-steer",
        title="Decides where pods run, or stops them",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1489",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MODERATE,
        does="evict, delete or place pods, or change their status",
        why="pods can be driven to a node that somebody holds; a false status takes pods out of a Service or adds them",
        remedy="leave binding and status to the scheduler and the kubelets, and permit eviction to who drains nodes",
        ways=any_of(
            Permission(("update", "patch"), ("pods/status",)),
            Permission(("create",), ("pods/binding", "pods/eviction")),
            Permission(("create",), ("bindings",)),
            Permission(("delete", "deletecollection"), ("pods",)),
        ),
    ),
    PermissionRisk(
        id="operator-steer",
        title="Writes the objects of privileged operators",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1072",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="write objects that privileged operators act on",
        why="the operator applies what such an object says with its own rights, which are usually those of an "
        "administrator",
        remedy="permit it to who may do what the operator may do, and confine the operator (projects, impersonation)",
        ways=any_of(
            Permission(_WRITE, ("applications", "applicationsets", "appprojects", "workflows"), "argoproj.io"),
            Permission(_WRITE, ("kustomizations",), "kustomize.toolkit.fluxcd.io"),
            Permission(_WRITE, ("helmreleases",), "helm.toolkit.fluxcd.io"),
            Permission(_WRITE, ("taskruns", "pipelineruns", "tasks", "pipelines"), "tekton.dev"),
            Permission(
                _WRITE,
                ("compositions", "compositeresourcedefinitions"),
                "apiextensions.crossplane.io",
                is_clustered=True,
            ),
            Permission(_WRITE, ("providers", "functions"), "pkg.crossplane.io", is_clustered=True),
            Permission(_WRITE, ("certificates", "certificaterequests"), "cert-manager.io"),
            Permission(_WRITE, ("clusterissuers",), "cert-manager.io", is_clustered=True),
            Permission(_WRITE, ("backups", "restores", "schedules"), "velero.io"),
        ),
    ),
)
