"""Where the lab keeps what it builds and what it runs."""

from __future__ import annotations

import os
from pathlib import Path

KUBERNETES = "1.36.3"
"""The version that ``modules/kubernetes/go.mod`` requires."""

MODULES = Path(__file__).parent / "modules"
PROGRAMS = {
    "etcd": ("etcd", "go.etcd.io/etcd/server/v3"),
    "kube-apiserver": ("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"),
    "kube-controller-manager": ("kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"),
}
"""The programs of the control plane: the folder of the module that pins each, and its package."""

NODE_PROGRAMS = {
    "kube-scheduler": ("kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"),
    "kubelet": ("kubernetes", "k8s.io/kubernetes/cmd/kubelet"),
    "kube-proxy": ("kubernetes", "k8s.io/kubernetes/cmd/kube-proxy"),
    "kube-router": ("kube-router", "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router"),
    "agnhost": ("kubernetes", "k8s.io/kubernetes/test/images/agnhost"),
}
"""The programs that a node needs besides; ``agnhost`` is what its pods run."""

PROMTOOL = "3.7.3"
"""The version of Prometheus that ``modules/promtool/go.mod`` requires, there as 0.307.3."""


def promtool() -> Path:
    """Return where ``python -m lab promtool`` puts the program that judges alerts."""
    return cache() / f"promtool-{PROMTOOL}" / "promtool"


def binaries() -> Path:
    """Return the folder of the programs; ``KUBEBUILDER_ASSETS`` names one as it does for other tools."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(given) if given else cache() / f"kubernetes-{KUBERNETES}"


def cache() -> Path:
    """Return the folder for what takes long to make; it is never inside of the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "firedoor-lab"


def missing(*, node: bool = False) -> list[str]:
    """Return the programs that are not built yet, those of a node included where one is wanted."""
    folder = binaries()
    wanted = [*PROGRAMS, *NODE_PROGRAMS] if node else [*PROGRAMS]
    return [name for name in wanted if not os.access(folder / name, os.X_OK)]
