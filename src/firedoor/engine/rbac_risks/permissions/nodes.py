"""Nodes and their kubelets."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, MODERATE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_FINE_GRAINED = (1, 33)
"""From here on the kubelet asks about these subresources before it asks about nodes/proxy."""

RISKS = (
    PermissionRisk(
        id="nodes-proxy",
        title="Talks to kubelets",
        mappings=Mappings(
            cis=("5.1.10",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1609",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="run commands in every pod of the nodes through the kubelet",
        why="the kubelet takes a WebSocket for exec as get, so that even get on nodes/proxy is code in every pod; "
        "what is "
        "sent to the kubelet itself passes neither admission nor the audit log of the API server",
        remedy="permit nodes/metrics, nodes/stats, nodes/log or (from 1.33) nodes/pods, nodes/healthz and "
        "nodes/configz",
        ways=any_of(Permission(("get", "create", "update", "patch", "delete"), ("nodes/proxy",), is_clustered=True)),
    ),
    PermissionRisk(
        id="nodes-kubelet-read",
        title="Reads logs and settings of nodes",
        mappings=Mappings(
            cis=("5.1.10",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6",),
            mitre=("T1613",),
            pci_dss_4=("7.2.5",),
        ),
        levels=MODERATE,
        does="read logs, settings or pods of nodes from the kubelet",
        why="the logs of a node and the settings of its kubelet tell how to go on from there, and /pods shows the "
        "environment of every container",
        remedy="permit nodes/metrics and nodes/stats alone to what collects metrics",
        ways=any_of(
            Permission(("get",), ("nodes/log",), is_clustered=True),
            Permission(("get",), ("nodes/configz", "nodes/pods"), is_clustered=True, since=_FINE_GRAINED),
        ),
    ),
    PermissionRisk(
        id="nodes-checkpoint",
        title="Takes checkpoints of containers",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6", "SC-4"),
            mitre=("T1003",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="write the memory of containers to the disk of their node",
        why="a checkpoint holds all that a process knows: keys, tokens, data",
        remedy="permit nodes/checkpoint to a tool for forensics only",
        ways=any_of(Permission(("create",), ("nodes/checkpoint",), is_clustered=True)),
    ),
    PermissionRisk(
        id="nodes-write",
        title="Changes nodes",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1578",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="change nodes, their labels, taints or status",
        why="labels and taints decide where pods run: others can be shut and pods with rights drawn to one that is "
        "held; "
        "a false address in the status leads traffic astray",
        remedy="leave nodes to the kubelets and to controllers in kube-system",
        ways=any_of(
            Permission(("create", "update", "patch", "delete"), ("nodes",), is_clustered=True),
            Permission(("update", "patch"), ("nodes/status",), is_clustered=True),
        ),
    ),
)
