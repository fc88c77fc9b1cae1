"""One workload of a plan: what all its pods have in common."""

from __future__ import annotations

from dataclasses import dataclass

DEPLOYMENT, STATEFUL_SET, JOB, DAEMON_SET = "Deployment", "StatefulSet", "Job", "DaemonSet"
WORKLOADS = (DEPLOYMENT, STATEFUL_SET, JOB)


@dataclass(frozen=True, slots=True)
class Workload:
    """
    A Deployment, StatefulSet, Job or DaemonSet with its pods.

    `labels` are those of the pod template; each kind adds its own. `ports` are
    ``(name, number, protocol)``. `seed` makes hashes and settings differ from one
    workload to the next.
    """

    kind: str
    namespace: str
    name: str
    app: str
    labels: dict[str, str]
    replicas: int
    ports: tuple[tuple[str, int, str], ...]
    seed: int
    containers: int = 1
    host_network: bool = False

    @property
    def hashed(self) -> str:
        """The hash of the pod template, as a ReplicaSet's name ends with it."""
        return f"{self.seed & 0xFFFFFFFFFF:010x}"

    @property
    def owner(self) -> tuple[str, str, str]:
        """API version, kind and name of the object that owns the pods."""
        if self.kind == DEPLOYMENT:
            return "apps/v1", "ReplicaSet", f"{self.name}-{self.hashed}"
        return ("batch/v1" if self.kind == JOB else "apps/v1"), self.kind, self.name

    @property
    def uid(self) -> str:
        """The uid of the owner."""
        text = f"{self.seed:016x}"
        return f"{text[:8]}-{text[8:12]}-4{text[12:15]}-8{text[:3]}-{text[4:]}"
