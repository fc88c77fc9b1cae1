"""
What firedoor says to pods is what a real API server said to them.

`tools/record_pod_security.py` recorded the answers of its PodSecurity admission plugin.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from firedoor.engine.pod_security import CONTROLS, Level, judge, parse_version
from firedoor.model.decoding import decode
from firedoor.model.places import Place
from firedoor.model.server_version import minor_version
from firedoor.model.workloads import Pod

RECORDED: dict[str, Any] = json.loads(
    lzma.decompress((Path(__file__).parents[2] / "recorded/pod_security.json.xz").read_bytes())
)
REASONS = {
    "allowPrivilegeEscalation": "allowPrivilegeEscalation != false",
    "appArmorProfile": "forbidden AppArmor profile",
    "capabilities_baseline": "non-default capabilities",
    "capabilities_restricted": "unrestricted capabilities",
    "hostNamespaces": "host namespaces",
    "hostPathVolumes": "hostPath volumes",
    "hostPorts": "hostPort",
    "hostProbesAndHostLifecycle": "probe or lifecycle host",
    "privileged": "privileged",
    "procMount": "procMount",
    "procMount_restricted": "procMount",
    "restrictedVolumes": "restricted volume types",
    "runAsNonRoot": "runAsNonRoot != true",
    "runAsUser": "runAsUser=0",
    "seLinuxOptions": "seLinuxOptions",
    "seccompProfile_baseline": "seccompProfile",
    "seccompProfile_restricted": "seccompProfile",
    "sysctls": "forbidden sysctls",
    "windowsHostProcess": "hostProcess",
}
"""What the API server calls a violation of each control; of two with one name, a level has one."""


def pod_of(entry: dict[str, Any]) -> Pod:
    manifest = {"apiVersion": "v1", "kind": "Pod", **json.loads(json.dumps(entry["pod"]))}
    if "debug" in entry:
        manifest["spec"]["ephemeralContainers"] = [entry["debug"]]
    found = decode(manifest, Place(), "default")
    assert isinstance(found, Pod)
    return found


NAMED = [[name.replace("profiles", "profile") for name in names] for names in RECORDED["verdicts"]]
"""The verdicts, of which AppArmor's comes in the plural too."""

PODS = [(pod_of(each), each["verdicts"]) for each in RECORDED["pods"]]


@pytest.mark.parametrize("column", range(len(RECORDED["asked"])), ids=RECORDED["asked"])
def test_the_controls_that_a_pod_violates_are_those_that_the_server_named(column: int) -> None:
    level, _, text = RECORDED["asked"][column].partition(":")
    version = parse_version(text)
    assert version is not None
    server = minor_version(RECORDED["server"])
    wrong = []
    for pod, verdicts in PODS:
        expected = NAMED[verdicts[column]]
        found = judge(pod.metadata, pod.spec, Level(level), version, server)
        if [REASONS[each.control.id] for each in found] != expected:
            wrong.append((pod, [each.control.id for each in found], expected))
    assert wrong == []


def test_the_recording_is_large_and_has_every_control_violated_and_kept() -> None:
    assert len(PODS) >= 1000
    assert sum("debug" in each for each in RECORDED["pods"]) >= 30
    refused = Counter(bool(RECORDED["verdicts"][each]) for _, verdicts in PODS for each in verdicts)
    assert min(refused.values()) > sum(refused.values()) / 10
    assert {name for names in NAMED for name in names} == {REASONS[each.id] for each in CONTROLS}
