"""Settings, traces and limits of the cluster."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import MILD, MODERATE, SERIOUS, Levels, PermissionRisk, any_of
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings

_SYSTEM = "kube-system"
_CHANGE = ("update", "patch", "delete")
_HIGH = Levels(Severity.HIGH, Severity.HIGH, Severity.HIGH, Severity.HIGH)
_CRITICAL = Levels(Severity.CRITICAL, Severity.CRITICAL, Severity.CRITICAL, Severity.MEDIUM)

RISKS = (
    PermissionRisk(
        id="dns-config",
        title="Changes the settings of cluster DNS",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "SC-22"),
            mitre=("T1557",),
            pci_dss_4=("7.2.5",),
        ),
        levels=_HIGH,
        does="change the settings of CoreDNS",
        why="whoever answers for names leads every connection by name where he likes",
        remedy="take update and patch on ConfigMaps in kube-system away, or name others",
        ways=any_of(
            Permission(_CHANGE, ("configmaps",), names=("coredns", "coredns-custom", "kube-dns"), home=_SYSTEM)
        ),
    ),
    PermissionRisk(
        id="aws-auth",
        title="Changes who is who on EKS",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-2", "AC-6(1)"),
            mitre=("T1098.006",),
            pci_dss_4=("7.2.5",),
        ),
        levels=_CRITICAL,
        does="map identities of AWS to groups of the cluster",
        why="the ConfigMap aws-auth makes any role of AWS a member of any group, system:masters among them",
        remedy="use access entries of EKS, and take changes of ConfigMaps in kube-system away",
        ways=any_of(
            Permission(("update", "patch"), ("configmaps",), names=("aws-auth",), home=_SYSTEM, platform="eks")
        ),
        worst_names=("aws-auth",),
    ),
    PermissionRisk(
        id="events-delete",
        title="Deletes events",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AU-9"),
            mitre=("T1070",),
            pci_dss_4=("7.2.5", "10.3.2"),
        ),
        levels=MODERATE,
        does="delete events",
        why="events are what people look at first; without them an attack leaves fewer traces",
        remedy="take delete and deletecollection on events away: they expire by themselves",
        ways=any_of(
            Permission(("delete", "deletecollection"), ("events",)),
            Permission(("delete", "deletecollection"), ("events",), "events.k8s.io"),
        ),
    ),
    PermissionRisk(
        id="limits-write",
        title="Changes leases, priorities and limits",
        mappings=Mappings(
            nsa=("rbac", "resource-policies"),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "SC-5", "SC-6"),
            mitre=("T1499",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MILD,
        does="change leases, priorities, quotas or limits",
        why="with a lease controllers can be kept from leading; priorities and quotas decide whose pods run at all",
        remedy="leave leases to the controllers that hold them, by name, and the rest to administrators",
        ways=any_of(
            Permission(_CHANGE, ("leases",), "coordination.k8s.io"),
            Permission(("create", *_CHANGE), ("priorityclasses",), "scheduling.k8s.io", is_clustered=True),
            Permission(("create", *_CHANGE), ("resourcequotas", "limitranges")),
            Permission(
                ("create", *_CHANGE),
                ("flowschemas", "prioritylevelconfigurations"),
                "flowcontrol.apiserver.k8s.io",
                is_clustered=True,
            ),
        ),
    ),
    PermissionRisk(
        id="urls-read",
        title="Reads the inner life of the API server",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1613",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MODERATE,
        does="read profiles or logs of the API server",
        why="/debug/pprof shows memory and slows the server down, and /logs shows the log files of its machine",
        remedy="take /debug and /logs away",
        ways=any_of(Permission(("get",), ("/debug/pprof/heap", "/logs", "/logs/"), is_clustered=True)),
    ),
    PermissionRisk(
        id="urls-metrics",
        title="Reads the metrics of the API server",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1613",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MILD,
        does="read the metrics of the API server",
        why="metrics name the kinds, namespaces and webhooks that there are, and who uses them how much",
        remedy="permit /metrics to what collects metrics, and to nobody else",
        ways=any_of(Permission(("get",), ("/metrics",), is_clustered=True)),
    ),
    PermissionRisk(
        id="urls-all",
        title="Every URL that is no resource",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1613",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="use every URL of the API server that is no resource",
        why="the star includes debugging and logs, and what later versions add",
        remedy="list the URLs that are used",
        ways=any_of(Permission(("get", "*"), ("/*",), is_clustered=True)),
    ),
    PermissionRisk(
        id="namespaces-delete",
        title="Deletes namespaces",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1485",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="delete namespaces with all that is in them",
        why="a namespace takes everything with it, volumes and backups too where these live in it",
        remedy="leave namespaces to administrators",
        ways=any_of(Permission(("delete",), ("namespaces",))),
    ),
)
