"""Ways into running pods."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, MODERATE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_CREATE_NEEDED = (1, 35)
"""From here on a WebSocket to these subresources asks for create too; before, get was enough."""

RISKS = (
    PermissionRisk(
        id="pod-exec",
        title="Runs commands in pods",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AC-17"),
            mitre=("T1609",),
            pci_dss_4=("7.2.5", "8.6.1"),
        ),
        levels=GRAVE,
        does="run commands in pods",
        why="who runs a command in a pod has its service account, its Secrets and its place in the network",
        remedy="take pods/exec and pods/attach away, or permit them in namespaces for debugging only",
        ways=any_of(
            Permission(("create",), ("pods/exec", "pods/attach")),
            Permission(("get",), ("pods/exec", "pods/attach"), until=_CREATE_NEEDED),
        ),
    ),
    PermissionRisk(
        id="pod-ephemeral",
        title="Adds ephemeral containers to pods",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1609",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="add containers to running pods",
        why="an ephemeral container is code of one's own beside that of the pod, with a security context of its own",
        remedy="permit pods/ephemeralcontainers to those who debug, in the namespaces where they do",
        ways=any_of(Permission(("update", "patch"), ("pods/ephemeralcontainers",))),
    ),
    PermissionRisk(
        id="port-forward",
        title="Forwards ports of pods",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6", "AC-17"),
            mitre=("T1572",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="connect to ports of pods through the API server",
        why="the connection comes from the node itself, so that no NetworkPolicy sees it, and it reaches ports that "
        "listen "
        "on the loopback address only",
        remedy="take pods/portforward away where NetworkPolicies are to hold",
        ways=any_of(
            Permission(("create",), ("pods/portforward",)),
            Permission(("get",), ("pods/portforward",), until=_CREATE_NEEDED),
        ),
    ),
    PermissionRisk(
        id="pod-proxy",
        title="Reaches pods and Services through the API server",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6"),
            mitre=("T1090",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="send HTTP requests to pods or Services through the API server",
        why="the requests come from the control plane, past the NetworkPolicies for everybody else",
        remedy="take pods/proxy and services/proxy away; name the Services where a dashboard needs them",
        ways=any_of(
            Permission(("get", "create", "update", "patch", "delete"), ("pods/proxy", "services/proxy")),
        ),
    ),
    PermissionRisk(
        id="pod-logs",
        title="Reads the logs of pods",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "AU-9"),
            mitre=("T1552.007",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MODERATE,
        does="read the logs of pods",
        why="logs often hold tokens, addresses and data of customers",
        remedy="permit it in single namespaces, or give access to a log store that filters",
        ways=any_of(Permission(("get",), ("pods/log",))),
    ),
)
