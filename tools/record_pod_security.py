"""
Record what a real API server says to generated pods, at each level and version of the Pod Security Standards.

``python tools/record_pod_security.py --server https://127.0.0.1:6443 --token-file FILE`` needs a server with the
PodSecurity admission plugin that nobody else uses: namespaces and a few pods are made in it and left there. Pods are
asked about as dry runs in namespaces that carry the labels; ephemeral containers, which no new pod may have, as dry
runs of the subresource on pods that were made before the labels. Pods that the server finds invalid are left out.
"""

from __future__ import annotations

import argparse
import copy
import http.client
import json
import lzma
import random
import ssl
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "tests" / "recorded" / "pod_security.json.xz"
LEVELS = ("baseline", "restricted")
VERSIONS = ("v1.0", "v1.8", "v1.18", "v1.22", "v1.25", "v1.27", "v1.29", "v1.32", "v1.34", "latest")
LABEL = "pod-security.kubernetes.io/enforce"
SEED = 20

Document = dict[str, Any]
Change = Callable[[Document], None]


class Server:
    """A connection to an API server."""

    def __init__(self, url: str, token: str) -> None:
        """Connect to a server on the loopback interface, whose certificate nobody signed."""
        parts = urllib.parse.urlsplit(url)
        context = ssl._create_unverified_context()  # noqa: S323, SLF001 - a server of one's own
        self._connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Document | None = None, **headers: str) -> tuple[int, Document]:
        """Return the status and the document of an answer."""
        given = {**self._headers, **{key.replace("_", "-"): value for key, value in headers.items()}}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, given)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def make(self, path: str, body: Document) -> None:
        """Make an object, which must succeed."""
        status, document = self.call("POST", path, body)
        if status not in {201, 409}:
            raise SystemExit(f"{path}: {status} {document.get('message')}")


def bare() -> Document:
    """Return a pod that says nothing of its security."""
    return {"metadata": {"annotations": {}}, "spec": {"containers": [{"name": "main", "image": "a"}]}}


def strict() -> Document:
    """Return a pod that the level restricted allows."""
    pod = bare()
    pod["spec"]["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod["spec"]["containers"][0]["securityContext"] = secure()
    return pod


def secure() -> Document:
    """Return the security context of a container that the level restricted allows."""
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def of_pod(field: str, value: Any) -> Change:
    """Return a change that sets a field of the specification."""
    return lambda pod: pod["spec"].__setitem__(field, value)


def of_pod_context(field: str, value: Any) -> Change:
    """Return a change that sets a field of the security context of the pod."""
    return lambda pod: pod["spec"].setdefault("securityContext", {}).__setitem__(field, value)


def of_container(field: str, value: Any, index: int = 0) -> Change:
    """Return a change that sets a field of a container."""
    return lambda pod: pod["spec"]["containers"][index % len(pod["spec"]["containers"])].__setitem__(field, value)


def of_context(field: str, value: Any, index: int = 0) -> Change:
    """Return a change that sets a field of the security context of a container."""

    def change(pod: Document) -> None:
        containers = pod["spec"]["containers"]
        containers[index % len(containers)].setdefault("securityContext", {})[field] = value

    return change


def another(field: str, container: Document) -> Change:
    """Return a change that adds a container."""

    def change(pod: Document) -> None:
        there = pod["spec"].setdefault(field, [])
        there.append({"name": f"{field.lower()}{len(there)}", "image": "a", **container})

    return change


def volume(source: Document) -> Change:
    """Return a change that adds a volume."""

    def change(pod: Document) -> None:
        there = pod["spec"].setdefault("volumes", [])
        there.append({"name": f"v{len(there)}", **source})

    return change


def annotation(name: str, value: str) -> Change:
    """Return a change that adds an annotation."""
    return lambda pod: pod["metadata"]["annotations"].__setitem__(name, value)


def windows(pod: Document) -> None:
    """Make a pod one for Windows, without what only Linux has."""
    pod["spec"]["os"] = {"name": "windows"}
    for each in pod["spec"]["containers"]:
        each.pop("securityContext", None)
    context = pod["spec"].get("securityContext", {})
    pod["spec"]["securityContext"] = {key: context[key] for key in ("runAsNonRoot",) if key in context}


def host_process(pod: Document) -> None:
    """Make a pod a process of a Windows node."""
    pod["spec"]["hostNetwork"] = True
    pod["spec"].setdefault("securityContext", {})["windowsOptions"] = {"hostProcess": True}


def privileged(pod: Document) -> None:
    """Make a container privileged, which always allows privilege escalation."""
    context = pod["spec"]["containers"][0].setdefault("securityContext", {})
    context.pop("allowPrivilegeEscalation", None)
    context["privileged"] = True


def unmasked(pod: Document) -> None:
    """Let a container see all of /proc, which needs a user namespace."""
    pod["spec"]["hostUsers"] = False
    pod["spec"]["containers"][0].setdefault("securityContext", {})["procMount"] = "Unmasked"


def changes() -> Iterator[Change]:  # noqa: C901, PLR0912 - one line for each thing that can be said
    """Yield every single thing that a control looks at, in allowed and in other values."""
    for field in ("hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace"):
        for value in (True, False):
            yield of_pod(field, value)
    yield windows
    yield host_process
    yield privileged
    yield unmasked
    yield of_pod("os", {"name": "linux"})
    for source in (
        {"hostPath": {"path": "/"}},
        {"hostPath": {"path": "/var/log", "type": "Directory"}},
        {},
        {"emptyDir": {}},
        {"emptyDir": {"medium": "Memory"}},
        {"configMap": {"name": "a"}},
        {"secret": {"secretName": "a"}},
        {"csi": {"driver": "a.example"}},
        {"downwardAPI": {"items": []}},
        {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}}}},
        {"image": {"reference": "a"}},
        {"persistentVolumeClaim": {"claimName": "a"}},
        {"projected": {"sources": [{"configMap": {"name": "a"}}]}},
        {"nfs": {"server": "a", "path": "/"}},
        {"iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:a", "lun": 1}},
        {"glusterfs": {"endpoints": "a", "path": "b"}},
        {"rbd": {"monitors": ["a"], "image": "b"}},
        {"flexVolume": {"driver": "a/b"}},
        {"cinder": {"volumeID": "a"}},
        {"cephfs": {"monitors": ["a"]}},
        {"fc": {"targetWWNs": ["a"], "lun": 1}},
        {"azureFile": {"secretName": "a", "shareName": "b"}},
        {"azureDisk": {"diskName": "a", "diskURI": "https://b/c.vhd"}},
        {"awsElasticBlockStore": {"volumeID": "a"}},
        {"gcePersistentDisk": {"pdName": "a"}},
        {"vsphereVolume": {"volumePath": "a"}},
        {"portworxVolume": {"volumeID": "a"}},
        {"quobyte": {"registry": "a:1", "volume": "b"}},
        {"scaleIO": {"gateway": "a", "system": "b", "volumeName": "c", "secretRef": {"name": "d"}}},
        {"storageos": {"volumeName": "a"}},
        {"flocker": {"datasetName": "a"}},
        {"photonPersistentDisk": {"pdID": "a"}},
        {"gitRepo": {"repository": "a"}},
    ):  # fmt: skip
        yield volume(source)
    for ports in (
        [{"containerPort": 80}],
        [{"containerPort": 80, "hostPort": 80}],
        [{"containerPort": 80, "hostPort": 0}],
        [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81, "protocol": "UDP"}],
    ):
        yield of_container("ports", ports)
        yield another("initContainers", {"ports": ports})
    for host in ("", "127.0.0.1", "a.example"):
        for handler in ({"httpGet": {"port": 80, "host": host}}, {"tcpSocket": {"port": 80, "host": host}}):
            for field in ("livenessProbe", "readinessProbe", "startupProbe"):
                yield of_container(field, handler)
            for hook in ("postStart", "preStop"):
                yield of_container("lifecycle", {hook: handler})
    yield of_container("livenessProbe", {"exec": {"command": ["a"]}})
    yield of_container("lifecycle", {"preStop": {"sleep": {"seconds": 1}}})
    for added in (
        ["CHOWN"],
        ["NET_BIND_SERVICE"],
        ["NET_RAW"],
        ["CAP_CHOWN"],
        ["ALL"],
        ["SYS_ADMIN", "KILL"],
        ["kill"],
        [],
    ):
        yield of_context("capabilities", {"add": added})
        yield of_context("capabilities", {"add": added, "drop": ["ALL"]})
    for dropped in (["ALL"], ["all"], ["NET_RAW"], ["NET_RAW", "ALL"], []):
        yield of_context("capabilities", {"drop": dropped})
        yield another("initContainers", {"securityContext": {**secure(), "capabilities": {"drop": dropped}}})
    for field in ("privileged", "allowPrivilegeEscalation", "runAsNonRoot", "readOnlyRootFilesystem"):
        for value in (True, False):
            yield of_context(field, value)
            yield another("initContainers", {"securityContext": {**secure(), field: value}})
    for user in (0, 1, 1000):
        yield of_context("runAsUser", user)
        yield of_pod_context("runAsUser", user)
    for value in (True, False):
        yield of_pod_context("runAsNonRoot", value)
    for mount in ("Default", "Unmasked"):
        yield of_context("procMount", mount)
    types = ("", "container_t", "container_kvm_t", "container_init_t", "container_engine_t", "spc_t")
    more = ({"user": "a"}, {"role": "a"}, {"level": "s0"}, {"type": "", "role": "b"}, {})
    for options in (*({"type": each} for each in types), *more):
        yield of_context("seLinuxOptions", options)
        yield of_pod_context("seLinuxOptions", options)
    for field in ("seccompProfile", "appArmorProfile"):
        for profile in (
            {"type": "RuntimeDefault"},
            {"type": "Unconfined"},
            {"type": "Localhost", "localhostProfile": "a"},
        ):
            yield of_context(field, profile)
            yield of_pod_context(field, profile)
            yield another("initContainers", {"securityContext": {**secure(), field: profile}})
    for profile in ("", "runtime/default", "localhost/a", "unconfined", "docker/default"):
        yield annotation("container.apparmor.security.beta.kubernetes.io/main", profile)
        yield annotation("container.seccomp.security.alpha.kubernetes.io/main", profile)
        yield annotation("container.seccomp.security.alpha.kubernetes.io/nobody", profile)
        yield annotation("seccomp.security.alpha.kubernetes.io/pod", profile)
    for name in (
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_notsent_lowat",
        "net.ipv4.tcp_slow_start_after_idle", "kernel.msgmax", "net.core.somaxconn",
    ):  # fmt: skip
        yield of_pod_context("sysctls", [{"name": name, "value": "1"}])
    yield of_pod_context("sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1"}, {"name": "kernel.sem", "value": "1"}])
    for is_host in (True, False):
        yield of_context("windowsOptions", {"hostProcess": is_host})
        yield of_pod_context("windowsOptions", {"hostProcess": is_host})
    yield another("containers", {})
    yield another("containers", {"securityContext": secure()})
    yield another("initContainers", {"restartPolicy": "Always"})


def pods(count: int) -> Iterator[Document]:
    """Yield pods: every change alone, on a strict and on a bare pod, then several at a time."""
    known = list(changes())
    for start in (strict, bare):
        yield start()
        for change in known:
            pod = start()
            change(pod)
            yield pod
    chance = random.Random(SEED)  # noqa: S311 - the same pods each time
    for _ in range(count):
        pod = chance.choice((strict, strict, bare))()
        for change in chance.sample(known, chance.randint(2, 5)):
            change(pod)
        yield copy.deepcopy(pod)


def debuggers() -> Iterator[Document]:
    """Yield ephemeral containers."""
    seen = set()
    for change in changes():
        pod = strict()
        change(pod)
        container = {**pod["spec"]["containers"][0], "name": "debug"}
        text = json.dumps(container)
        if pod["spec"]["containers"][0] != strict()["spec"]["containers"][0] and text not in seen:
            seen.add(text)
            yield container


def reasons(status: int, document: Document) -> list[str] | None:
    """Return the reasons of a refusal without their details, none of an acceptance, None of an invalid pod."""
    if status in {200, 201}:
        return []
    before, violates, text = document.get("message", "").partition('violates PodSecurity "')
    if status != 403 or not violates or not before:  # noqa: PLR2004
        return None
    text = text.partition('": ')[2]
    found, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth and text.startswith(", ", index):
            found.append(text[start:index])
            start = index + 2
    return [each.partition(" (")[0] for each in (*found, text[start:])]


def main() -> None:
    """Ask the server, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--token-file", required=True, help="a file whose first word, up to a comma, is the token")
    parser.add_argument("--pods", type=int, default=900, help="how many pods with several changes are made")
    asked = parser.parse_args()
    server = Server(asked.server, Path(asked.token_file).read_text().split(",")[0].strip())
    release = server.call("GET", "/version")[1]["gitVersion"]
    namespaces = []
    made = [{"pod": strict(), "debug": each} for each in debuggers()]
    for level in LEVELS:
        for version in VERSIONS:
            name = f"{level}-{version.replace('.', '-')}"
            namespaces.append(name)
            server.make("/api/v1/namespaces", {"metadata": {"name": name}})
            server.make(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
            server.make(f"/api/v1/namespaces/{name}/pods", {**strict(), "metadata": {"name": "before"}})
            patch = {"metadata": {"labels": {LABEL: level, f"{LABEL}-version": version}}}
            server.call("PATCH", f"/api/v1/namespaces/{name}", patch, Content_Type="application/merge-patch+json")
    verdicts: list[list[str]] = [[]]
    entries, invalid = [], Counter[str]()
    for entry in [*({"pod": each} for each in pods(asked.pods)), *made]:
        row = []
        for name in namespaces:
            path = f"/api/v1/namespaces/{name}/pods"
            if "debug" in entry:
                patch = {"spec": {"ephemeralContainers": [entry["debug"]]}}
                kind = "application/strategic-merge-patch+json"
                status, answer = server.call(
                    "PATCH", f"{path}/before/ephemeralcontainers?dryRun=All", patch, Content_Type=kind
                )
            else:
                body = {**entry["pod"], "metadata": {**entry["pod"]["metadata"], "name": "asked"}}
                status, answer = server.call("POST", f"{path}?dryRun=All", body)
            found = reasons(status, answer)
            if found is None:
                invalid[f"{status} {str(answer.get('message'))[:160]}"] += 1
                break
            if found not in verdicts:
                verdicts.append(found)
            row.append(verdicts.index(found))
        if len(row) == len(namespaces):
            entries.append({**entry, "verdicts": row})
    asked_of = [f"{level}:{version}" for level in LEVELS for version in VERSIONS]
    document = {"server": release, "asked": asked_of, "verdicts": verdicts, "pods": entries}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(lzma.compress(json.dumps(document, separators=(",", ":")).encode(), preset=9))
    for text, number in invalid.most_common():
        print(number, text)
    debugged = sum("debug" in each for each in entries)
    print(
        f"{len(entries)} pods, {debugged} of them with an ephemeral container; {sum(invalid.values())} invalid; {OUT}"
    )


if __name__ == "__main__":
    main()
