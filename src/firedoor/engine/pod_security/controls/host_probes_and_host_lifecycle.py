"""Probes and lifecycle hooks that let the node's agent send requests elsewhere than to the pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt
    from firedoor.model.probes import Handler
    from firedoor.model.workloads import Container


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for each in pod.containers:
        for field, handler in _handlers(each.container):
            if handler is None:
                continue
            for way, target in (("httpGet", handler.http_get), ("tcpSocket", handler.tcp_socket)):
                if target is not None and target.host:
                    path = f"{each.path}.{field}.{way}.host"
                    yield Fault(path, f"{each.words}: {field} asks {target.host}", Setting(path, None))


def _handlers(container: Container) -> Iterator[tuple[str, Handler | None]]:
    yield "livenessProbe", container.liveness_probe
    yield "readinessProbe", container.readiness_probe
    yield "startupProbe", container.startup_probe
    if container.lifecycle is not None:
        yield "lifecycle.postStart", container.lifecycle.post_start
        yield "lifecycle.preStop", container.lifecycle.pre_stop


CONTROL = Control(
    "hostProbesAndHostLifecycle", Level.BASELINE, "hosts of probes and lifecycle hooks", _faults, since=34
)
