"""What the programs of a node are told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from lab.control_plane import PODS
from lab.images import PAUSE
from lab.places import binaries
from lab.requirements import PLUGINS, found

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lab-node"
SOCKET = "/run/containerd/containerd.sock"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """
    The files in `folder` and the commands of the programs of a node.

    It has an `address`, makes its control groups below `group`, and reports to the API server of `kubeconfig`.
    """

    folder: Path
    kubeconfig: Path
    address: str
    group: str

    def write_runtime(self) -> None:
        """Write the files of the container runtime and of the network of pods."""
        (self.folder / "cni").mkdir()
        (self.folder / "cni/10-lab.conflist").write_text(json.dumps(_plugins()), encoding="utf-8")
        (self.folder / "containerd.toml").write_text(self._containerd(), encoding="utf-8")

    def write(self, authority: Path, certificate: Path, key: Path) -> None:
        """Write the other files; the kubelet serves with a certificate, and believes clients of an authority."""
        kubelet = self._kubelet() | {
            "tlsCertFile": str(certificate),
            "tlsPrivateKeyFile": str(key),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(authority)},
            },
        }
        (self.folder / "kubelet.json").write_text(json.dumps(kubelet), encoding="utf-8")
        (self.folder / "kube-proxy.json").write_text(json.dumps(self._proxy()), encoding="utf-8")

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each program that asks the API server."""
        return {
            "kube-scheduler": [
                str(binaries() / "kube-scheduler"),
                f"--kubeconfig={self.kubeconfig}",
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--secure-port=0",
            ],
            "kubelet": [
                str(binaries() / "kubelet"),
                f"--config={self.folder / 'kubelet.json'}",
                f"--kubeconfig={self.kubeconfig}",
                f"--hostname-override={NAME}",
                f"--node-ip={self.address}",
            ],
            "kube-proxy": [str(binaries() / "kube-proxy"), f"--config={self.folder / 'kube-proxy.json'}"],
        }

    def containerd(self) -> list[str]:
        """Return the command of the container runtime."""
        return [found("containerd"), "--config", str(self.folder / "containerd.toml")]

    def enforcer(self) -> list[str]:
        """Return the command of the enforcer: kube-router's firewall, without its routes and its Services."""
        return [
            str(binaries() / "kube-router"),
            f"--kubeconfig={self.kubeconfig}",
            f"--hostname-override={NAME}",
            "--run-firewall=true",
            "--run-router=false",
            "--run-service-proxy=false",
            "--run-loadbalancer=false",
            "--health-port=0",
            "--v=1",
        ]

    def _containerd(self) -> str:
        runtime = "plugins.'io.containerd.grpc.v1.cri'"
        lines = [
            "version = 2",
            f"[{runtime}]",
            f"sandbox_image = '{PAUSE}'",
            # Without CAP_SYS_RESOURCE nothing may ask to be spared when memory is short.
            "restrict_oom_score_adj = true",
            # A profile would be loaded into the kernel of this machine, and stay.
            "disable_apparmor = true",
            f"[{runtime}.cni]",
            f"bin_dir = '{PLUGINS}'",
            f"conf_dir = '{self.folder / 'cni'}'",
            f"[{runtime}.containerd.runtimes.runc]",
            "runtime_type = 'io.containerd.runc.v2'",
            "[plugins.'io.containerd.internal.v1.opt']",
            "path = '/var/lib/containerd/opt'",
        ]
        return "\n".join(lines) + "\n"

    def _kubelet(self) -> dict[str, object]:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "failCgroupV1": False,
            "cgroupRoot": f"/{self.group}",
            "enforceNodeAllocatable": [],
            "oomScoreAdj": 0,
            "failSwapOn": False,
            "localStorageCapacityIsolation": False,
            "containerRuntimeEndpoint": f"unix://{SOCKET}",
            "volumePluginDir": "/var/lib/kubelet/volume-plugins",
            "resolvConf": "",
            "evictionHard": {"memory.available": "1Mi"},
            "imageGCHighThresholdPercent": 100,
            "address": self.address,
            "healthzPort": 0,
            "maxPods": 200,
        }

    def _proxy(self) -> dict[str, object]:
        return {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(self.kubeconfig)},
            "hostnameOverride": NAME,
            "mode": "iptables",
            "clusterCIDR": PODS,
            "healthzBindAddress": "",
            "metricsBindAddress": "127.0.0.1:10249",
            "iptables": {"minSyncPeriod": "100ms"},
            # These are settings of the whole kernel.
            "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        }


def _plugins() -> dict[str, object]:
    """Return a network in which each packet of a pod is routed, so that it passes where an enforcer looks at it."""
    pods = next(ip_network(PODS).subnets(new_prefix=24))
    addresses = {"type": "host-local", "ranges": [[{"subnet": str(pods)}]], "routes": [{"dst": "0.0.0.0/0"}]}
    return {"cniVersion": "1.0.0", "name": "lab", "plugins": [{"type": "ptp", "ipam": addresses}]}
