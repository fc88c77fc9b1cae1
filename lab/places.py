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
"""The programs that are run: the folder of the module that pins each, and its package."""


def binaries() -> Path:
    """Return the folder of the programs; ``KUBEBUILDER_ASSETS`` names one as it does for other tools."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(given) if given else cache() / f"kubernetes-{KUBERNETES}"


def cache() -> Path:
    """Return the folder for what takes long to make; it is never inside of the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "firedoor-lab"


def running() -> Path:
    """Return the folder of the lab that `just lab-up` starts."""
    return cache() / "run"


def missing() -> list[str]:
    """Return the programs that are not built yet."""
    folder = binaries()
    return [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
