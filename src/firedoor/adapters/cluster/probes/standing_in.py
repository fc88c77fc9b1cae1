"""Pods of our own that stand in for the pods of workloads; the workloads are not touched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes import agnhost, manifests
from firedoor.adapters.cluster.probes.leftovers import KINDS
from firedoor.adapters.cluster.probes.objects import RefusedError, why
from firedoor.adapters.cluster.probes.pacing import at_once
from firedoor.adapters.cluster.probes.pod_states import have_all_begun, stand_of, state_of
from firedoor.adapters.cluster.probes.services import has_ipv4
from firedoor.adapters.cluster.probes.settings import RUN_LABEL, SITE_LABEL
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.cluster.probes.anchors import Anchors
    from firedoor.adapters.cluster.probes.channel import Channel
    from firedoor.adapters.cluster.probes.objects import Objects
    from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run
    from firedoor.interfaces import Progress
    from firedoor.model.probing import Outcome, ProbeSite, Stand

Manifest = dict[str, Any]

_PAUSE = 0.5
_LISTENING_PAUSE = 1.0
"""From the start of a container to the moment when it listens."""
EXTRA = 20.0
"""What a command may take besides the attempt itself: to reach the node, and to be started there."""
_MOST_EACH = 4
_CONSTRAINT = "unable to validate against any security context constraint"
"""How OpenShift begins to say that a user, or something else of the pod, is not allowed in a namespace."""
_OF_THE_NODE = frozenset({"topology.kubernetes.io/region", "topology.kubernetes.io/zone"})
"""Labels that the API server itself gives to a pod, from its node."""


class StandIns:
    """Probe pods as the ends of connections."""

    def __init__(self, objects: Objects, channel: Channel, anchors: Anchors, run: Run, settings: ProbeSettings) -> None:
        """Make them in this cluster, for this run."""
        self._objects = objects
        self._channel = channel
        self._anchors = anchors
        self._run = run
        self._settings = settings
        self._sites: Sequence[ProbeSite] = ()
        self._stands: dict[int, Stand] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """All of them."""
        return KINDS

    @property
    def most_each(self) -> int:
        """As many as its memory has room for, and its processor time."""
        return _MOST_EACH

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> dict[int, str]:
        """Make a pod for each site, and return the sites whose pod is refused or does not start."""
        self._sites = sites
        unusable = self._anchored(sites)
        usable = [position for position in range(len(sites)) if position not in unusable]
        if not usable:
            return unusable
        serves_ipv4 = has_ipv4(self._objects, self._run, sites[usable[0]].namespace)
        made: set[int] = set()
        for position, fault in at_once(
            lambda each: (each, self._make(each, serves_ipv4=serves_ipv4)), usable, self._settings.concurrency
        ):
            if fault:
                unusable[position] = fault
            else:
                made.add(position)
            progress.step("probe pods made", len(made), len(usable))
        unusable.update(self._await(made, progress))
        return unusable

    def address(self, position: int) -> str:
        """Return the address of the pod of a site."""
        return self._stands[position].addresses[0]

    def stand(self, position: int) -> Stand:
        """Return the pod of a site."""
        return self._stands[position]

    def selector(self, position: int) -> dict[str, str]:
        """Return the labels of the pod of a site that no other has."""
        return {RUN_LABEL: self._run.id, SITE_LABEL: str(position)}

    def attempt(self, position: int, protocol: str, host: str, port: int) -> tuple[Outcome, str]:
        """Return what the pod of a site sees of a connection."""
        seconds = self._settings.timeout
        command = agnhost.connecting(protocol, host, port, seconds)
        name = self._run.site_name(position)
        ran = self._channel.run(self._sites[position].namespace, name, manifests.MAIN, command, seconds + EXTRA)
        return agnhost.seen(ran, protocol, host)

    def close(self) -> None:
        """Do nothing: all is found by its label."""

    def _anchored(self, sites: Sequence[ProbeSite]) -> dict[int, str]:
        """Return the sites of namespaces where nothing can be made; raises ``SourceError`` where that is everywhere."""
        namespaces = sorted({each.namespace for each in sites})
        faults: dict[str, str] = {}
        broken: SourceError | None = None
        publishing: dict[str, list[Manifest]] = {}
        for namespace in namespaces:
            try:
                publishing[namespace] = self._publishing(namespace)
                self._anchors.owner(namespace)
            except RefusedError as error:
                faults[namespace] = why(error)
            except SourceError as error:
                faults[namespace], broken = why(error), error
        if broken is not None and len(faults) == len(namespaces):
            raise broken
        unusable = {}
        for position, site in enumerate(sites):
            fault = faults.get(site.namespace) or _published(site, publishing[site.namespace])
            if fault:
                unusable[position] = fault
        return unusable

    def _publishing(self, namespace: str) -> list[Manifest]:
        """Return the services that lead to pods that are not ready, too (``spec.publishNotReadyAddresses``)."""
        found = self._objects.list("Service", namespace)
        return [each for each in found if each["spec"].get("publishNotReadyAddresses") and each["spec"].get("selector")]

    def _make(self, position: int, *, serves_ipv4: bool) -> str:
        """Return why the pod of a site cannot be made, or is not what was asked for; empty where all is well."""
        site = self._sites[position]
        owner = self._anchors.owner(site.namespace)
        wanted = manifests.pod(self._run, self._settings, position, site, owner, has_ipv4=serves_ipv4)
        try:
            made = self._created(wanted, site.namespace)
        except (RefusedError, SourceError) as error:
            return f"the probe pod was refused: {why(error)}"
        return _altered(wanted, made)

    def _created(self, wanted: Manifest, namespace: str) -> Manifest:
        """Return the pod that was made; where OpenShift wants to choose the user itself, it does."""
        try:
            return self._objects.create(wanted, namespace)
        except RefusedError as error:
            if _CONSTRAINT not in error.problem:
                raise
            return self._objects.create(manifests.of_any_user(wanted), namespace)

    def _await(self, positions: set[int], progress: Progress) -> dict[int, str]:
        """Return the sites whose pods do not start, and keep the addresses of the others."""
        names = {self._run.site_name(each): each for each in positions}
        namespaces = sorted({self._sites[each].namespace for each in positions})
        total = len(positions)
        waiting = dict.fromkeys(positions, "it has not been seen yet")
        unusable: dict[int, str] = {}
        end = time.monotonic() + self._settings.ready_timeout
        while waiting:
            seen: set[int] = set()
            for namespace in namespaces:
                for pod in self._objects.list("Pod", namespace, self._run.selector):
                    position = names.get(pod["metadata"]["name"], -1)
                    seen.add(position)
                    if position not in waiting:
                        continue
                    state = state_of(pod, manifests.MAIN)
                    waiting[position] = state.waiting
                    if state.is_ready and have_all_begun(pod):
                        self._stands[position] = stand_of(pod, state.addresses)
                    elif state.fault:
                        unusable[position] = state.fault
                    else:
                        continue
                    del waiting[position]
            for gone in waiting.keys() - seen:
                unusable[gone] = "the probe pod was deleted by somebody else"
                del waiting[gone]
            progress.step("probe pods started", total - len(waiting), total)
            if waiting and time.monotonic() >= end:
                late = f"the probe pod did not start within {self._settings.ready_timeout:g} s"
                return unusable | {each: f"{late}: {reason}" for each, reason in waiting.items()}
            if waiting:
                time.sleep(_PAUSE)
        time.sleep(_LISTENING_PAUSE)
        return unusable


def _published(site: ProbeSite, publishing: Sequence[Manifest]) -> str:
    """Return which service would send traffic to a pod with the labels of a site although it is never ready."""
    for each in publishing:
        if each["spec"]["selector"].items() <= site.labels.items():
            name = each["metadata"]["name"]
            return (
                f"Service {site.namespace}/{name} leads to pods that are not ready too (publishNotReadyAddresses), "
                "and so it would lead to a probe pod; probe from the real pod instead (exec or debug)"
            )
    return ""


def _altered(wanted: Manifest, made: Manifest) -> str:
    """Return why a pod is not the one that was asked for: something was put in, or its labels were changed."""
    kinds = ("containers", "initContainers")
    ours = {each["name"] for kind in kinds for each in wanted["spec"].get(kind) or ()}
    added = [each["name"] for kind in kinds for each in made["spec"].get(kind) or () if each["name"] not in ours]
    if added:
        return (
            f"an admission webhook put {', '.join(added)} into the probe pod, which may answer in place of the "
            "network; probe from the real pod instead (exec or debug)"
        )
    labels = {key: value for key, value in made["metadata"].get("labels", {}).items() if key not in _OF_THE_NODE}
    changed = sorted(dict(labels.items() ^ wanted["metadata"]["labels"].items()).keys() - _OF_THE_NODE)
    if changed:
        return f"an admission webhook changed labels of the probe pod, by which policies choose: {', '.join(changed)}"
    return ""
