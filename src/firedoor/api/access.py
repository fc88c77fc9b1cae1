"""Who may do what, by the roles and bindings of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.api.results import Result
from firedoor.api.shapes import access
from firedoor.bootstrap import today
from firedoor.errors import UsageError
from firedoor.model.exceptions import Rules
from firedoor.model.findings import Severity
from firedoor.usecases.rbac import AskedPermission, can, show, who_can
from firedoor.usecases.rbac_risks import rbac_risks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from firedoor.model.access_answers import AccessAnswer, AccessHolders, AccessMatrix
    from firedoor.model.exceptions import Settings
    from firedoor.model.rbac_risks import RiskReport
    from firedoor.model.snapshot import Snapshot


class Access:
    """
    The questions of ``firedoor rbac``; it is `Cluster.rbac`.

    Verbs, resources and names are written as for kubectl: ``get pods``, ``create deployments.apps/scale``,
    ``get /healthz``. Without a namespace it is asked for all of them at once.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings, version: str) -> None:
        """Take what `Cluster` has."""
        self._snapshot = snapshot
        self._settings = settings
        self._version = version

    def can(
        self, user: str, verb: str, resource: str, name: str = "", *, namespace: str = "", groups: Sequence[str] = ()
    ) -> Result[AccessAnswer]:
        """
        Return whether a user may do something, and by which binding, role and rule (``firedoor rbac can``).

        A service account is the user ``system:serviceaccount:NAMESPACE:NAME``; groups that a name implies are added.
        """
        asked = AskedPermission(verb, resource, name, namespace)
        return Result(can(self._snapshot, asked, user, tuple(groups)), access.CAN)

    def who_can(
        self, verb: str, resource: str, name: str = "", *, namespace: str = "", indirect: bool = False
    ) -> Result[AccessHolders]:
        """
        Return who may do something, and through which rule (``firedoor rbac who-can``).

        With `indirect` also who can make itself able, in one step.
        """
        asked = AskedPermission(verb, resource, name, namespace)
        return Result(who_can(self._snapshot, asked, indirect=indirect), access.WHO_CAN)

    def show(self, user: str, *, namespace: str = "", groups: Sequence[str] = ()) -> Result[AccessMatrix]:
        """Return all that a user may do (``firedoor rbac show``)."""
        return Result(show(self._snapshot, user, tuple(groups), namespace), access.SHOW)

    def risks(
        self, *, namespace: str = "", severity: str = "info", usual: bool = False, day: date | None = None
    ) -> Result[RiskReport]:
        """
        Return dangerous permissions, with proof and remedy (``firedoor rbac risks``).

        `severity` is the least that is told; with `usual` also what comes with Kubernetes is. `day` is as for
        `Cluster.diagnose`.
        """
        if severity not in {each.value for each in Severity}:
            raise UsageError(f"there is no severity {severity!r}", remedy=f"use one of {', '.join(Severity)}")
        found = rbac_risks(
            self._snapshot,
            namespace=namespace,
            severity=Severity(severity),
            usual=usual,
            version=self._version,
            rules=Rules(day or today(), self._settings),
        )
        return Result(found, access.RISKS)
