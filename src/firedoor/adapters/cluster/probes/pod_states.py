"""How far a pod has come, as its status says."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from firedoor.model.probing import Stand

Manifest = dict[str, Any]

_STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
_ENDED = frozenset({"Failed", "Succeeded"})


class PodState(Struct, frozen=True, gc=False):
    """
    The state of a pod, or of one of its containers.

    Ready pods have `addresses`. A pod that will not get ready, or is no more, has a `fault`;
    others say in `waiting` what they wait for.
    """

    is_ready: bool
    addresses: tuple[str, ...] = ()
    fault: str = ""
    waiting: str = ""


def state_of(pod: Manifest, container: str, statuses: str = "containerStatuses") -> PodState:
    """Return the state of one container (``status.containerStatuses`` or the like) and of the pod around it."""
    status = pod.get("status") or {}
    if pod["metadata"].get("deletionTimestamp"):
        return PodState(is_ready=False, fault="the pod is being deleted by somebody else")
    if status.get("phase") in _ENDED:
        said = [status.get("reason"), status.get("message"), _end(status, container, statuses)]
        return PodState(is_ready=False, fault=f"the pod has ended: {_joined(said) or status['phase']}")
    found = next((each for each in status.get(statuses) or () if each["name"] == container), None)
    state = (found or {}).get("state") or {}
    addresses = addresses_of(pod)
    if state.get("running") is not None and addresses:
        return PodState(is_ready=True, addresses=addresses)
    if state.get("terminated"):
        return PodState(is_ready=False, fault=f"its container ended: {_end(status, container, statuses)}")
    waiting = state.get("waiting") or {}
    said = [waiting.get("reason"), waiting.get("message")]
    if waiting.get("reason") in _STUCK:
        return PodState(is_ready=False, fault=_joined(said))
    return PodState(is_ready=False, waiting=_joined(said) or _unscheduled(status) or "it has not been started")


def have_all_begun(pod: Manifest) -> bool:
    """Return whether each container runs, or has ended already."""
    states = [each.get("state") or {} for each in (pod.get("status") or {}).get("containerStatuses") or ()]
    begun = [each for each in states if each.get("running") is not None or each.get("terminated")]
    return len(begun) == len(pod["spec"]["containers"])


def addresses_of(pod: Manifest) -> tuple[str, ...]:
    """Return the addresses of a pod (``status.podIPs``)."""
    return tuple(each["ip"] for each in (pod.get("status") or {}).get("podIPs") or () if each.get("ip"))


def preferred(addresses: tuple[str, ...]) -> str:
    """Return the address that probes go to: an IPv4 one where there is one."""
    return next((each for each in addresses if ":" not in each), addresses[0])


def _end(status: Manifest, container: str, statuses: str) -> str:
    for each in status.get(statuses) or ():
        ended = (each.get("state") or {}).get("terminated")
        if each["name"] == container and ended:
            return _joined([ended.get("reason"), ended.get("message"), f"exit code {ended.get('exitCode')}"])
    return ""


def _unscheduled(status: Manifest) -> str:
    for each in status.get("conditions") or ():
        if each.get("type") == "PodScheduled" and each.get("status") == "False":
            return _joined([each.get("reason"), each.get("message")])
    return ""


def _joined(parts: list[Any]) -> str:
    return ": ".join(" ".join(str(each).split()) for each in parts if each)


def stand_of(pod: Manifest, addresses: tuple[str, ...]) -> Stand:
    """Return where a pod is; of its addresses the one comes first that connections go to."""
    first = preferred(addresses)
    others = (each for each in addresses if each != first)
    return Stand(pod["metadata"]["name"], pod["spec"].get("nodeName", ""), (first, *others))
