"""How far pods have come, by statuses as a kubelet writes them."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.adapters.cluster.probes.pod_states import have_all_begun, preferred, state_of

RUNNING = {"name": "probe", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}


def pod(deleted: str = "", **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p", **({"deletionTimestamp": deleted} if deleted else {})}, "status": status}


def test_a_pod_whose_container_runs_is_ready_whatever_its_gates_say() -> None:
    conditions = [{"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady"}]
    state = state_of(
        pod(phase="Running", conditions=conditions, podIPs=[{"ip": "10.0.0.7"}], containerStatuses=[RUNNING]), "probe"
    )
    assert (state.is_ready, state.addresses) == (True, ("10.0.0.7",))


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (pod("2026-01-01T00:00:00Z", phase="Running"), "the pod is being deleted by somebody else"),
        (
            pod(phase="Failed", reason="OutOfcpu", message="Pod was rejected: Node didn't have enough resource"),
            "the pod has ended: OutOfcpu: Pod was rejected: Node didn't have enough resource",
        ),
        (pod(phase="Failed"), "the pod has ended: Failed"),
        (
            pod(
                phase="Pending",
                containerStatuses=[
                    {"name": "probe", "state": {"waiting": {"reason": "ErrImagePull", "message": "not\nfound"}}}
                ],
            ),
            "ErrImagePull: not found",
        ),
        (
            pod(
                phase="Running",
                containerStatuses=[{"name": "probe", "state": {"terminated": {"reason": "Error", "exitCode": 2}}}],
            ),
            "its container ended: Error: exit code 2",
        ),
    ],
)
def test_a_pod_that_will_not_get_ready_has_a_fault_at_once(found: dict[str, Any], fault: str) -> None:
    state = state_of(found, "probe")
    assert (state.is_ready, state.fault) == (False, fault)


@pytest.mark.parametrize(
    ("found", "waiting"),
    [
        (pod(), "it has not been started"),
        (
            pod(
                phase="Pending",
                conditions=[
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
                ],
            ),
            "Unschedulable: 0/3 nodes",
        ),
        (
            pod(containerStatuses=[{"name": "probe", "state": {"waiting": {"reason": "ContainerCreating"}}}]),
            "ContainerCreating",
        ),
        (pod(containerStatuses=[RUNNING]), "it has not been started"),
    ],
)
def test_a_pod_that_may_get_ready_says_what_it_waits_for(found: dict[str, Any], waiting: str) -> None:
    state = state_of(found, "probe")
    assert (state.is_ready, state.fault, state.waiting) == (False, "", waiting)


def test_listeners_that_have_ended_are_not_waited_for() -> None:
    ended = {"name": "sctp", "state": {"terminated": {"exitCode": 255}}}
    waiting = {"name": "sctp", "state": {"waiting": {"reason": "ContainerCreating"}}}
    for statuses, expected in (([RUNNING, ended], True), ([RUNNING, waiting], False), ([RUNNING], False)):
        found = pod(containerStatuses=statuses) | {"spec": {"containers": [{}, {}]}}
        assert have_all_begun(found) is expected


def test_ipv4_is_preferred() -> None:
    assert preferred(("fd00::7", "10.0.0.7")) == "10.0.0.7"
    assert preferred(("fd00::7",)) == "fd00::7"
