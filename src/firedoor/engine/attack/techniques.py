"""The techniques by which one standing leads to another."""

from __future__ import annotations

from typing import NamedTuple


class Technique(NamedTuple):
    """A technique: its id, what an attacker does, and its number in MITRE ATT&CK."""

    id: str
    does: str
    mitre: str


EXPOSED = Technique("exposed", "comes in over what is exposed to the outside", "T1190")
NETWORK = Technique("network", "connects to a port that the pod exposes and takes the service over", "T1210")
SAME_NODE = Technique("same-node", "connects from the node itself, which policies never stop", "T1210")
TOKEN = Technique("token", "takes the service account's token that is mounted in the pod", "T1528")
PRIVILEGED = Technique("privileged", "leaves a privileged container", "T1611")
CAPABILITY = Technique("capability", "leaves the container with a capability of the kernel", "T1611")
HOST_PATH = Technique("host-path", "writes to a path of the node that is mounted in the pod", "T1611")
RUNTIME_SOCKET = Technique(
    "runtime-socket", "asks the container runtime of the node for a privileged container", "T1611"
)
HOST_PID = Technique("host-pid", "enters the processes of the node", "T1611")
VOLUME = Technique("persistent-volume", "writes to a path of the node that a PersistentVolume shows", "T1611")
NODE_PODS = Technique("node-pods", "enters the pods that run on the node", "T1609")
NODE_CREDENTIALS = Technique("node-credentials", "takes the credentials of the kubelet", "T1552.001")
CONTROL_PLANE = Technique("control-plane", "takes the keys of the control plane from the disk of the node", "T1552.004")
MEMBER = Technique("member", "is in the group without anybody saying so", "T1078")
ANONYMOUS = Technique("anonymous", "sends requests without any credentials", "T1078.001")
HOLDS_ALL = Technique("holds-everything", "is permitted everything", "T1078")
EXEC = Technique("exec", "runs a command in the pod", "T1609")
ATTACH = Technique("attach", "attaches to a process of the pod", "T1609")
EPHEMERAL = Technique("ephemeral-container", "adds a container to the running pod", "T1609")
CHANGE_PODS = Technique("change-pods", "gives the pod another image", "T1610")
PORT_FORWARD = Technique("port-forward", "connects through the API server, past all policies", "T1572")
POD_PROXY = Technique("pod-proxy", "sends requests through the API server, past all policies", "T1090")
CREATE_PODS = Technique("create-pods", "starts a pod that runs as the service account", "T1610")
WRITE_WORKLOADS = Technique(
    "write-workloads", "makes or changes a workload so that its pods run as the account", "T1610"
)
PRIVILEGED_POD = Technique("privileged-pod", "starts a privileged pod on the node", "T1611")
CREATE_VOLUME = Technique("create-volume", "mounts a path of the node by a PersistentVolume of its own", "T1611")
CREATE_TOKEN = Technique("create-token", "asks for a token of the service account", "T1528")
TOKEN_SECRET = Technique("token-secret", "makes a Secret of type token for the service account and reads it", "T1528")
READ_SECRETS = Technique("read-secrets", "reads all Secrets", "T1552.007")
LEGACY_TOKEN = Technique("legacy-token", "reads a Secret that holds a token of the service account", "T1552.007")
IMPERSONATE = Technique("impersonate", "sends requests in another name", "T1078")
BIND = Technique("bind", "binds a role to itself", "T1098.006")
ESCALATE = Technique("escalate", "writes what it wants into a role that it has", "T1098.006")
WEBHOOK = Technique("webhook", "changes what others create on the way through admission", "T1557")
CERTIFICATE = Technique("certificate", "approves a client certificate in another name", "T1649")
KUBELET = Technique("kubelet", "runs a command in the pod through the kubelet's API", "T1609")
RELABEL = Technique(
    "relabel-namespace", "takes the Pod Security label off the namespace, then starts a privileged pod", "T1562.001"
)
EVERYTHING = Technique("everything", "does it with the rights of an administrator", "T1078")

BY_ID = {each.id: each for each in list(globals().values()) if isinstance(each, Technique)}
"""All techniques by their id."""
