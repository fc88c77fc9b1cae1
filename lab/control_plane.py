"""etcd, the API server and the controllers: enough for all that the API decides."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.asking import ask
from lab.keys import Authority, write_signing_key
from lab.places import binaries, missing
from lab.processes import Processes
from lab.troubles import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

_READY_SECONDS = 120.0
_PORTS = range(20_000, 32_000)
_ADMIN = "lab-admin"
PODS = "10.244.0.0/16"
"""The addresses of pods; the only node has the first /24."""
SERVICES = "10.43.0.0/16"
_AUDIT_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}
_ORDER = ("kube-controller-manager", "kube-apiserver", "etcd")


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """
    A control plane whose files, pids and logs are in `folder`.

    It listens on `address`, and its programs run where the command `through` brings them.
    """

    folder: Path
    address: str = "127.0.0.1"
    through: tuple[str, ...] = ()

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of a user of ``system:masters``."""
        return self.folder / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        """What the API server was asked, as audit events of level Metadata."""
        return self.folder / "audit.log"

    @property
    def _certificate(self) -> Path:
        return self.folder / "certificates/apiserver.crt"

    def up(self, tell: Callable[[str], None]) -> None:
        """Start what is not running yet; raises ``LabError`` when it does not get ready."""
        absent = missing()
        if absent:
            message = f"not built yet: {', '.join(absent)} in {binaries()}; build with `python -m lab build`"
            raise LabError(message)
        if self.is_up():
            return
        self.down()
        client, peer, port = _free_ports(3)
        self._write_files(port)
        processes = Processes(self.folder)
        tell("starting etcd")
        processes.start("etcd", self._etcd(client, peer), self.through)
        tell("starting kube-apiserver")
        processes.start("kube-apiserver", self._api_server(client, port), self.through)
        self._wait(processes)
        tell("starting kube-controller-manager")
        processes.start("kube-controller-manager", self._controllers(), self.through)

    def is_up(self) -> bool:
        """Return whether all programs run."""
        processes = Processes(self.folder)
        return all(processes.is_running(name) for name in _ORDER)

    def down(self) -> None:
        """End all programs and remove all files."""
        processes = Processes(self.folder)
        for name in dict.fromkeys((*_ORDER, *processes.names())):
            processes.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_files(self, port: int) -> None:
        """Write keys, tokens and the kubeconfig, readable by nobody else."""
        self.folder.mkdir(parents=True, mode=0o700)
        token = secrets.token_hex(16)
        write_signing_key(self.folder / "service-accounts.key")
        authority = Authority(self.folder)
        authority.write()
        authority.issue("kubelet-client", "kube-apiserver-kubelet-client", ["system:masters"])
        (self.folder / "tokens.csv").write_text(f'{token},{_ADMIN},{_ADMIN},"system:masters"\n', encoding="utf-8")
        (self.folder / "audit-policy.yaml").write_text(json.dumps(_AUDIT_POLICY), encoding="utf-8")
        server = {"server": f"https://{self.address}:{port}", "certificate-authority": str(self._certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": server}],
            "users": [{"name": _ADMIN, "user": {"token": token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": _ADMIN}}],
            "current-context": "lab",
        }
        self.kubeconfig.write_text(json.dumps(config, indent=1), encoding="utf-8")

    def _etcd(self, client: int, peer: int) -> list[str]:
        here, there = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        settings = {
            "data-dir": self.folder / "etcd",
            "listen-client-urls": here,
            "advertise-client-urls": here,
            "listen-peer-urls": there,
            "initial-advertise-peer-urls": there,
            "initial-cluster": f"default={there}",
            "unsafe-no-fsync": "true",
        }
        return [str(binaries() / "etcd"), *_flags(settings)]

    def _api_server(self, client: int, port: int) -> list[str]:
        key = self.folder / "service-accounts.key"
        settings = {
            "etcd-servers": f"http://127.0.0.1:{client}",
            "bind-address": self.address,
            "advertise-address": self.address,
            "secure-port": port,
            "cert-dir": self.folder / "certificates",
            "authorization-mode": "RBAC",
            "token-auth-file": self.folder / "tokens.csv",
            "service-account-issuer": f"https://{self.address}:{port}",
            "service-account-key-file": key,
            "service-account-signing-key-file": key,
            "service-cluster-ip-range": SERVICES,
            "kubelet-certificate-authority": Authority(self.folder).certificate,
            "kubelet-client-certificate": self.folder / "kubelet-client.crt",
            "kubelet-client-key": self.folder / "kubelet-client.key",
            "kubelet-preferred-address-types": "InternalIP",
            "audit-policy-file": self.folder / "audit-policy.yaml",
            "audit-log-path": self.audit_log,
        }
        return [str(binaries() / "kube-apiserver"), *_flags(settings)]

    def _controllers(self) -> list[str]:
        settings = {
            "kubeconfig": self.kubeconfig,
            "leader-elect": "false",
            "bind-address": "127.0.0.1",
            "secure-port": 0,
            "cert-dir": self.folder / "certificates",
            "use-service-account-credentials": "false",
            "service-account-private-key-file": self.folder / "service-accounts.key",
            "root-ca-file": self._certificate,
            "allocate-node-cidrs": "true",
            "cluster-cidr": PODS,
        }
        return [str(binaries() / "kube-controller-manager"), *_flags(settings)]

    def _wait(self, processes: Processes) -> None:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            for name in ("etcd", "kube-apiserver"):
                processes.check(name)
            if self._certificate.is_file() and ask(self.kubeconfig, "/readyz") is not None:
                return
            time.sleep(0.2)
        message = f"the API server is not ready after {_READY_SECONDS:.0f} s: {processes.last_words('kube-apiserver')}"
        raise LabError(message)


def _flags(settings: dict[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in settings.items()]


def _free_ports(count: int) -> list[int]:
    """
    Return ports of the loopback address that nobody listens on, all different.

    They are none of those that the kernel gives to whoever asks for any: until a program listens, and while it is
    restarted, a connection of another could have it.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        ports += [port] if port not in ports else []
    return ports
