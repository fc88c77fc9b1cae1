"""What is found of namespaces for custom resources, and the status that an object of the cluster is to have."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from firedoor.model.exposure import Exposure
from firedoor.model.findings import Finding, Severity
from firedoor.model.intents import IntentResult
from firedoor.model.inventory import CoverageRow
from firedoor.model.namespace_peers import WorkloadPeers
from firedoor.model.zero_trust import ZeroTrustBaseline


class BaselineResult(Struct, frozen=True, gc=False):
    """
    What was found of a baseline.

    `fault` says what is wrong with it and `remedy` what to do, both empty where nothing is. `undecided` is why
    nothing could be judged. `left` are the findings that are too grave, `excepted` counts those under an exception.
    """

    baseline: ZeroTrustBaseline
    fault: str = ""
    remedy: str = ""
    undecided: str = ""
    results: tuple[IntentResult, ...] = ()
    left: tuple[Finding, ...] = ()
    excepted: int = 0
    active: int = 0
    expired: int = 0

    @property
    def holds(self) -> bool | None:
        """Whether all is as it says; None where that is not known."""
        if self.fault or self.undecided:
            return None
        failing = [each for each in self.results if each.is_failure]
        if self.left or any(not each.is_unknown for each in failing):
            return False
        return None if failing else True


class NamespaceReport(Struct, frozen=True, gc=False):
    """
    What was found of a namespace.

    `more` is how many workloads there are besides those in `workloads`, `ports` how many ports are exposed, those
    besides `exposed` included. `worst` are the gravest findings, `severities` counts all of them.
    """

    coverage: CoverageRow
    workloads: tuple[WorkloadPeers, ...] = ()
    more: int = 0
    exposed: tuple[Exposure, ...] = ()
    ports: int = 0
    worst: tuple[Finding, ...] = ()
    severities: dict[Severity, int] = {}
    excepted: int = 0


class WantedStatus(Struct, frozen=True, gc=False):
    """
    The status that an object is to have, without the instants in it.

    One with a `uid` is there, and is another than one of that name before; one without is made and removed by firedoor.
    """

    kind: str
    plural: str
    namespace: str
    name: str
    status: dict[str, Any]
    uid: str = ""
