"""ZeroTrustBaseline: what people want of a namespace, written down in the cluster (``firedoor.dev/v1alpha1``)."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from firedoor.model.exceptions import Waiver
from firedoor.model.findings import Severity
from firedoor.model.intents import Intent
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place

GROUP = "firedoor.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
BASELINE = "ZeroTrustBaseline"
REPORT = "ConnectivityReport"
REPORT_NAME = "firedoor"
"""The name of the report of each namespace."""


class ZeroTrustBaseline(Struct, frozen=True, gc=False):
    """
    An object of the kind, its specification as the API gives it.

    `generation` is ``metadata.generation``, 0 in manifests. The status is left out, so that one that is written makes
    no other object of it.
    """

    metadata: ObjectMeta
    spec: Any = None
    generation: int = 0
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(BASELINE, self.metadata.namespace, self.metadata.name)


class IntentWaiver(Struct, frozen=True, gc=False):
    """An intent that need not hold for a while, why, and the last day of that."""

    intent: str
    reason: str
    expires: date | None = None

    def holds_on(self, today: date) -> bool:
        """Return whether it still holds on a day."""
        return self.expires is None or today <= self.expires


class BaselineSpec(Struct, frozen=True, gc=False):
    """
    What a baseline says.

    With `fail_on` no finding of that severity or worse is to be left in the namespace; `waivers` are exceptions from
    checks, `excepted` those from intents.
    """

    intents: tuple[Intent, ...] = ()
    fail_on: Severity | None = None
    waivers: tuple[Waiver, ...] = ()
    excepted: tuple[IntentWaiver, ...] = ()


def zero_trust_baseline(document: dict[str, Any], metadata: ObjectMeta, place: Place) -> ZeroTrustBaseline:
    """Return the object of a parsed document."""
    found = document.get("metadata")
    generation = found.get("generation") if isinstance(found, dict) else 0
    number = generation if isinstance(generation, int) else 0
    return ZeroTrustBaseline(metadata, document.get("spec"), number, place)
